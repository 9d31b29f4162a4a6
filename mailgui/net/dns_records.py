"""Records out of a message, in presentation form.

The types that a check asks for by the hundred are read by hand, in a tenth of the time; dnspython
reads all others, and names with characters that need escapes.
"""

from __future__ import annotations

import re
import socket

from mailgui.net.dns_reply import MalformedAnswer, RawRecord

_MAX_HOPS = 64  # pointers followed in one name
_PLAIN = re.compile(rb"[A-Za-z0-9_*-]+")
_A, _NS, _CNAME, _PTR, _MX, _TXT, _AAAA, _TLSA = 1, 2, 5, 12, 15, 16, 28, 52
_NAMES = frozenset((_NS, _CNAME, _PTR))


def read_labels(wire: bytes, position: int) -> tuple[bytes, ...]:
    """Return the labels of the name at ``position``, pointers followed (RFC 1035, section 4.1.4).

    Raises MalformedAnswer for a name that does not end, or is longer than a name may be.
    """
    labels: list[bytes] = []
    size = hops = 0
    try:
        while length := wire[position]:
            if length >= 0xC0:
                position = (length & 0x3F) << 8 | wire[position + 1]
                hops += 1
            elif length < 0x40:
                labels.append(wire[position + 1 : position + 1 + length])
                position += 1 + length
                size += 1 + length
            else:
                raise MalformedAnswer("A name has a label of an unknown kind.")
            if hops > _MAX_HOPS or size > 254:
                raise MalformedAnswer("A name does not end.")
    except IndexError:
        raise MalformedAnswer("A name ends in the middle.") from None
    return tuple(labels)


def present(wire: bytes, record: RawRecord) -> str:
    """Return a record's data in presentation form, names with their final dot.

    Raises ValueError or MalformedAnswer where it cannot be read.
    """
    rdtype, start, end = record.rdtype, record.start, record.end
    if rdtype == _A and end - start == 4:
        return socket.inet_ntoa(wire[start:end])
    if rdtype == _TXT:
        return text_of(read_strings(wire, record))
    if rdtype == _AAAA and end - start == 16:
        from dns.ipv6 import inet_ntoa

        return inet_ntoa(wire[start:end])
    if rdtype == _TLSA and end - start >= 3:  # a digest of the wrong length is to be seen
        usage, selector, matching = wire[start : start + 3]
        return f"{usage} {selector} {matching} {wire[start + 3 : end].hex()}"
    if rdtype in _NAMES or (rdtype == _MX and end - start > 2):
        preference = rdtype == _MX
        labels = read_labels(wire, start + 2 * preference)
        if all(map(_PLAIN.fullmatch, labels)):
            name = b".".join((*labels, b"")).decode() or "."
            return (
                f"{int.from_bytes(wire[start : start + 2], 'big')} {name}" if preference else name
            )
    return _by_library(wire, record)


def read_strings(wire: bytes, record: RawRecord) -> tuple[bytes, ...]:
    """Return the strings of a TXT record. Raises ValueError where their lengths do not fit."""
    position, strings = record.start, []
    while position < record.end:
        following = position + 1 + wire[position]
        if following > record.end:
            raise ValueError("A string of a TXT record goes beyond its end.")
        strings.append(wire[position + 1 : following])
        position = following
    if not strings:
        raise ValueError("A TXT record has no strings.")
    return tuple(strings)


def text_of(strings: tuple[bytes, ...]) -> str:
    """Return the strings of a TXT record joined; octets that are not UTF-8 become ``\\xNN``."""
    return b"".join(strings).decode("utf-8", "backslashreplace")


def _by_library(wire: bytes, record: RawRecord) -> str:
    import dns.exception
    import dns.rdata
    import dns.rdatatype

    start, length = record.start, record.end - record.start
    try:
        rdtype = dns.rdatatype.RdataType.make(record.rdtype)
        return dns.rdata.from_wire("IN", rdtype, wire, start, length).to_text()
    except Exception as error:  # noqa: BLE001  # whatever a stranger's octets do to the parser
        raise ValueError(str(error)) from None
