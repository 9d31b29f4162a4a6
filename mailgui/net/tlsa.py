"""TLSA records: what the DNS says about the certificates of a host's service (RFC 6698)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mailgui.net.dns_address import parse_server
from mailgui.net.hosts import is_loopback
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.net.dns_answer import Answer
    from mailgui.net.resolver import Resolver
    from mailgui.transcript import Recorder

TlsaStatus = Literal["secure", "insecure", "none", "bogus", "unknown"]
DANE_TA, DANE_EE = 2, 3  # the usages that SMTP uses: RFC 7672, section 3.1
_DIGEST_SIZES = {1: 32, 2: 64}  # SHA-256, SHA-512
_MAX_RECORDS = 64
_USAGES = {0: "PKIX-TA", 1: "PKIX-EE", DANE_TA: "DANE-TA", DANE_EE: "DANE-EE"}
# RFC 8914: unsupported algorithms, indeterminate, bogus, expired and early signatures, missing
# keys, signatures and denials, no zone key, unsupported NSEC3 iterations.
_VALIDATION_ERRORS = {"1", "2", "5", "6", "7", "8", "9", "10", "11", "12", "27"}


@dataclass(frozen=True, slots=True)
class TlsaRecord:
    """One TLSA record.

    Attributes:
        usage: 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
        selector: 0 the whole certificate, 1 its public key.
        matching: 0 the thing itself, 1 its SHA-256, 2 its SHA-512.
    """

    usage: int
    selector: int
    matching: int
    data: bytes

    def __str__(self) -> str:
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}".rstrip()

    @property
    def brief(self) -> str:
        """The record with its data cut short, for a sentence."""
        digest = self.data.hex()
        shown = digest if len(digest) <= 16 else f"{digest[:12]}…"
        return f"{self.usage} {self.selector} {self.matching} {shown}".rstrip()

    @property
    def fault(self) -> str:
        """Why SMTP cannot use this record, in a sentence; empty when it can."""
        name = _USAGES.get(self.usage)
        if name is None:
            return f"Usage {self.usage} is not known."
        if self.usage not in (DANE_TA, DANE_EE):
            return f"Usage {self.usage} ({name}) is not for SMTP (RFC 7672, section 3.1.3)."
        if self.selector not in (0, 1):
            return f"Selector {self.selector} is not known."
        if self.matching not in (0, 1, 2):
            return f"Matching type {self.matching} is not known."
        size = _DIGEST_SIZES.get(self.matching)
        if size is not None and len(self.data) != size:
            return f"The digest has {len(self.data)} octets in place of {size}."
        return "" if self.data else "It holds no data."


@dataclass(frozen=True, slots=True)
class TlsaAnswer:
    """What the DNS says about a host's TLSA records.

    Attributes:
        status: ``secure`` (validated: they apply), ``insecure`` (not validated: they do not),
            ``none`` (there are none), ``bogus`` (validation failed: do not deliver there),
            ``unknown`` (no answer, or one from a resolver that cannot be believed about DNSSEC).
        problem: what stands in the way, in sentences; empty when nothing does.
        base: the host's name they were asked for under, which is also the one to ask for in TLS.
    """

    status: TlsaStatus
    records: tuple[TlsaRecord, ...] = ()
    problem: str = ""
    base: str = ""

    @property
    def usable(self) -> tuple[TlsaRecord, ...]:
        """The records that SMTP can use."""
        return tuple(record for record in self.records if not record.fault)


def parse_tlsa(text: str) -> TlsaRecord:
    """Return the record that presentation form ("3 1 1 0A…") stands for. Raises ValueError."""
    fields = text.split(None, 3)
    numbers = [int(field) for field in fields[:3] if re.fullmatch(r"[0-9]{1,3}", field)]
    digits = "".join(fields[3].split()) if len(fields) == 4 else ""
    whole = len(numbers) == 3 and max(numbers) < 256
    if not whole or not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits):
        raise ValueError(f"“{visible(text)[:80]}” is not a TLSA record.")
    usage, selector, matching = numbers
    return TlsaRecord(usage, selector, matching, bytes.fromhex(digits))


async def find_tlsa(
    host: str,
    port: int,
    resolver: Resolver,
    *,
    trust_ad: bool | None = None,
    recorder: Recorder | None = None,
) -> TlsaAnswer:
    """Return the TLSA records for ``host`` and ``port``.

    Where the host's name is an alias, those of the name it leads to come first (RFC 7672, section
    2.2.2). ``trust_ad``: whether to believe the resolver that it validated; by default only one on
    this machine or over TLS or HTTPS, since on any other way the bit can be set by anybody.
    """
    address = await resolver.ask(host, "A", recorder=recorder)
    if not address.records:
        address = await resolver.ask(host, "AAAA", recorder=recorder)
    secure_host = address.ad and believed(address, trust_ad)
    bases = [host]
    if address.cname and secure_host:
        bases.insert(0, address.cname[-1])
    found = TlsaAnswer("none", base=host)
    for base in bases:
        answer = await resolver.ask(f"_{port}._tcp.{base}", "TLSA", recorder=recorder)
        found = _judge(answer, base, trust_ad, secure_host=secure_host)
        if found.status != "none":
            break
    return found


def is_trusted_resolver(server: str) -> bool:
    """Return whether the AD bit from ``server`` (as in Answer) can be believed without being told:
    it is on this machine, or reached over TLS or HTTPS.
    """
    try:
        address = parse_server(server)
    except ValueError:
        return False
    return address.transport in ("tls", "https") or is_loopback(address.host)


def believed(answer: Answer, trust_ad: bool | None) -> bool:
    """Return whether what ``answer`` says of its validation can be believed; see ``find_tlsa``."""
    return is_trusted_resolver(answer.server) if trust_ad is None else trust_ad


def _judge(answer: Answer, base: str, trust_ad: bool | None, *, secure_host: bool) -> TlsaAnswer:
    if answer.absent:
        return TlsaAnswer("none", base=base)
    if not answer.conclusive:
        return _no_answer(answer, base, secure_host=secure_host)
    records, faults = _parse_all(answer.records[:_MAX_RECORDS])
    problem = " ".join(faults)
    if not answer.ad:
        sentence = (
            "The TLSA records are not protected by DNSSEC, or the name server does not validate: "
            "senders ignore them."
        )
        return TlsaAnswer("insecure", records, f"{sentence} {problem}".strip(), base)
    if not believed(answer, trust_ad):
        sentence = (
            f"The name server {answer.server} says that the TLSA records are validated, but "
            "anybody on the way to it could say so: ask a validating one on this machine, or over "
            "TLS or HTTPS."
        )
        return TlsaAnswer("unknown", records, sentence, base)
    return TlsaAnswer("secure", records, problem, base)


def _no_answer(answer: Answer, base: str, *, secure_host: bool) -> TlsaAnswer:
    validation = [e for e in answer.ede if e.partition(" ")[0].rstrip(":") in _VALIDATION_ERRORS]
    if validation:
        why = visible(validation[0])[:120]
        sentence = f"DNSSEC validation of the TLSA records at {answer.name} failed ({why})."
        return TlsaAnswer("bogus", (), sentence, base)
    if secure_host and answer.status.value == "servfail":
        # RFC 7672, section 2.1.2: where the host itself is secure, no answer is as bad as bogus.
        sentence = f"{answer.server} answered SERVFAIL for the TLSA records at {answer.name}."
        return TlsaAnswer("bogus", (), sentence, base)
    sentence = f"The TLSA records at {answer.name} could not be looked up ({answer.status.value})."
    return TlsaAnswer("unknown", (), sentence, base)


def _parse_all(texts: Sequence[str]) -> tuple[tuple[TlsaRecord, ...], list[str]]:
    records: list[TlsaRecord] = []
    faults: list[str] = []
    for text in texts:
        try:
            record = parse_tlsa(text)
        except ValueError as error:
            faults.append(str(error))
            continue
        records.append(record)
        if record.fault:
            faults.append(f"The TLSA record {record.brief} is of no use: {record.fault}")
    return tuple(records), faults
