"""Questions and answers on the wire: made, checked, and read into plain values.

dnspython knows the formats. What is added here: a bound on what a hostile server can make us do,
following of CNAMEs (RFC 1034, section 3.6.2), and tolerance for single malformed records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rdata import Rdata
    from dns.rrset import RRset

UDP_PAYLOAD = 1232  # octets; fits every path without fragments
MAX_CHAIN = 12  # CNAMEs followed for one question
_MAX_RECORDS = 2000  # in one message; far beyond anything honest
_NEGATIVE_TTL_LIMIT = 10800  # RFC 2308, section 5: three hours
_TYPE = re.compile(r"[A-Z][A-Z0-9-]{0,20}")


class MalformedAnswer(Exception):
    """An answer that cannot be read, or should not be."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question ready to be sent. ``wire`` has the id 0: each sending puts in one of its own."""

    name: Name
    rdtype: int
    wire: bytes

    def with_id(self, number: int) -> bytes:
        """Return the octets to send under the id ``number``."""
        return number.to_bytes(2, "big") + self.wire[2:]


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """What one message says about one question. ``open_end`` is the name still to be asked for,
    when a CNAME led out of the message.
    """

    rcode: str
    records: tuple[str, ...] = ()
    strings: tuple[tuple[bytes, ...], ...] = ()
    ttl: int | None = None
    ad: bool = False
    chain: tuple[str, ...] = ()
    ede: tuple[str, ...] = ()
    open_end: str | None = None
    loop: bool = False


def to_name(text: str) -> Name:
    """Return the DNS name of ``text``: labels between dots, no escapes, U-labels as A-labels.

    Raises ValueError when it cannot be asked for: an empty label, one over 63 octets, over 255.
    """
    import dns.exception
    import dns.name

    labels = [_label(label) for label in text.removesuffix(".").split(".")] if text != "." else []
    if any(not label for label in labels):
        raise ValueError(f"The name “{text}” has an empty label.")
    try:
        return dns.name.Name([*labels, b""])
    except (dns.exception.DNSException, ValueError):
        raise ValueError(f"The name “{text}” is too long for the DNS.") from None


def _label(label: str) -> bytes:
    if label.isascii():
        return label.encode()
    import idna

    try:
        return idna.encode(label, uts46=True)
    except (idna.IDNAError, UnicodeError):
        raise ValueError(f"“{label}” cannot be part of a domain name.") from None


def name_text(name: Name) -> str:
    """Return a name in lower case, without its final dot."""
    return name.to_text(omit_final_dot=True).lower()


def make_question(name: str, rdtype: str, *, edns: bool = True) -> Question:
    """Return the question for ``name`` and ``rdtype``. Raises ValueError for a name or a type that
    cannot be asked for.
    """
    import dns.flags
    import dns.message
    import dns.rdatatype

    dns_name = to_name(name)
    if not _TYPE.fullmatch(rdtype):
        raise ValueError(f"“{rdtype}” is not a type of DNS record.")
    try:
        type_number = dns.rdatatype.from_text(rdtype)
    except dns.rdatatype.UnknownRdatatype:
        raise ValueError(f"“{rdtype}” is not a type of DNS record.") from None
    flags = int(dns.flags.RD) | int(dns.flags.AD)  # AD asks for the AD bit: RFC 6840, section 5.7
    message = dns.message.make_query(
        dns_name, type_number, use_edns=0 if edns else -1, payload=UDP_PAYLOAD, id=0, flags=flags
    )
    return Question(dns_name, type_number, message.to_wire())


def read_message(wire: bytes, question: Question, number: int) -> Message | None:
    """Return the message when it answers ``question`` as it was sent, else None.

    Raises MalformedAnswer when id and question are right and the rest cannot be read.
    """
    import dns.message

    if len(wire) < 12 or int.from_bytes(wire[:2], "big") != number or not wire[2] & 0x80:
        return None
    counts = sum(int.from_bytes(wire[at : at + 2], "big") for at in (6, 8, 10))
    if counts > _MAX_RECORDS:
        raise MalformedAnswer(f"The answer claims {counts} records.")
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True, continue_on_error=True)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's octets did to the parser
        raise MalformedAnswer(f"The answer could not be read ({error}).") from None
    if not message.question:
        return message if message.rcode() in (1, 4) else None  # FORMERR and NOTIMP may drop it
    asked = message.question[0]
    if len(message.question) != 1 or (asked.name, asked.rdtype) != (question.name, question.rdtype):
        return None
    return message


