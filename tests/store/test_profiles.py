import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.files import StoreProblem
from mailgui.store.profile import Profile
from mailgui.store.profile_format import ProfileProblem
from mailgui.store.profiles import ProfileStore

WORK = Profile("Work", SmtpSettings("mail.example", 587, username="ana"), sender="ana@mail.example")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "profiles.toml"


@pytest.fixture
def store(path: Path) -> ProfileStore:
    return ProfileStore(path)


def names(store: ProfileStore) -> list[str]:
    return [profile.name for profile in store.load().profiles]


def test_on_first_start_the_sandbox_profiles_exist(store: ProfileStore, path: Path) -> None:
    loaded = store.load()
    assert [(p.name, p.road, p.sandbox) for p in loaded.profiles] == [
        ("Sandbox SMTP", "smtp", True),
        ("Sandbox API", "api", True),
    ]
    assert loaded.problems == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ProfileStore(path).load() == loaded


def test_the_file_is_readable_and_holds_no_secret(store: ProfileStore, path: Path) -> None:
    store.add(WORK)
    text = path.read_text()
    assert '[[profile]]\nname = "Work"\nsender = "ana@mail.example"\n' in text
    assert '[profile.smtp]\nhost = "mail.example"\nport = 587\n' in text
    assert text.startswith("# MailGUI's profiles.")


def test_add_replace_rename_remove(store: ProfileStore) -> None:
    store.add(replace(WORK, name="  Work "))
    assert store.get("work") == WORK
    store.replace("Work", replace(WORK, settings=ApiSettings("resend", options={"a": "b"})))
    found = store.get("WORK")
    assert found is not None
    assert found.settings == ApiSettings("resend", options={"a": "b"})
    assert store.rename("Work", "Office").name == "Office"
    assert names(store) == ["Sandbox SMTP", "Sandbox API", "Office"]
    assert store.rename("office", "OFFICE").name == "OFFICE"
    assert store.remove("Office").name == "OFFICE"
    assert names(store) == ["Sandbox SMTP", "Sandbox API"]


def test_changes_that_make_no_sense(store: ProfileStore) -> None:
    store.add(WORK)
    with pytest.raises(ProfileProblem, match="already a profile “work”"):
        store.add(replace(WORK, name="work"))
    with pytest.raises(ProfileProblem, match="already a profile “Sandbox API”"):
        store.rename("Work", "Sandbox API")
    with pytest.raises(ProfileProblem, match="no profile “Nobody”"):
        store.remove("Nobody")
    with pytest.raises(ProfileProblem, match="no profile “Nobody”"):
        store.rename("Nobody", "X")
    with pytest.raises(ProfileProblem, match="between 1 and 65535"):
        store.replace("Work", replace(WORK, settings=SmtpSettings("h", 0)))
    assert store.get("Work") == WORK


def test_the_sandbox_profiles_cannot_be_removed_or_disguised(store: ProfileStore) -> None:
    sandbox = store.load().profiles[0]
    with pytest.raises(ProfileProblem, match="own sandbox and stays"):
        store.remove("Sandbox SMTP")
    with pytest.raises(ProfileProblem, match="stays one"):
        store.replace("Sandbox SMTP", replace(sandbox, sandbox=False))
    with pytest.raises(ProfileProblem, match="stays one"):
        store.replace("Sandbox SMTP", replace(sandbox, settings=ApiSettings("resend")))
    with pytest.raises(ProfileProblem, match="has its two profiles"):
        store.add(replace(sandbox, name="Third"))
    store.add(WORK)
    with pytest.raises(ProfileProblem, match="no other profile can become one"):
        store.replace("Work", replace(WORK, sandbox=True))
    store.rename("Sandbox SMTP", "Playground")
    assert store.load().problems == ()
    assert names(store) == ["Playground", "Sandbox API", "Work"]


def test_a_sandbox_profile_that_was_deleted_by_hand_comes_back(
    store: ProfileStore, path: Path
) -> None:
    path.parent.mkdir()
    path.write_text('[[profile]]\nname = "sandbox api"\n[profile.smtp]\nhost = "h.example"\n')
    loaded = store.load()
    assert [p.name for p in loaded.profiles] == ["Sandbox SMTP", "Sandbox API (2)", "sandbox api"]
    assert loaded.problems == (
        "The profile “Sandbox SMTP” was missing and has been put back.",
        "The profile “Sandbox API (2)” was missing and has been put back.",
    )
    assert store.load().problems == ()


