import os
from pathlib import Path

import pytest

from mailgui.message.attachments import (
    FileChanged,
    attachment_from_path,
    charset_of,
    check_attachment,
    guess_type,
    human_size,
    octets_of,
)
from mailgui.message.draft import Attachment, DraftProblem


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", "application/pdf"),
        ("a.PNG", "image/png"),
        ("a.txt", "text/plain"),
        ("noend", "application/octet-stream"),
        ("a.tar.gz", "application/gzip"),
        ("mail.eml", "application/octet-stream"),  # base64 is forbidden for message/rfc822
    ],
)
def test_types_are_guessed_from_names(name: str, expected: str) -> None:
    assert guess_type(name) == expected


def test_an_attachment_is_made_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "見積書.pdf"
    path.write_bytes(b"x")
    assert attachment_from_path(path) == Attachment("見積書.pdf", "application/pdf", path=path)
    image = tmp_path / "my logo.png"
    image.write_bytes(b"x")
    assert attachment_from_path(str(image), inline=True).content_id == "my-logo.png"


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path / "gone", "no file"),
        (tmp_path, "a folder"),
        (pipe, "not a file"),
        (Path("nul\0"), "cannot be read"),
    ):
        with pytest.raises(DraftProblem, match=words) as caught:
            attachment_from_path(path)
        assert caught.value.field == "attachments"
        assert caught.value.sentence.isprintable()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(DraftProblem, match="may not be read"):
        attachment_from_path(path)


def test_a_file_that_may_not_be_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DraftProblem, match="may not be read"):
        attachment_from_path(path)


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("", data=b""),
        Attachment("a\r\nb", data=b""),
        Attachment("a", "nonsense", data=b""),
        Attachment("a", "text/plain\r\nX: y", data=b""),
        Attachment("a", data=b"", content_id="<a>"),
        Attachment("a", data=b"", content_id=""),
        Attachment("a"),
    ],
)
def test_what_cannot_be_sent_is_refused(attachment: Attachment) -> None:
    with pytest.raises(DraftProblem) as caught:
        check_attachment(attachment)
    assert caught.value.field == "attachments"


def test_types_may_have_parameters() -> None:
    assert (
        check_attachment(Attachment("a", 'text/csv; header="a b"; charset=utf-8', data=b"1")) == 1
    )


@pytest.mark.parametrize("change", [b"", b"123", b"12345"])
def test_a_file_that_changed_its_length_is_noticed(tmp_path: Path, change: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(change)
    with pytest.raises(FileChanged, match="changed while"):
        list(octets_of(Attachment("f", path=path), 4))


@pytest.mark.parametrize("length", [0, 1, 47_880, 47_881, 100_000])
def test_a_file_is_read_in_pieces(tmp_path: Path, length: int) -> None:
    path = tmp_path / "f"
    path.write_bytes(os.urandom(length))
    pieces = list(octets_of(Attachment("f", path=path), length))
    assert b"".join(pieces) == path.read_bytes()
    assert all(len(piece) == 47_880 for piece in pieces[:-1])


def test_a_file_that_has_gone_raises_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(octets_of(Attachment("f", path=tmp_path / "gone"), 4))


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("text/csv", "ü".encode(), "utf-8"),
        ("text/csv", "ü".encode() * 30_000 + b"x", "utf-8"),  # the beginning ends in mid-character
        ("text/csv", "ü".encode("latin-1"), None),
        ("text/csv", "ü".encode("utf-16"), "utf-16"),
        ("text/csv; charset=latin-1", b"x", None),
        ("application/pdf", b"x", None),
    ],
)
def test_text_files_declare_their_charset(kind: str, data: bytes, expected: str | None) -> None:
    assert charset_of(Attachment("f", kind, data=data)) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (0, "0 octets"),
        (1, "1 octet"),
        (999, "999 octets"),
        (1000, "1 KB"),
        (1540, "1.5 KB"),
        (999_960, "1 MB"),
        (25_000_000, "25 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_for_people(octets: int, expected: str) -> None:
    assert human_size(octets) == expected
