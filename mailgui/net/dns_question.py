"""One question to the DNS, as the octets that are sent.

Made by hand: a sweep asks hundreds of them, and a message object for each would take longer than
the network.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from mailgui.wrong_input import WrongInput

UDP_PAYLOAD = 1232  # octets; fits every path without fragments
_FLAGS = 0x0120  # RD; and AD, which asks for the AD bit (RFC 6840, section 5.7)
_CD = 0x0010  # "checking disabled": hand over what does not validate (RFC 4035, section 3.2.2)
_OPT = b"\0\0\x29" + UDP_PAYLOAD.to_bytes(2, "big") + bytes(6)  # RFC 6891, section 6.1.2
_OPT_DO = _OPT[:7] + b"\x80" + _OPT[8:]  # with the signatures, please (RFC 3225)
_IN = b"\0\1"
_TYPE = re.compile(r"[A-Z][A-Z0-9-]{0,20}")
_NUMBERS = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
    "DS": 43, "DNSKEY": 48, "TLSA": 52, "SPF": 99, "CAA": 257,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question. ``name`` is in wire form, in lower case; ``signed`` asks for the signatures too,
    and for answers that the resolver itself holds for bogus.
    """

    name: bytes
    rdtype: int
    signed: bool = False

    @property
    def section(self) -> bytes:
        """The question section of the message."""
        return self.name + self.rdtype.to_bytes(2, "big") + _IN

    def to_wire(self, number: int, *, edns: bool = True) -> bytes:
        """Return the message under the id ``number``."""
        head = number.to_bytes(2, "big") + (_HEAD_SIGNED if self.signed else _HEAD)
        if not edns:
            return head + b"\0" + self.section
        return head + b"\1" + self.section + (_OPT_DO if self.signed else _OPT)


_COUNTS = bytes((0, 1, 0, 0, 0, 0, 0))  # one question; how many additional records follows
_HEAD = _FLAGS.to_bytes(2, "big") + _COUNTS
_HEAD_SIGNED = (_FLAGS | _CD).to_bytes(2, "big") + _COUNTS


def make_question(name: str, rdtype: str, *, signed: bool = False) -> Question:
    """Return the question for ``name`` and ``rdtype`` (such as "TXT").

    Raises ValueError with a sentence for a name or a type that cannot be asked for.
    """
    return Question(wire_name(name), _type_number(rdtype.upper()), signed)


def wire_name(text: str) -> bytes:
    """Return a name in wire form and lower case: labels between dots, no escapes, U-labels as
    A-labels.

    Raises ValueError for an empty label, a label over 63 octets, a name over 255 (RFC 1035,
    section 2.3.4).
    """
    label, dot, rest = text.partition(".")
    if dot and rest and ".." not in text and 0 < len(label) < 64 and label.isascii():
        # The names of a sweep differ in their first label only.
        with suppress(ValueError):  # which the whole name is told in
            wire = _SIZES[len(label)] + label.lower().encode() + _wire_of(rest)
            if len(wire) <= 255:
                return wire
    return _wire_of(text)


@lru_cache(maxsize=1024)
def _wire_of(text: str) -> bytes:
    text = text.removesuffix(".")
    if not text:
        return b"\0"
    if text.isascii():
        labels = text.lower().encode().split(b".")
    else:
        labels = [_label(label) for label in text.split(".")]
    sizes = [len(label) for label in labels]
    if not all(sizes):
        raise WrongInput(f"The name “{text}” has an empty label.")
    if max(sizes) > 63 or sum(sizes) + len(sizes) > 254:
        raise WrongInput(f"The name “{text}” is too long for the DNS.")
    parts = [_SIZES[size] + label for size, label in zip(sizes, labels, strict=True)]
    return b"".join(parts) + b"\0"


_SIZES = [bytes([size]) for size in range(64)]


def _label(label: str) -> bytes:
    if label.isascii():
        return label.lower().encode()
    import idna

    try:
        return idna.encode(label, uts46=True)
    except (idna.IDNAError, UnicodeError):
        raise WrongInput(f"“{label}” cannot be part of a domain name.") from None


def _type_number(rdtype: str) -> int:
    if rdtype in _NUMBERS:
        return _NUMBERS[rdtype]
    import dns.rdatatype

    try:
        if _TYPE.fullmatch(rdtype):
            return int(dns.rdatatype.from_text(rdtype))
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        pass
    raise WrongInput(f"“{rdtype}” is not a type of DNS record.")
