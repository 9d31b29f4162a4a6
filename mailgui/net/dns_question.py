"""One question to the DNS, as the octets that are sent.

Made by hand: a sweep asks hundreds of them, and a message object for each would take longer than
the network.
"""

import re
from dataclasses import dataclass

UDP_PAYLOAD = 1232  # octets; fits every path without fragments
_FLAGS = 0x0120  # RD; and AD, which asks for the AD bit (RFC 6840, section 5.7)
_OPT = b"\0\0\x29" + UDP_PAYLOAD.to_bytes(2, "big") + bytes(6)  # RFC 6891, section 6.1.2
_IN = b"\0\1"
_TYPE = re.compile(r"[A-Z][A-Z0-9-]{0,20}")
_NUMBERS = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
    "DS": 43, "DNSKEY": 48, "TLSA": 52, "SPF": 99, "CAA": 257,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question. ``name`` is in wire form, in lower case."""

    name: bytes
    rdtype: int

    @property
    def section(self) -> bytes:
        """The question section of the message."""
        return self.name + self.rdtype.to_bytes(2, "big") + _IN

    def to_wire(self, number: int, *, edns: bool = True) -> bytes:
        """Return the message under the id ``number``."""
        counts = bytes((0, 1, 0, 0, 0, 0, 0, int(edns)))
        head = number.to_bytes(2, "big") + _FLAGS.to_bytes(2, "big") + counts
        return head + self.section + (_OPT if edns else b"")


def make_question(name: str, rdtype: str) -> Question:
    """Return the question for ``name`` and ``rdtype`` (such as "TXT").

    Raises ValueError with a sentence for a name or a type that cannot be asked for.
    """
    return Question(wire_name(name), _type_number(rdtype.upper()))


def wire_name(text: str) -> bytes:
    """Return a name in wire form and lower case: labels between dots, no escapes, U-labels as
    A-labels.

    Raises ValueError for an empty label, a label over 63 octets, a name over 255 (RFC 1035,
    section 2.3.4).
    """
    text = text.removesuffix(".")
    labels = [_label(label) for label in text.split(".")] if text else []
    if not all(labels):
        raise ValueError(f"The name “{text}” has an empty label.")
    if any(len(label) > 63 for label in labels) or sum(map(len, labels)) + len(labels) > 254:
        raise ValueError(f"The name “{text}” is too long for the DNS.")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _label(label: str) -> bytes:
    if label.isascii():
        return label.lower().encode()
    import idna

    try:
        return idna.encode(label, uts46=True)
    except (idna.IDNAError, UnicodeError):
        raise ValueError(f"“{label}” cannot be part of a domain name.") from None


def _type_number(rdtype: str) -> int:
    if rdtype in _NUMBERS:
        return _NUMBERS[rdtype]
    import dns.rdatatype

    try:
        if _TYPE.fullmatch(rdtype):
            return int(dns.rdatatype.from_text(rdtype))
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        pass
    raise ValueError(f"“{rdtype}” is not a type of DNS record.")
