"""MIME made to keep its reader busy: parts and fields without number, and headers that cost."""

import pytest

from mailgui.message.bounded_parser import MAX_DEPTH, MAX_PARTS, TooComplex, parse_bounded
from mailgui.message.draft import DraftProblem
from mailgui.message.draft_from_eml import draft_from_eml
from mailgui.message.parse import parse_headers, parse_message
from tests.support.effort import bounded_effort

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def nested(depth: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )


@pytest.mark.parametrize(
    "octets",
    [
        MIXED + b"--b\r\n\r\n" * 500_000,
        nested(90) + b"a\r\n" * 500_000,
        nested(3_000) + b"a\r\n" * 500_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"a\r\n" * 500_000,
        b"a:\r\n" * 100_000,
    ],
)
def test_more_than_is_read(octets: bytes) -> None:
    octets = b"Subject: deep\r\n" + octets
    with bounded_effort():
        with pytest.raises(TooComplex):
            parse_bounded(octets)
        message = parse_message(octets)
        assert message.defects[0].endswith(".")


def test_as_much_as_is_read() -> None:
    assert (
        sum(1 for _ in parse_bounded(MIXED + b"--b\r\n\r\n" * (MAX_PARTS - 1)).walk()) == MAX_PARTS
    )
    assert sum(1 for _ in parse_bounded(nested(MAX_DEPTH)).walk()) == MAX_DEPTH + 1


COSTLY = [".", '"', ",", "\\", "é ", "(", "; a*0*=b", "a:", "=?utf-8?q?a?= ", "<", "a*1=x;"]
FIELDS = {
    "From": "",
    "To": "",
    "Content-Type": "text/plain; ",
    "Content-Disposition": "attachment; ",
    "Message-ID": "<",
    "Content-ID": "<",
    "Date": "Mon, ",
    "Subject": "",
}


@pytest.mark.parametrize("unit", COSTLY)
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_costs(name: str, unit: str) -> None:
    field = f"{name}: {FIELDS[name]}{unit * (500_000 // len(unit))}\r\n".encode()
    with bounded_effort():
        message = parse_message(field + b"\r\nx")
        assert message.headers[0][0] == name
        assert parse_headers(field + b"\r\nx")


@pytest.mark.parametrize("unit", ['"', "; a*0*=b", "a:"])
def test_many_parts_whose_fields_cost(unit: str) -> None:
    part = b"--b\r\nContent-Type: text/plain; " + (unit * 900).encode() + b"\r\n\r\nx\r\n"
    with bounded_effort():
        parse_message(MIXED + part * (MAX_PARTS - 1))


def test_attachments_are_taken_out_in_one_go() -> None:
    part = b"--b\r\nContent-Type: application/x\r\n\r\n" + b"y\r\n" * 800
    octets = b"From: a@a.example\r\nTo: b@b.example\r\n" + MIXED + part * (MAX_PARTS - 2)
    with bounded_effort():
        assert len(draft_from_eml(octets).attachments) == MAX_PARTS - 2


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "zlib", "rot13", "mbcs"])
def test_charsets_that_are_none(charset: str) -> None:
    octets = f"Content-Type: text/plain; charset={charset}\r\n\r\nplain text".encode()
    assert parse_message(octets).text == "plain text"


def test_a_codec_that_takes_the_square_of_the_time() -> None:
    octets = b"Content-Type: text/plain; charset=Punycode\r\n\r\n" + ("é" * 500_000).encode(
        "punycode"
    )
    with bounded_effort():
        assert parse_message(octets).text


def test_a_hostile_address_is_a_problem_and_no_fault() -> None:
    with pytest.raises(DraftProblem):
        draft_from_eml(b"From: " + b"(" * 5_000 + b"\r\nTo: b@b.example\r\n\r\nx")


def test_what_is_usual_stays_as_it_is() -> None:
    message = parse_message(
        b"From: =?utf-8?q?M=C3=BCller=2C_Anna?= <a@a.example>\r\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_aus?=\r\n\r\nx"
    )
    assert message.headers == (
        ("From", '"Müller, Anna" <a@a.example>'),
        ("Subject", "Grüße aus"),
    )
