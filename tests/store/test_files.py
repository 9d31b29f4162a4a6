import os
import re
import stat
import threading
from pathlib import Path

import pytest

from mailgui.store import files
from mailgui.store.files import StoreProblem, atomic_write, keep_aside, locked


def test_what_is_written_is_private_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.toml"
    atomic_write(path, b"one")
    atomic_write(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["file.toml"]


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_private_before_the_first_octet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    fdopen = os.fdopen

    def spy(descriptor: int, mode: str) -> object:
        state = os.fstat(descriptor)
        assert state.st_size == 0
        modes.append(stat.S_IMODE(state.st_mode))
        return fdopen(descriptor, mode)

    monkeypatch.setattr(files.os, "fdopen", spy)
    atomic_write(tmp_path / "file", b"secret")
    assert modes == [0o600]


def test_a_linked_file_stays_linked(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "profiles.toml"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link = tmp_path / "profiles.toml"
    link.symlink_to(real)
    atomic_write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_files_kept_aside_have_dated_names_and_never_overwrite_each_other(tmp_path: Path) -> None:
    kept = []
    for content in ("a", "b", "c"):
        path = tmp_path / "profiles.toml"
        path.write_text(content)
        kept.append(keep_aside(path))
    assert [p.read_text() for p in kept] == ["a", "b", "c"]
    pattern = r"profiles\.damaged-\d{4}-\d\d-\d\d-\d{6}(-\d)?\.toml"
    assert all(re.fullmatch(pattern, p.name) for p in kept)


def test_the_lock_excludes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    inside = threading.Event()
    leave = threading.Event()
    order: list[str] = []

    def holder() -> None:
        with locked(path):
            inside.set()
            leave.wait(10)
            order.append("first")

    def second() -> None:
        with locked(path):
            order.append("second")

    threads = [threading.Thread(target=holder), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second"]


def test_a_lock_that_is_never_given_up_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LOCK_WAIT", 0.0)
    with (
        locked(tmp_path / "profiles.toml"),
        pytest.raises(StoreProblem) as caught,
        locked(tmp_path / "profiles.toml"),
    ):
        pass
    assert caught.value.sentence.startswith("Another MailGUI is holding profiles.toml")


def test_the_lock_is_free_after_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path / "file"):
        raise KeyError
    with locked(tmp_path / "file"):
        pass
