"""What a message says about a question: its records, or that there are none.

dnspython reads the records. Added here: following of CNAMEs (RFC 1034, section 3.6.2), and
tolerance for single malformed records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, skim

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rdtypes.ANY.CNAME import CNAME
    from dns.rdtypes.ANY.TXT import TXT
    from dns.rrset import RRset

MAX_CHAIN = 12  # CNAMEs followed for one question
_CNAME, _TXT = 5, 16
_RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    9: "NOTAUTH",
    16: "BADVERS",
    23: "BADCOOKIE",
}


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """What one message says about one question.

    Attributes:
        chain: the CNAMEs' targets, in order.
        open_end: the name still to be asked for, when a CNAME led out of the message.
        loop: the CNAMEs lead in a circle.
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


@dataclass(frozen=True, slots=True)
class _Found:
    """What the answer section holds for the question."""

    records: tuple[str, ...] = ()
    strings: tuple[tuple[bytes, ...], ...] = ()
    ttls: tuple[int, ...] = ()
    chain: tuple[str, ...] = ()
    loop: bool = False


def warm_up() -> None:
    """Import what reading the usual records needs: a quarter of a second when it is cold."""
    import dns.edns
    import dns.message
    import dns.rdtypes.ANY.CNAME
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.ANY.PTR
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.ANY.TXT
    import dns.rdtypes.IN.A
    import dns.rdtypes.IN.AAAA  # noqa: F401


def parse_answer(reply: Reply, question: Question) -> ParsedAnswer:
    """Return what ``reply`` says about ``question``. Raises MalformedAnswer."""
    skimmed = skim(reply.wire)
    number = reply.rcode | skimmed.rcode_high << 4
    rcode = _RCODES.get(number, f"RCODE {number}")
    found = _read_records(reply, question) if reply.answers else _Found()
    ttls = list(found.ttls)
    if not found.records and skimmed.negative_ttl is not None:
        ttls.append(skimmed.negative_ttl)
    out_of_message = (
        found.chain and not found.records and not found.loop and skimmed.negative_ttl is None
    )
    return ParsedAnswer(
        rcode=rcode,
        records=found.records,
        strings=found.strings,
        ttl=min(ttls) if found.records or skimmed.negative_ttl is not None else None,
        ad=reply.ad,
        chain=found.chain,
        ede=tuple(_extended_error(code, text) for code, text in skimmed.extended_errors),
        open_end=found.chain[-1] if out_of_message and rcode == "NOERROR" else None,
        loop=found.loop,
    )


def _read_records(reply: Reply, question: Question) -> _Found:
    import dns.message
    import dns.name

    try:
        message = dns.message.from_wire(reply.wire, ignore_trailing=True, continue_on_error=True)
        name = dns.name.from_wire(question.name, 0)[0]
        found = _follow(message, name, question.rdtype)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's octets do to the parser
        raise MalformedAnswer(f"The answer could not be read ({error}).") from None
    if not found.records and not found.chain and getattr(message, "errors", None):
        raise MalformedAnswer("The answer's records could not be read.")
    return found


def _follow(message: Message, name: Name, rdtype: int) -> _Found:
    """Follow the CNAMEs of the answer section to the records asked for."""
    seen = [name]
    chain: list[str] = []
    ttls: list[int] = []
    while True:
        rrset = _rrset(message, name, rdtype)
        if rrset is not None:
            records, strings = _present(rrset)
            return _Found(records, strings, (*ttls, rrset.ttl), tuple(chain))
        alias = _rrset(message, name, _CNAME)
        if alias is None:
            return _Found(ttls=tuple(ttls), chain=tuple(chain))
        name = cast("CNAME", alias[0]).target
        if name in seen or len(chain) >= MAX_CHAIN:
            return _Found(chain=tuple(chain), loop=True)
        seen.append(name)
        chain.append(_name_text(name))
        ttls.append(alias.ttl)


def _rrset(message: Message, name: Name, rdtype: int) -> RRset | None:
    for rrset in message.answer:
        if rrset.rdtype == rdtype and rrset.rdclass == 1 and rrset.name == name and len(rrset):
            return rrset
    return None


def _present(rrset: RRset) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...]]:
    if rrset.rdtype != _TXT:
        return tuple(rdata.to_text() for rdata in rrset), ()
    strings = tuple(tuple(cast("TXT", rdata).strings) for rdata in rrset)
    return tuple(b"".join(s).decode("utf-8", "backslashreplace") for s in strings), strings


def _name_text(name: Name) -> str:
    """Return a name in lower case, without its final dot; unescaped, so that it can be asked
    for.
    """
    return b".".join(name.labels[:-1]).decode("latin-1").lower()


def _extended_error(code: int, text: str) -> str:
    import dns.edns

    try:
        label = dns.edns.EDECode(code).name.replace("_", " ").capitalize()
    except ValueError:
        label = ""
    return " ".join(filter(None, (str(code), label))) + (f": {text}" if text else "")
