import base64
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgui.message.encoders import (
    CHUNK,
    base64_length,
    base64_lines,
    crlf,
    encode_text,
    pieces,
    quoted_printable,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def decoded(encoding: str, octets: bytes) -> bytes:
    return quopri.decodestring(octets) if encoding == "quoted-printable" else octets


@given(text=TEXT, allow=st.booleans())
@example("From here\nFrom From there\n.\n..\n", False)
@example("trailing \t\nblank \n", False)
@example("é" * 500 + "\nFrom é\n", False)
@example("a\rb\r\nc\nd", True)
@example("x" * 998 + "\n" + "y" * 999, False)
@example("\0\x0b\x0c\x1b", True)
def test_any_text_arrives_with_its_line_ends_as_crlf(text: str, allow: bool) -> None:
    encoding, octets = encode_text(text, allow_8bit=allow)
    assert decoded(encoding, octets).decode() == crlf(text)
    assert not octets or octets.endswith(b"\r\n")
    longest = max(map(len, octets.split(b"\r\n")))
    assert longest <= (76 if encoding == "quoted-printable" else 998)
    assert octets.replace(b"\r\n", b"").count(b"\r") == 0
    assert octets.replace(b"\r\n", b"").count(b"\n") == 0
    assert b"\0" not in octets
    assert not any(line.startswith(b"From ") for line in octets.split(b"\r\n"))
    assert encoding == "8bit" or octets.isascii()


@pytest.mark.parametrize(
    ("text", "allow", "expected"),
    [
        ("plain\n", False, "7bit"),
        ("x" * 998, True, "7bit"),
        ("x" * 999, True, "quoted-printable"),
        ("über", False, "quoted-printable"),
        ("über", True, "8bit"),
        ("From x", True, "quoted-printable"),
        ("", False, "7bit"),
    ],
)
def test_the_encoding_fits_the_text(text: str, allow: bool, expected: str) -> None:
    assert encode_text(text, allow_8bit=allow)[0] == expected


@given(st.binary(max_size=5000))
def test_base64_has_the_length_that_was_announced(octets: bytes) -> None:
    lines = base64_lines(octets)
    assert len(lines) == base64_length(len(octets))
    assert base64.b64decode(lines) == octets
    assert all(len(line) <= 76 for line in lines.split(b"\r\n"))


def test_base64_of_pieces_joins_to_base64_of_the_whole() -> None:
    octets = bytes(range(256)) * 700
    joined = b"".join(map(base64_lines, pieces(octets)))
    assert joined == base64_lines(octets)
    assert max(map(len, map(base64_lines, pieces(octets)))) <= 64 * 1024
    assert CHUNK % 57 == 0


def test_quoted_printable_breaks_softly_with_crlf_even_in_a_text_without_line_ends() -> None:
    assert b"=\r\n" in quoted_printable("é".encode() * 100 + b"\r\n")
