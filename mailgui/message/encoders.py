"""Transfer encodings: how a body travels, and how many octets that costs.

Texts go as 7bit where they can, as 8bit where the server must take it anyway (SMTPUTF8 implies
8BITMIME, RFC 6531 section 3.1), else as quoted-printable: base64 would often be shorter, but
spam filters distrust texts in it and people cannot read it. Files always go as base64, text
files too, or their line ends would not arrive as they are.
"""

import binascii
import re
from collections.abc import Iterator

LINE = 76  # characters of base64 a line, RFC 2045 section 6.8
_OCTETS_A_LINE = LINE // 4 * 3
CHUNK = _OCTETS_A_LINE * 840  # octets of a file that make just under 64 KiB of base64
LONGEST_LINE = 998  # RFC 5322 section 2.1.1, without its CRLF

_LINE_END = re.compile(r"\r\n|\r|\n")
# What mailbox files, old relays or end-of-line trimming would change on the way.
_FRAGILE = re.compile(rb"(?m)^From |[ \t]\r$|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FROM = re.compile(rb"(?m)^(?:From )+")


def crlf(text: str) -> str:
    """Return ``text`` with every line ending as CRLF, and one at its end unless it is empty."""
    text = _LINE_END.sub("\r\n", text)
    return text if not text or text.endswith("\r\n") else text + "\r\n"


def encode_text(text: str, *, allow_8bit: bool = False) -> tuple[str, bytes]:
    """Return the Content-Transfer-Encoding to use and the encoded octets of a text body."""
    octets = crlf(text).encode("utf-8")
    as_it_is = not _FRAGILE.search(octets) and _longest_line(octets) <= LONGEST_LINE
    if as_it_is and octets.isascii():
        return "7bit", octets
    if as_it_is and allow_8bit:
        return "8bit", octets
    return "quoted-printable", quoted_printable(octets)


def quoted_printable(octets: bytes) -> bytes:
    """Return octets with CRLF line ends as quoted-printable (RFC 2045 section 6.7)."""
    encoded = binascii.b2a_qp(octets, quotetabs=False, istext=True)
    return _FROM.sub(lambda found: b"=46rom =\r\n" * (len(found.group()) // 5), encoded)


def base64_length(length: int) -> int:
    """Return how many octets ``base64_lines`` makes of ``length`` octets."""
    characters = (length + 2) // 3 * 4
    return characters + (characters + LINE - 1) // LINE * 2


def base64_lines(octets: bytes) -> bytes:
    """Return octets as base64 lines, each with its CRLF.

    Results may be joined when all but the last came from a multiple of 57 octets, as ``CHUNK`` is.
    """
    encoded = binascii.b2a_base64(octets, newline=False)
    lines = [encoded[start : start + LINE] for start in range(0, len(encoded), LINE)]
    return b"\r\n".join([*lines, b""]) if lines else b""


def pieces(octets: bytes, size: int = CHUNK) -> Iterator[bytes]:
    """Yield ``octets`` in pieces of at most ``size``, without copying the whole again."""
    view = memoryview(octets)
    for start in range(0, len(view), size):
        yield bytes(view[start : start + size])


def _longest_line(octets: bytes) -> int:
    return max(map(len, octets.split(b"\r\n")), default=0)
