from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.attachments import FileChanged
from mailgui.message.draft import DraftProblem
from mailgui.message.eml import EmlMessage, read_eml

HEAD = (
    b"From: Ann <ann@a.example>\nTo: bob@b.example,\n c@c.example\n"
    b"Bcc: secret@s.example,\n other@s.example\nBCC : third@s.example\nSubject: x\n"
    b"Message-ID: <1@a.example>\n"
)


def octets(message: EmlMessage) -> bytes:
    whole = b"".join(message.chunks())
    assert len(whole) == message.size
    return whole


def test_bcc_is_removed_and_line_ends_are_mended() -> None:
    message = read_eml(HEAD + b"\nBody\r\n\n.\nBcc: in the body stays\nlast")
    assert octets(message) == (
        b"From: Ann <ann@a.example>\r\nTo: bob@b.example,\r\n c@c.example\r\nSubject: x\r\n"
        b"Message-ID: <1@a.example>\r\n"
        b"\r\nBody\r\n\r\n.\r\nBcc: in the body stays\r\nlast"
    )
    assert message.envelope.sender == "ann@a.example"
    assert message.envelope.recipients == (
        "bob@b.example",
        "c@c.example",
        "secret@s.example",
        "other@s.example",
        "third@s.example",
    )
    assert message.message_id == "<1@a.example>"


def test_raw_is_octet_for_octet() -> None:
    source = HEAD + b"\nBody\r\r\n\0\xff\nx"
    assert octets(read_eml(source, raw=True)) == source


@pytest.mark.parametrize(
    ("head", "body", "raw", "expected"),
    [
        (b"Subject: x", b"\xc3\xa9", False, (False, True)),
        ("Subject: é".encode(), b"x", False, (True, False)),
        ("Subject: é".encode(), b"x", True, (False, True)),
        (b"Subject: \xe9", b"x", False, (False, True)),
        (b"Subject: x", b"x", True, (False, False)),
    ],
)
def test_what_it_needs_of_a_server(
    head: bytes, body: bytes, raw: bool, expected: tuple[bool, bool]
) -> None:
    source = b"From: a@a.example\r\nTo: b@b.example\r\n" + head + b"\r\n\r\n" + body + b"\r\n"
    message = read_eml(source, raw=raw)
    assert (message.needs_smtputf8, message.needs_8bitmime) == expected


def test_crlf_files_pass_unchanged(tmp_path: Path) -> None:
    source = b"From: a@a.example\r\nTo: b@b.example\r\n\r\nBare \r CR\r\r\nx\r\n" * 1
    path = tmp_path / "m.eml"
    path.write_bytes(source)
    assert octets(read_eml(path)) == source
    assert octets(read_eml(str(path))) == source


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"x", b"y" * 9000]), max_size=30))
def test_only_bare_line_feeds_change_wherever_chunks_are_cut(parts: list[bytes]) -> None:
    body = b"".join(parts)
    message = read_eml(b"From: a@a.example\r\nTo: b@b.example\r\n\r\n" + b"z" * 32_700 + body)
    sent = octets(message).partition(b"\r\n\r\n")[2][32_700:]
    assert sent == body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_the_envelope_can_be_given() -> None:
    source = b"Subject: x\n\nBody\n"
    message = read_eml(source, sender="", recipients=("ü@bücher.example",))
    assert message.envelope.sender == ""
    assert message.envelope.recipients == ("ü@xn--bcher-kva.example",)
    assert message.needs_smtputf8


def test_sender_goes_before_from() -> None:
    source = b"From: a@a.example, b@a.example\nSender: s@a.example\nTo: b@b.example\n\n"
    assert read_eml(source).envelope.sender == "s@a.example"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (b"To: b@b.example\n\n", "from"),
        (b"From: a@a.example\n\n", "to"),
        (b"From: nonsense\nTo: b@b.example\n\n", "from"),
        (b"From: a@a.example\nTo: b@\n\n", "to"),
        (b"", "from"),
        (b"X" * (1024 * 1024 + 1), "message"),
    ],
)
def test_what_cannot_be_sent_says_why(source: bytes, field: str) -> None:
    with pytest.raises(DraftProblem) as caught:
        read_eml(source)
    assert caught.value.field == field


def test_a_message_without_a_body_or_a_last_line_end() -> None:
    message = read_eml(b"From: a@a.example\nTo: b@b.example")
    assert octets(message) == b"From: a@a.example\r\nTo: b@b.example"


def test_what_the_server_must_be_able_to_do_is_known() -> None:
    plain = b"From: a@a.example\nTo: b@b.example\n"
    assert not read_eml(plain + b"\nx").needs_8bitmime
    assert read_eml(plain + b"\n" + "ü".encode()).needs_8bitmime
    assert not read_eml(plain + b"\n" + "ü".encode()).needs_smtputf8
    assert read_eml(plain + "Subject: ü\n\n".encode()).needs_smtputf8
    assert not read_eml(plain + b"Subject: \xfc\n\n").needs_smtputf8


def test_a_file_that_changes_before_it_is_sent_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(HEAD + b"\nBody\n")
    message = read_eml(path)
    for changed in (HEAD + b"\nBody!\n", HEAD + b"\nBo\n"):
        path.write_bytes(changed)
        with pytest.raises(FileChanged):
            list(message.chunks())
    with pytest.raises(FileNotFoundError):
        read_eml(tmp_path / "gone.eml")


@pytest.mark.parametrize("raw", [False, True])
def test_a_header_in_utf8_needs_a_server_that_takes_it_unless_raw(raw: bool) -> None:
    source = "From: a@x.example\r\nTo: b@x.example\r\nSubject: Grüße\r\n\r\n".encode()
    assert read_eml(source, raw=raw).needs_smtputf8 is not raw
    assert read_eml(source, recipients=("ä@x.example",), raw=raw).needs_smtputf8