def test_a_damaged_file_is_kept_aside_and_what_can_be_read_is_kept(
    store: ProfileStore, path: Path
) -> None:
    store.add(WORK)
    store.add(replace(WORK, name="Spoilt"))
    store.add(replace(WORK, name="Last"))
    damaged = path.read_text().replace('name = "Spoilt"', 'name = "Spoilt')
    path.write_text(damaged)
    loaded = store.load()
    assert [p.name for p in loaded.profiles] == ["Sandbox SMTP", "Sandbox API", "Work", "Last"]
    (aside,) = path.parent.glob("*damaged*")
    assert aside.read_text() == damaged
    (problem,) = loaded.problems
    assert str(aside) in problem
    assert "4 profiles could be read from it" in problem
    assert store.load().problems == ()  # it was said once; the new file is sound


@pytest.mark.parametrize("octets", [b"\x00\x01\xff", b"profile = 5", b"[[", b"[profile]\nx=1"])
def test_a_file_of_nothing_is_kept_too(store: ProfileStore, path: Path, octets: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(octets)
    loaded = store.load()
    assert [p.name for p in loaded.profiles] == ["Sandbox SMTP", "Sandbox API"]
    (aside,) = path.parent.glob("*damaged*")
    assert aside.read_bytes() == octets
    assert "0 profiles could be read" in loaded.problems[0]


def test_a_profile_that_cannot_be_used_stays_in_the_file(store: ProfileStore, path: Path) -> None:
    store.add(WORK)
    text = path.read_text()
    path.write_text(text + '\n[[profile]]\nname = "Odd"\n[profile.smtp]\nhost = "h"\nport = "x"\n')
    for _ in range(2):
        loaded = store.load()
        assert [p.name for p in loaded.profiles] == ["Sandbox SMTP", "Sandbox API", "Work"]
        (problem,) = loaded.problems
        assert problem.startswith("The profile “Odd” cannot be read: port: ")
    store.rename("Work", "Office")
    assert 'port = "x"' in path.read_text()
    with pytest.raises(ProfileProblem, match="already a profile “Odd”"):
        store.add(replace(WORK, name="Odd"))


def test_two_of_one_name(store: ProfileStore, path: Path) -> None:
    store.add(WORK)
    path.write_text(path.read_text() + '[[profile]]\nname="work"\n[profile.smtp]\nhost = "h"\n')
    loaded = store.load()
    assert loaded.find("Work") == WORK
    assert "the second is not used" in loaded.problems[0]


def test_what_a_newer_mailgui_wrote_survives_a_change(store: ProfileStore, path: Path) -> None:
    store.add(WORK)
    text = path.read_text().replace("format = 1", "format = 2\nnovelty = true")
    path.write_text(text.replace('host = "mail.example"', 'host = "mail.example"\nquic = true'))
    problems = store.load().problems
    assert any("newer MailGUI" in problem for problem in problems)
    assert any("smtp.quic" in problem for problem in problems)
    store.rename("Work", "Office")
    text = path.read_text()
    assert "novelty = true" in text
    assert "quic = true" in text
    assert "format = 2" in text


def test_a_file_written_by_windows_notepad(store: ProfileStore, path: Path) -> None:
    path.parent.mkdir()
    store.load()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert store.load().problems == ()


def _add_some(path: Path, prefix: str) -> None:
    store = ProfileStore(path)
    for number in range(10):
        store.add(replace(WORK, name=f"{prefix}{number}"))


def test_two_processes_lose_nothing_of_each_other(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_some, args=(path, prefix)) for prefix in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    expected = {f"{prefix}{number}" for prefix in "ab" for number in range(10)}
    assert expected <= set(names(ProfileStore(path)))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = ProfileStore(tmp_path / "file" / "profiles.toml")
    loaded = store.load()
    assert [p.name for p in loaded.profiles] == ["Sandbox SMTP", "Sandbox API"]
    assert "cannot be changed" in loaded.problems[0]
    with pytest.raises(StoreProblem, match="could not be saved"):
        store.add(WORK)
