from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.compose import compose
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.message.parse import parse_headers, parse_message, part_octets

DRAFT = Draft(
    Address("a@a.example", "Änn"),
    (Address("b@b.example"),),
    subject="Grüße",
    text="Text\n",
    html="<p>ü</p>",
    attachments=(
        Attachment("logo.png", "image/png", data=b"png", content_id="logo"),
        Attachment("見積書.pdf", "application/pdf", data=b"pdf!"),
        Attachment("notes.txt", "text/plain", data=b"notes"),
    ),
)


def test_what_was_composed_is_read_back(tmp_path: Path) -> None:
    octets = b"".join(compose(DRAFT).chunks())
    path = tmp_path / "m.eml"
    path.write_bytes(octets)
    for source in (octets, path):
        message = parse_message(source)
        assert message.header("SUBJECT") == "Grüße"
        assert message.header("from") == "Änn <a@a.example>"
        assert message.text == "Text\n"
        assert message.html == "<p>ü</p>\n"
        assert message.defects == ()
        assert not message.truncated
        image, pdf, notes = message.attachments
        assert (image.content_id, image.inline, image.size) == ("logo", True, 3)
        assert (pdf.filename, pdf.content_type, pdf.inline) == (
            "見積書.pdf",
            "application/pdf",
            False,
        )
        assert part_octets(source, pdf.index) == b"pdf!"
        assert part_octets(source, notes.index) == b"notes"
    assert message.header("missing") is None
    with pytest.raises(LookupError):
        part_octets(octets, 99)


def test_a_forwarded_message_is_one_attachment() -> None:
    octets = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n"
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--x--\r\n"
    )
    message = parse_message(octets)
    assert message.text == "hello"
    assert message.attachments[0].content_type == "message/rfc822"
    assert b"Subject: inner" in part_octets(octets, message.attachments[0].index)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0\xff\xfe",
        b"no header here\r\n\r\nx",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: " + b"(" * 5000 + b"\r\n\r\nx",
        b"To: " + b"a@b.example, " * 100_000 + b"\r\n\r\nx",
        b"Content-Disposition: attachment; filename*=nonsense''%ff%\r\n\r\nx",
    ],
)
def test_garbage_is_shown_as_well_as_it_can_be(octets: bytes) -> None:
    message = parse_message(octets)
    assert message.text is not None or message.attachments or message.defects
    for name, value in message.headers:
        (name + value).encode()


def test_parts_within_parts_without_end_are_survived() -> None:
    octets = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(2000)
    )
    message = parse_message(b"Subject: deep\r\n" + octets)
    assert message.header("subject") == "deep"
    assert message.defects


def test_a_message_is_read_only_so_far() -> None:
    message = parse_message(b"Subject: x\r\n\r\n" + b"y" * 1000, limit=100)
    assert message.truncated
    assert message.text == "y" * 86


@given(st.binary() | st.text().map(str.encode))
def test_nothing_makes_it_raise(octets: bytes) -> None:
    parse_message(b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n" + octets)
    parse_headers(octets)