def is_truncated(message: Message) -> bool:
    """Return whether the answer did not fit and must be asked for over TCP."""
    return bool(message.flags & 0x0200)


def parse_answer(message: Message, question: Question) -> ParsedAnswer:
    """Return what ``message`` says about ``question``. Raises MalformedAnswer when its records
    were unreadable and none was left.
    """
    import dns.rcode

    rcode = dns.rcode.to_text(message.rcode())
    chain, end, loop, ttls = _follow(message, question)
    found = None if loop else _rrset(message, end, question.rdtype)
    common = {"rcode": rcode, "ad": bool(message.flags & 0x0020), "ede": _extended_errors(message)}
    names = tuple(name_text(name) for name in chain)
    if found is not None:
        records, strings = _present(found)
        ttl = min([found.ttl, *ttls])
        return ParsedAnswer(records=records, strings=strings, ttl=ttl, chain=names, **common)  # type: ignore[arg-type]
    if getattr(message, "errors", None) and rcode == "NOERROR":
        raise MalformedAnswer("The answer's records could not be read.")
    negative = _negative_ttl(message)
    open_end = chain and not loop and rcode == "NOERROR" and negative is None
    return ParsedAnswer(
        ttl=None if negative is None else min([negative, *ttls]),
        chain=names,
        open_end=names[-1] if open_end else None,
        loop=loop,
        **common,  # type: ignore[arg-type]
    )


def _follow(message: Message, question: Question) -> tuple[list[Name], Name, bool, list[int]]:
    """Return the chain of CNAMEs in the answer, its end, whether it loops, and their TTLs."""
    chain: list[Name] = []
    ttls: list[int] = []
    name = question.name
    while question.rdtype != 5 and _rrset(message, name, question.rdtype) is None:
        alias = _rrset(message, name, 5)
        if alias is None:
            break
        target: Name = alias[0].target  # type: ignore[attr-defined]
        if target == question.name or target in chain or len(chain) >= MAX_CHAIN:
            return chain, name, True, ttls
        chain.append(target)
        ttls.append(alias.ttl)
        name = target
    return chain, name, False, ttls


def _rrset(message: Message, name: Name, rdtype: int) -> RRset | None:
    for rrset in message.answer:
        if rrset.rdtype == rdtype and rrset.rdclass == 1 and rrset.name == name and len(rrset):
            return rrset
    return None


def _present(rrset: RRset) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...]]:
    if rrset.rdtype != 16:
        return tuple(_text(rdata) for rdata in rrset), ()
    strings = tuple(tuple(rdata.strings) for rdata in rrset)  # type: ignore[attr-defined]
    return tuple(b"".join(s).decode("utf-8", "backslashreplace") for s in strings), strings


def _text(rdata: Rdata) -> str:
    return rdata.to_text()


def _negative_ttl(message: Message) -> int | None:
    """Return how long "there is none" may be kept (RFC 2308, section 5), or None without an SOA."""
    for rrset in message.authority:
        if rrset.rdtype == 6 and len(rrset):
            return min(rrset.ttl, rrset[0].minimum, _NEGATIVE_TTL_LIMIT)  # type: ignore[attr-defined]
    return None


def _extended_errors(message: Message) -> tuple[str, ...]:
    errors = []
    for option in message.options:
        if option.otype == 15:
            code = int(option.code)  # type: ignore[attr-defined]
            text = option.text or ""  # type: ignore[attr-defined]
            label = getattr(option.code, "name", "").replace("_", " ").capitalize()  # type: ignore[attr-defined]
            errors.append(
                " ".join(filter(None, (str(code), label))) + (f": {text}" if text else "")
            )
    return tuple(errors[:8])
