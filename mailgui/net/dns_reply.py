"""A message that answers a question: recognised, bounded, and skimmed without a parser.

Most answers of a sweep say that there is nothing. What such an answer tells (rcode, how long it may
be kept, extended errors) is read here by hand; ``dns_records`` reads the records.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from mailgui.net.dns_question import Question

_MAX_RECORDS = 2000  # in one message; far beyond anything honest
_MAX_LABELS = 128
_NEGATIVE_TTL_LIMIT = 10800  # RFC 2308, section 5: three hours
_NS, _SOA, _OPT, _EDE = 2, 6, 41, 15
_IN = 1
_HEADER = struct.Struct(">HBBHHHH")
_COUNTS = struct.Struct(">HHH")
_RECORD = struct.Struct(">HHIH")
_MAX_EDE = 8


class MalformedAnswer(Exception):
    """An answer that cannot be read, or should not be."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message. ``answers`` is how many records its answer section claims, ``aa`` whether the
    server says that it is the zone's own.
    """

    wire: bytes
    answers: int
    rcode: int  # of the header: the four lower bits
    truncated: bool
    ad: bool
    aa: bool = False


class RawRecord(NamedTuple):
    """Where a record of the answer section stands in its message: its owner's name, its data."""

    owner: int
    rdtype: int
    ttl: int
    start: int
    end: int


class Skimmed(NamedTuple):
    """What the sections hold. ``rcode_high``: the bits that EDNS adds to the rcode; ``refers``: the
    authority section names name servers.
    """

    rcode_high: int = 0
    negative_ttl: int | None = None
    extended_errors: tuple[tuple[int, str], ...] = ()
    answers: tuple[RawRecord, ...] = ()
    refers: bool = False


def read_reply(wire: bytes, question: Question, number: int) -> Reply | None:
    """Return the message when it answers ``question`` as sent under ``number``, else None.

    Raises MalformedAnswer when it does and claims more than is honest.
    """
    if len(wire) < 12:
        return None
    told, high, low, questions, answers, authority, additional = _HEADER.unpack_from(wire)
    if told != number or high & 0xF8 != 0x80:
        return None  # another id, not a response or not a QUERY
    rcode = low & 0x0F
    if not (questions == 1 and _same_question(wire, question)):
        # A server that does not understand EDNS may drop the question (RFC 6891, section 7).
        if questions or rcode not in (1, 4):
            return None
    elif (total := answers + authority + additional) > _MAX_RECORDS:
        raise MalformedAnswer(f"The answer claims to hold {total} records.")
    return Reply(wire, answers, rcode, bool(high & 2), bool(low & 0x20), bool(high & 4))


def _same_question(wire: bytes, question: Question) -> bool:
    section = question.section
    asked = wire[12 : 12 + len(section)]
    return asked == section or (asked[:-4].lower() == section[:-4] and asked[-4:] == section[-4:])


def skim(wire: bytes) -> Skimmed:
    """Return where the answers stand, and what the other sections tell. Raises MalformedAnswer."""
    try:
        return _skim(wire)
    except (IndexError, struct.error):
        raise MalformedAnswer("The answer ends in the middle of a record.") from None


def _skim(wire: bytes) -> Skimmed:
    answers, authority, additional = _COUNTS.unpack_from(wire, 6)
    position = _after_name(wire, 12) + 4 if wire[5] else 12
    negative, high, refers = None, 0, False
    errors: tuple[tuple[int, str], ...] = ()
    found: list[RawRecord] = []
    for index in range(answers + authority + additional):
        owner, start = position, _after_name(wire, position)
        rdtype, rdclass, ttl, length = _RECORD.unpack_from(wire, start)
        data = start + 10
        position = data + length
        if position > len(wire):
            raise IndexError
        if index < answers:
            if rdclass == _IN:
                # RFC 2181, section 8: a TTL with its highest bit set counts as none.
                lasting = ttl if ttl < 1 << 31 else 0
                found.append(RawRecord(owner, rdtype, lasting, data, position))
        elif rdtype == _SOA and index < answers + authority and length >= 22:
            minimum = int.from_bytes(wire[position - 4 : position], "big")
            negative = min(ttl, minimum, _NEGATIVE_TTL_LIMIT)
        elif rdtype == _NS and index < answers + authority:
            refers = True
        elif rdtype == _OPT:
            high = ttl >> 24
            errors = _extended_errors(wire[data:position])
    return Skimmed(high, negative, errors, tuple(found), refers)


def _after_name(wire: bytes, position: int) -> int:
    """Return the position behind a name, which is not followed through its pointers."""
    for _ in range(_MAX_LABELS):
        length = wire[position]
        if length >= 0xC0:
            return position + 2
        position += 1 + length
        if length == 0:
            return position
    raise IndexError


def _extended_errors(options: bytes) -> tuple[tuple[int, str], ...]:
    """Return code and text of each extended DNS error (RFC 8914) among EDNS options."""
    errors: list[tuple[int, str]] = []
    while len(options) >= 4 and len(errors) < _MAX_EDE:
        code, length = int.from_bytes(options[:2], "big"), int.from_bytes(options[2:4], "big")
        value, options = options[4 : 4 + length], options[4 + length :]
        if code == _EDE and len(value) >= 2:
            text = value[2:].rstrip(b"\0").decode("utf-8", "backslashreplace")
            errors.append((int.from_bytes(value[:2], "big"), text))
    return tuple(errors)
