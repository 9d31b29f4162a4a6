"""What a DKIM signature is computed over: canonical headers and bodies (RFC 6376, section 3.4).

Every step takes time linear in the message's length, whatever a stranger wrote.
"""

import re
from collections.abc import Iterable, Sequence

from mailgui.message.raw_message import Field

_BLANKS = re.compile(rb"[ \t]+")


def canonical_header(field: Field, relaxed: bool) -> bytes:
    """Return a header field in canonical form, without its CRLF."""
    if not relaxed:
        return field.raw
    value = _BLANKS.sub(b" ", field.value.replace(b"\r\n", b"")).strip(b" ")
    return field.name + b":" + value


def canonical_body(body: bytes, relaxed: bool) -> bytes:
    """Return a body in canonical form."""
    if relaxed:
        body = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")
        body = body.removesuffix(b" ")
    end = len(body)
    while body.startswith(b"\r\n", end - 2) and end >= 2:
        end -= 2
    if end == 0:
        return b"" if relaxed else b"\r\n"
    return body[:end] + b"\r\n"


def without_signature(field: Field) -> Field:
    """Return a signature's own field with the value of its ``b=`` emptied (section 3.7)."""
    head, colon, value = field.raw.partition(b":")
    pieces = value.split(b";")
    for index, piece in enumerate(pieces):
        name, equals, _ = piece.partition(b"=")
        if equals and name.strip(b" \t\r\n") == b"b":
            pieces[index] = name + b"="
    return Field(field.name, head + colon + b";".join(pieces))


def select_fields(
    fields: Sequence[Field], names: Iterable[bytes], *, but: Field | None = None
) -> list[Field]:
    """Return the fields that ``h=`` names (lower case), each name from the bottom up (section
    5.4.2); a name without a field left stands for none. ``but`` is the signature itself.
    """
    left: dict[bytes, list[Field]] = {}
    for field in fields:
        if field is not but:
            left.setdefault(field.name, []).append(field)
    return [left[name].pop() for name in names if left.get(name)]


def signed_octets(selected: Iterable[Field], signature: Field, relaxed: bool) -> bytes:
    """Return what the signature signs: the fields, then its own without value and last CRLF."""
    lines = [canonical_header(field, relaxed) for field in selected]
    lines.append(canonical_header(without_signature(signature), relaxed))
    return b"\r\n".join(lines)
