"""What a message says about a question: its records, or that there are none.

CNAMEs are followed (RFC 1034, section 3.6.2); single malformed records are passed over.
"""

from __future__ import annotations

from typing import NamedTuple

from mailgui.net.dns_question import Question
from mailgui.net.dns_records import present, read_labels, read_strings, text_of
from mailgui.net.dns_reply import MalformedAnswer, RawRecord, Reply, skim

MAX_CHAIN = 12  # CNAMEs followed for one question
_CNAME, _TXT, _DNAME = 5, 16, 39
REFERRAL = "a referral"  # to other servers: RFC 2308, section 2.2; in the place of an rcode
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


class ParsedAnswer(NamedTuple):
    """What one message says about one question.

    Attributes:
        rcode: its name, or ``REFERRAL``.
        ad, aa: whether the server says that it validated the answer, that the zone is its own.
        chain: the CNAMEs' targets, in order.
        open_end: the name still to be asked for, when a CNAME led out of the message.
        loop: the CNAMEs lead in a circle.
        message: the whole message, where the question asked for signatures.
    """

    rcode: str
    records: tuple[str, ...] = ()
    strings: tuple[tuple[bytes, ...], ...] = ()
    ttl: int | None = None
    ad: bool = False
    aa: bool = False
    chain: tuple[str, ...] = ()
    ede: tuple[str, ...] = ()
    open_end: str | None = None
    loop: bool = False
    message: bytes | None = None


class _Found(NamedTuple):
    """What the answer section holds for the question."""

    records: tuple[str, ...] = ()
    strings: tuple[tuple[bytes, ...], ...] = ()
    ttl: int | None = None
    chain: tuple[str, ...] = ()
    loop: bool = False


_NOTHING = _Found()


def warm_up() -> None:
    """Import what reading the usual records needs, so that no question waits for it."""
    import dns.ipv6  # noqa: F401


def parse_answer(reply: Reply, question: Question) -> ParsedAnswer:
    """Return what ``reply`` says about ``question``. Raises MalformedAnswer."""
    skimmed = skim(reply.wire)
    number = reply.rcode | skimmed.rcode_high << 4
    rcode = _RCODES.get(number) or f"RCODE {number}"
    found = _follow(reply.wire, skimmed.answers, question) if skimmed.answers else _NOTHING
    negative = skimmed.negative_ttl
    ttl = found.ttl
    if not found.records:
        ttl = negative if ttl is None or negative is None else min(ttl, negative)
    if skimmed.refers and negative is None and not (reply.aa or skimmed.answers or number):
        rcode = REFERRAL
    if number:  # what stands beside a refusal is no answer
        found = found._replace(records=(), strings=())
    out_of_message = found.chain and not found.records and not found.loop and negative is None
    return ParsedAnswer(
        rcode=rcode,
        records=found.records,
        strings=found.strings,
        ttl=ttl,
        ad=reply.ad,
        aa=reply.aa,
        chain=found.chain,
        ede=tuple(_extended_error(code, text) for code, text in skimmed.extended_errors),
        open_end=found.chain[-1] if out_of_message and rcode == "NOERROR" else None,
        loop=found.loop,
        message=reply.wire if question.signed else None,
    )


def _follow(wire: bytes, answers: tuple[RawRecord, ...], question: Question) -> _Found:
    """Follow the CNAMEs of the answer section to the records asked for."""
    owners = [_key(read_labels(wire, record.owner)) for record in answers]
    key = _key(read_labels(question.name, 0))
    seen = {key}
    chain: list[str] = []
    ttls: list[int] = []
    while True:
        here = [r for r, owner in zip(answers, owners, strict=True) if owner == key]
        wanted = [record for record in here if record.rdtype == question.rdtype]
        records, strings = _read_all(wire, wanted)
        if records:
            ttls += [record.ttl for record in wanted]
            return _Found(records, strings, min(ttls), tuple(chain))
        alias = next((record for record in here if record.rdtype == _CNAME), None)
        if alias is None:
            if wanted:
                raise MalformedAnswer("The answer's records could not be read.")
            if not chain and any(record.rdtype == _DNAME for record in answers):
                # RFC 6672, section 3.1: a server makes the CNAME itself.
                raise MalformedAnswer("The answer has a DNAME without the CNAME that goes with it.")
            return _Found(ttl=min(ttls, default=None), chain=tuple(chain))
        key = _key(read_labels(wire, alias.start))
        if key in seen or len(chain) >= MAX_CHAIN:
            return _Found(chain=tuple(chain), loop=True)
        seen.add(key)
        chain.append(b".".join(key).decode("latin-1"))
        ttls.append(alias.ttl)


def _key(labels: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(label.lower() for label in labels)


def _read_all(
    wire: bytes, raw: list[RawRecord]
) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...]]:
    """Return the records that can be read, each once, and the strings of TXT records."""
    if raw and raw[0].rdtype == _TXT:
        texts = []
        for record in raw:
            try:
                texts.append(read_strings(wire, record))
            except ValueError:
                continue
        strings = tuple(dict.fromkeys(texts))
        return tuple(map(text_of, strings)), strings
    found = []
    for record in raw:
        try:
            found.append(present(wire, record))
        except (ValueError, MalformedAnswer):
            continue
    return tuple(dict.fromkeys(found)), ()


def _extended_error(code: int, text: str) -> str:
    import dns.edns

    try:
        label = dns.edns.EDECode(code).name.replace("_", " ").capitalize()
    except ValueError:
        label = ""
    return " ".join(filter(None, (str(code), label))) + (f": {text}" if text else "")
