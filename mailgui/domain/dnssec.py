"""Whether a domain's answers are signed, and whether the signatures hold.

A validating resolver that can be trusted says so by a bit. Any other one is asked for the
signatures themselves, which are then checked from the trust anchor down.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from mailgui.domain.dnssec_findings import judge
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dnssec import (
    Delegation,
    Fault,
    Key,
    Signed,
    delegations_of,
    keys_named_by,
    keys_of,
    load_anchors,
    signature_fault,
    signed_set,
)
from mailgui.net.dnssec_denial import denial_of_ds
from mailgui.net.tlsa import is_trusted_resolver

if TYPE_CHECKING:
    from dns.rrset import RRset

State = Literal["secure", "insecure", "bogus", "unchecked"]
Anchors = Mapping[str, Sequence[Delegation]]
_SHOWN = ("SOA", "MX")  # whose signatures are looked at, beside that of the keys


@dataclass(frozen=True, slots=True)
class Link:
    """One zone on the way down. ``fault`` is why it does not hold, in a word; "" when it does."""

    zone: str
    delegations: tuple[Delegation, ...]
    keys: tuple[Key, ...]
    fault: str = ""

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``dnssec`` section holds it."""
        return {
            "zone": self.zone,
            "ds": list(map(str, self.delegations)),
            "keys": [key.words for key in self.keys],
            "fault": self.fault or None,
        }


@dataclass
class Signing:
    """What was found out about one domain.

    Attributes:
        by: ``resolver`` where its word counts, ``MailGUI`` where the signatures were checked here.
        delegations, keys: what the parent says of the domain's zone, and the zone's own keys.
        named: whether one of the keys is one that the parent names.
        faults: why signatures do not hold, by the type of record they are for.
        sets: the records with their signatures, by type.
        links: the way down from the trust anchor, as far as it was gone.
        errors: extended errors of the resolver.
    """

    domain: str
    plain: Answer
    state: State = "unchecked"
    by: str = ""
    delegations: tuple[Delegation, ...] = ()
    keys: tuple[Key, ...] = ()
    named: bool = False
    faults: dict[str, Fault] = field(default_factory=dict)
    sets: dict[str, Signed] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    reason: str = ""
    errors: tuple[str, ...] = ()


async def check_dnssec(
    domain: str, asker: Asker, *, anchors: Anchors | None = None, now: float | None = None
) -> Section:
    """Return the section on DNSSEC for ``domain``.

    ``anchors`` stand in for the root's keys; ``now`` is the time in seconds since 1970.
    """
    now = time.time() if now is None else now
    plain, keys, above = await asyncio.gather(
        asker.ask(domain, "SOA"),
        asker.ask(domain, "DNSKEY", signed=True),
        asker.ask(domain, "DS", signed=True),
    )
    shown: list[Answer] = []
    if keys.records:
        shown = await asyncio.gather(*(asker.ask(domain, t, signed=True) for t in _SHOWN))
    signing = Signing(domain, plain, errors=plain.ede)
    _take(signing, keys, above, shown, now)
    if not keys.records and not above.records and not _is_apex(plain, keys):
        await _find_zone(signing, asker, now)
    await _settle(signing, keys, above, asker, _anchors() if anchors is None else anchors, now)
    return _section(signing, now)


@cache
def _anchors() -> Anchors:
    return load_anchors()


def _is_apex(plain: Answer, keys: Answer) -> bool:
    return plain.status is not AnswerStatus.NODATA or not keys.conclusive


async def _find_zone(signing: Signing, asker: Asker, now: float) -> None:
    """The domain is no zone of its own: look for the keys of the one that it is in."""
    parent = signing.domain.partition(".")[2]
    if "." not in parent:
        return
    keys, above = await asyncio.gather(
        asker.ask(parent, "DNSKEY", signed=True), asker.ask(parent, "DS", signed=True)
    )
    if keys.records:
        signing.keys, signing.delegations = keys_of(keys), delegations_of(above)
        _, named = _own_keys(keys, above)
        signing.named = named is not None


def _take(
    signing: Signing, keys: Answer, above: Answer, shown: Sequence[Answer], now: float
) -> None:
    """Judge the zone's keys by what the parent says, and its records by the keys."""
    signing.delegations, signing.keys = delegations_of(above), keys_of(keys)
    everything, named = _own_keys(keys, above)
    signing.named = named is not None
    if everything.rrset is None:
        return
    signing.sets["DNSKEY"] = everything
    signing.faults["DNSKEY"] = signature_fault(everything, named or everything.rrset, now)
    for answer in shown:
        signed = signed_set(answer)
        if signed.rrset is not None:
            signing.sets[answer.rdtype] = signed
            signing.faults[answer.rdtype] = signature_fault(signed, everything.rrset, now)


def _own_keys(keys: Answer, above: Answer) -> tuple[Signed, RRset | None]:
    return signed_set(keys), keys_named_by(delegations_of(above), keys)


async def _settle(
    signing: Signing, keys: Answer, above: Answer, asker: Asker, anchors: Anchors, now: float
) -> None:
    """Decide on the state."""
    plain = signing.plain
    signed = bool(signing.keys or signing.delegations)
    if plain.conclusive and plain.ad and is_trusted_resolver(plain.server):
        held_back = await _is_held_back(signing, asker)
        signing.state, signing.by = "bogus" if held_back else "secure", "resolver"
    elif plain.status is AnswerStatus.SERVFAIL and (signed or _is_bogus(plain)):
        signing.state, signing.by = "bogus", "resolver"
        signing.reason = "The name server does not hand out its answers: validation fails."
    elif not plain.conclusive:
        signing.reason = plain.reason or f"The name server answered {plain.status.value}."
    elif not keys.conclusive or (not above.conclusive and signing.keys):
        silent = above if keys.conclusive else keys
        signing.reason = f"The {silent.rdtype} records could not be looked up ({silent.status})."
    elif not signed or not signing.delegations:
        signing.state = "insecure"
    elif not signing.keys or not signing.named or any(signing.faults.values()):
        signing.state, signing.by = "bogus", "MailGUI"
    else:
        await _climb(signing, asker, anchors, now)


