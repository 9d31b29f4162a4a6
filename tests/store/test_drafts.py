import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailgui.message.draft import Address, ApiExtras, Attachment, Draft
from mailgui.store.drafts import DraftStore
from mailgui.store.files import StoreProblem


def full_draft(tmp_path: Path) -> Draft:
    return Draft(
        sender=Address("ana@good.example", "Ana Ñ"),
        to=(Address("b@example.com"), Address("用户@例え.テスト", "Bob")),
        bcc=(Address("c@example.com"),),
        subject="Grüße 🙂",
        text="line\nline",
        html="<p>x</p>",
        attachments=(
            Attachment("報告書.pdf", "application/pdf", path=tmp_path / "a.pdf"),
            Attachment("logo.png", "image/png", data=bytes(range(256)) * 40, content_id="logo"),
            Attachment("copy.png", "image/png", data=bytes(range(256)) * 40),
            Attachment("empty.txt", "text/plain", data=b""),
        ),
        headers=(("X-One", "1"), ("X-One", "2")),
        date=datetime(2026, 11, 24, 6, 0, tzinfo=UTC),
        envelope_from="",
        extras=ApiExtras(
            variables={"name": "x", "list": [1, {"a": None}]},
            tags=("a", "b"),
            metadata={"k": "v"},
            send_at=datetime(2026, 12, 1, tzinfo=UTC),
            track_opens=False,
        ),
    )


def test_a_whole_draft_comes_back(tmp_path: Path) -> None:
    draft = full_draft(tmp_path)
    DraftStore(tmp_path / "draft").save(draft)
    loaded = DraftStore(tmp_path / "draft").load()
    assert loaded.problems == ()
    assert loaded.draft == draft


def test_files_are_private_and_pasted_data_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "draft"
    DraftStore(folder).save(full_draft(tmp_path))
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in folder.iterdir())
    assert len(list(folder.iterdir())) == 3  # the draft, two pasted contents


def test_no_draft_yet(tmp_path: Path) -> None:
    loaded = DraftStore(tmp_path / "draft").load()
    assert (loaded.draft, loaded.problems) == (None, ())


def test_pasted_data_goes_with_the_draft_that_had_it(tmp_path: Path) -> None:
    store = DraftStore(tmp_path / "draft")
    store.save(Draft(attachments=(Attachment("a", data=b"x" * 5000),)))
    store.save(Draft(subject="without"))
    assert [p.name for p in (tmp_path / "draft").iterdir()] == ["draft.json"]
    store.clear()
    assert list((tmp_path / "draft").iterdir()) == []
    assert store.load().draft is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"draft": {"to": 5}}', b'{"draft": {}, "pasted": [1]}', b"\xff"]
)
def test_a_damaged_draft_is_kept_aside_and_reported(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "draft"
    folder.mkdir()
    (folder / "draft.json").write_bytes(content)
    loaded = DraftStore(folder).load()
    assert loaded.draft is None
    (aside,) = folder.iterdir()
    assert aside.read_bytes() == content
    assert loaded.problems == (f"The last draft was damaged and is kept as {aside}.",)


@pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(b"other" * 2)])
def test_lost_pasted_data_costs_only_that_attachment(tmp_path: Path, spoil: object) -> None:
    folder = tmp_path / "draft"
    store = DraftStore(folder)
    store.save(
        Draft(subject="s", attachments=(Attachment("a.bin", data=b"0123456789"), Attachment("b")))
    )
    (pasted,) = (p for p in folder.iterdir() if p.name != "draft.json")
    spoil(pasted)  # type: ignore[operator]
    loaded = store.load()
    assert loaded.draft is not None
    assert loaded.draft.subject == "s"
    assert [a.filename for a in loaded.draft.attachments] == ["b"]
    assert loaded.problems == (
        "The attachment “a.bin” of the last draft is lost; attach it again.",
    )


def test_a_draft_names_no_file_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "draft"
    store = DraftStore(folder)
    store.save(Draft(attachments=(Attachment("a", data=b"data"),)))
    (tmp_path / "secret").write_bytes(b"secret")
    path = folder / "draft.json"
    digest = next(p.name for p in folder.iterdir() if p != path)
    path.write_text(path.read_text().replace(digest, "../secret"))
    loaded = store.load()
    assert loaded.draft is not None
    assert loaded.draft.attachments == ()


def test_paths_that_are_no_unicode_survive(tmp_path: Path) -> None:
    odd = Path("/tmp/\udcff.pdf")
    store = DraftStore(tmp_path)
    store.save(Draft(attachments=(Attachment("x", path=odd),)))
    loaded = store.load().draft
    assert loaded is not None
    assert loaded.attachments[0].path == odd


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreProblem) as caught:
        DraftStore(tmp_path / "file" / "draft").save(Draft())
    assert caught.value.sentence.startswith("The draft could not be saved in ")
