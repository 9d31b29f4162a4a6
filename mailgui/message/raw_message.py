"""A message as octets: its header fields exactly as they stand, and its body, for signatures.

Signatures are over octets, so nothing is decoded here. A file with LF line ends, as Unix keeps
mail, is read as the CRLF it was sent with; what was changed for that is told.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

_BARE_LF = re.compile(rb"(?<!\r)\n")
_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:")
MAX_FIELDS = 5_000
_MOST_AFTER = 20  # of each name, once there are so many


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: ``raw`` without its last line end, ``name`` in lower case."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon, folded as it came."""
        return self.raw.partition(b":")[2]

    @property
    def text(self) -> str:
        """The value unfolded and trimmed; octets that are not UTF-8 become replacement marks."""
        unfolded = self.value.replace(b"\r\n", b"")
        return unfolded.decode("utf-8", "replace").strip(" \t")


@dataclass(frozen=True)
class RawMessage:
    """A message. Line ends are CRLF throughout, but for bare CRs.

    Attributes:
        converted: bare LFs that became CRLF.
        kept: CRLFs that stood there before.
        junk: lines in the header that are no header fields; they are passed over.
        postmark: the "From " line that mbox files put first, or empty.
        left_out: how many header fields were not read, since there are over ``MAX_FIELDS``. What a
            message has a few of is read all the same.
    """

    fields: tuple[Field, ...]
    body: bytes
    converted: int = 0
    kept: int = 0
    junk: tuple[bytes, ...] = ()
    postmark: bytes = b""
    left_out: int = 0

    def all(self, name: str) -> tuple[Field, ...]:
        """Return the fields of that name, topmost first."""
        return self._by_name.get(name.lower().encode(), ())

    def first(self, name: str) -> str | None:
        """Return the value of the topmost field of that name, unfolded, or None."""
        found = self.all(name)
        return found[0].text if found else None

    @cached_property
    def _by_name(self) -> dict[bytes, tuple[Field, ...]]:
        found: dict[bytes, list[Field]] = {}
        for field in self.fields:
            found.setdefault(field.name, []).append(field)
        return {name: tuple(fields) for name, fields in found.items()}


def read_raw(octets: bytes) -> RawMessage:
    """Return ``octets`` as a message; never raises."""
    kept = octets.count(b"\r\n")
    converted = octets.count(b"\n") - kept
    if converted:
        octets = _BARE_LF.sub(b"\r\n", octets)
    if octets.startswith(b"\r\n"):
        head, body = b"", octets[2:]
    else:
        head, _, body = octets.partition(b"\r\n\r\n")
        head = head.removesuffix(b"\r\n")
    fields, junk, postmark, left_out = _fields(head)
    return RawMessage(fields, body, converted, kept, junk, postmark, left_out)


def _fields(head: bytes) -> tuple[tuple[Field, ...], tuple[bytes, ...], bytes, int]:
    """Return the fields, the lines that are none, the postmark, how many fields are left out."""
    fields: list[tuple[bytes, list[bytes]]] = []
    junk: list[bytes] = []
    postmark = b""
    counts: Counter[bytes] = Counter()
    left_out = 0
    current: list[bytes] | None = None  # the lines of the field that one may be folded into
    for number, line in enumerate(head.split(b"\r\n") if head else ()):
        if line[:1] in (b" ", b"\t") and current is not None:
            current.append(line)
            continue
        match = _NAME.match(line)
        if match is None and number == 0 and line.startswith(b"From "):
            postmark = line
        elif match is None:
            junk.append(line)
        else:
            name, current = match[1].lower(), [line]
            counts[name] += 1
            full = len(fields) >= MAX_FIELDS
            if full and (counts[name] > _MOST_AFTER or len(fields) >= 2 * MAX_FIELDS):
                left_out += 1
            else:
                fields.append((name, current))
    made = tuple(Field(name, b"\r\n".join(lines)) for name, lines in fields)
    return made, tuple(junk), postmark, left_out