async def _is_held_back(signing: Signing, asker: Asker) -> bool:
    """Whether the resolver, content with the zone as such, does not hand out its MX records, whose
    signatures do not hold here either.
    """
    if signing.faults.get("MX") in (None, "", "unsupported"):
        return False
    return (await asker.ask(signing.domain, "MX")).status is AnswerStatus.SERVFAIL


def _is_bogus(answer: Answer) -> bool:
    """Whether the resolver says that it was validation that failed (RFC 8914)."""
    return any(
        error.split(" ", 1)[0] in {"6", "7", "8", "9", "10", "11", "12"} for error in answer.ede
    )


async def _climb(signing: Signing, asker: Asker, anchors: Anchors, now: float) -> None:
    """Follow the chain of trust from the nearest anchor down to the domain's zone."""
    domain = signing.domain
    names = [domain, *(domain.split(".", cut)[cut] for cut in range(1, domain.count(".") + 1)), "."]
    start = next((name for name in names if _anchor(anchors, name)), None)
    if start is None:
        signing.reason = "There is no trust anchor above it."
        return
    way = names[: names.index(start) + 1][::-1]
    keys, above = await asyncio.gather(
        asyncio.gather(*(asker.ask(name, "DNSKEY", signed=True) for name in way)),
        asyncio.gather(*(asker.ask(name, "DS", signed=True) for name in way[1:])),
    )
    trusted = _trusted(signing, way[0], _anchor(anchors, start), keys[0], now)
    for name, own, delegation in zip(way[1:], keys[1:], above, strict=True):
        if trusted is None:
            return
        if not delegation.records:
            denial = denial_of_ds(delegation, trusted, now)
            if denial == "not_a_cut" or (denial == "none" and not own.records):
                continue
            signing.state, signing.by = "insecure", "MailGUI"
            signing.links.append(Link(name, (), keys_of(own), "no DS record"))
            return
        fault = signature_fault(signed_set(delegation), trusted, now)
        if fault:
            signing.links.append(Link(name, delegations_of(delegation), keys_of(own), fault))
            signing.state, signing.by, signing.faults["DS"] = "bogus", "MailGUI", fault
            return
        trusted = _trusted(signing, name, delegations_of(delegation), own, now)
    if trusted is not None:
        signing.state, signing.by = "secure", "MailGUI"


def _anchor(anchors: Anchors, name: str) -> Sequence[Delegation]:
    return anchors.get(name) or anchors.get(f"{name}.") or ()


def _trusted(
    signing: Signing, name: str, delegations: Sequence[Delegation], keys: Answer, now: float
) -> RRset | None:
    """Return the keys of a zone if they can be trusted; else note why not."""
    signed, named = signed_set(keys), keys_named_by(delegations, keys)
    link = Link(name, tuple(delegations), keys_of(keys))
    if signed.rrset is None or not signed.signatures:
        signing.reason = f"The name server does not hand over the signed keys of {_zone(name)}."
        signing.links.append(Link(name, link.delegations, link.keys, "no keys"))
        return None
    fault = signature_fault(signed, named, now)
    signing.links.append(Link(name, link.delegations, link.keys, fault))
    if fault:
        signing.state, signing.by = "bogus", "MailGUI"
        signing.reason = f"The keys of {_zone(name)} do not hold."
        signing.faults["parent" if name != signing.domain else "DNSKEY"] = fault
        return None
    return signed.rrset


def _zone(name: str) -> str:
    return "the root" if name == "." else name


def _section(signing: Signing, now: float) -> Section:
    expires = [s.expires for s in signing.sets.values() if s.expires is not None]
    days = round((min(expires) - now) / 86400, 1) if expires else None
    details: dict[str, object] = {
        "state": signing.state,
        "validated_by": signing.by or None,
        "keys": [
            {"tag": k.tag, "algorithm": k.algorithm, "words": k.words, "bits": k.bits}
            for k in signing.keys
        ],
        "ds": list(map(str, signing.delegations)),
        "signatures": {
            rdtype: {"expires": signed.expires, "fault": signing.faults.get(rdtype) or None}
            for rdtype, signed in signing.sets.items()
        },
        "days_left": days,
        "chain": [link.to_json_dict() for link in signing.links],
        "reason": signing.reason or None,
    }
    records = tuple(f"DS {delegation}" for delegation in signing.delegations) + tuple(
        f"DNSKEY {key.words}" for key in signing.keys
    )
    findings = judge(signing, now)
    if signing.state == "unchecked":
        section = unchecked("dnssec", "The state of DNSSEC", signing.reason)
        findings = (*section.findings, *findings)
        return Section("dnssec", section.verdict, section.summary, records, findings, details)
    if signing.state == "insecure" and not signing.keys and not signing.delegations:
        return Section("dnssec", Verdict.NOT_SET_UP, "not signed", records, findings, details)
    return Section("dnssec", worst(findings), _summary(signing, days), records, findings, details)


def _summary(signing: Signing, days: float | None) -> str:
    if signing.state == "secure":
        left = f", signatures hold {days:g} more days" if days is not None and days < 1000 else ""
        return f"secure{left}"
    return {
        "insecure": "signed, but not linked to the zone above",
        "bogus": "bogus: the signatures do not hold",
    }[signing.state]
