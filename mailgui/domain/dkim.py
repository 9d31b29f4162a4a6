"""Finding a domain's DKIM keys, and what is wrong with them.

Keys cannot be listed, only asked for by selector. So the usual selectors are swept, after two
questions that save most of them: whether anything exists below ``_domainkey`` (RFC 8020), and
whether a wildcard answers to everything.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from mailgui.domain.dkim_findings import judge, of_nothing
from mailgui.domain.dkim_key import DkimKey, looks_like_key, parse_key
from mailgui.domain.dkim_selectors import Vendor, selector_list
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.transcript import visible

Seen = Callable[[], Awaitable[tuple[Vendor, ...]]]


@dataclass(frozen=True, slots=True)
class Selector:
    """What stands under one selector. ``keys`` are its records, of which there should be one."""

    name: str
    answer: Answer
    keys: tuple[DkimKey, ...]
    vendor: str | None = None
    given: bool = False


async def check_dkim(
    domain: str,
    asker: Asker,
    *,
    selectors: tuple[str, ...] = (),
    learned: tuple[str, ...] = (),
    thorough: bool = True,
    vendors_seen: Seen | None = None,
) -> Section:
    """Return the section on the keys of ``domain``.

    ``selectors`` are looked up whatever the rest says, as are those ``learned`` from earlier checks
    and messages, which need not be there any more. Unless ``thorough``, a key under one of the
    usual selectors is enough, and the rest is left alone. ``vendors_seen`` tells the vendors that
    SPF and MX show, and is waited for only where that matters.
    """
    canary = f"{secrets.token_hex(6)}-no-such-selector"
    known = selector_list()
    given, top, wild = await asyncio.gather(
        _look_up(domain, selectors, asker, given=True),
        asker.ask(f"_domainkey.{domain}", "TXT"),
        asker.ask(f"{canary}._domainkey.{domain}", "TXT"),
    )
    found = list(given)
    wildcard = wild.status is AnswerStatus.FOUND
    vendors: tuple[Vendor, ...] = ()
    sweep: tuple[str, ...] = ()
    if top.status is AnswerStatus.NXDOMAIN or not top.conclusive:
        vendors = await vendors_seen() if vendors_seen else ()
        sweep = tuple(s for vendor in vendors for s in vendor.selectors)
    elif not wildcard:
        sweep = known.all
    rest = [name for name in dict.fromkeys((*learned, *sweep)) if name not in selectors]
    if not thorough:
        first = {*learned, *known.usual}
        found += await _look_up(domain, [name for name in rest if name in first], asker)
        rest = [name for name in rest if name not in first]
    complete = thorough or not any(key.usable for selector in found for key in selector.keys)
    if complete:
        found += await _look_up(domain, rest, asker)
    if wild.cname:  # a wildcard alias: that names lead somewhere means nothing
        found = [s for s in found if s.given or s.keys]
    present = [s for s in found if s.keys or (s.given and s.answer.status is AnswerStatus.FOUND)]
    if not present and vendors_seen and not vendors:
        vendors = await vendors_seen()
    section = _section(domain, top, found, present, wildcard=wildcard, vendors=vendors)
    return section if complete or not rest else _cut_short(section)


def _cut_short(section: Section) -> Section:
    """Return the section of a search that ended at the first key, which must say so."""
    summary = f"{section.summary}; the search ended there"
    return replace(section, summary=summary, details={**section.details, "complete": False})


async def _look_up(
    domain: str, names: Sequence[str], asker: Asker, *, given: bool = False
) -> list[Selector]:
    answers = await asker.ask_each([f"{name}._domainkey.{domain}" for name in names], "TXT")
    return [_selector(*pair, given=given) for pair in zip(names, answers, strict=True)]


def _selector(name: str, answer: Answer, *, given: bool) -> Selector:
    if not given and not answer.records:
        return Selector(name, answer, ())  # the usual case of a sweep
    vendor = selector_list().vendor_of(answer.cname)
    records = answer.records if given else tuple(r for r in answer.records if looks_like_key(r))
    keys = tuple(parse_key(record) for record in records)
    return Selector(name, answer, keys, vendor.name if vendor else None, given)


def _section(
    domain: str,
    top: Answer,
    asked: list[Selector],
    present: list[Selector],
    *,
    wildcard: bool,
    vendors: tuple[Vendor, ...],
) -> Section:
    findings = judge(domain, asked, present, wildcard=wildcard)
    details: dict[str, object] = {
        "selectors": [_describe(selector) for selector in present],
        "asked": len(asked),
        "complete": True,
        "wildcard": wildcard,
        "vendors": [vendor.name for vendor in vendors],
    }
    records = tuple(
        f"{selector.name}: {visible(record)}"
        for selector in present
        for record in selector.answer.records
    )
    if present:
        verdict = worst(findings)
        return Section("dkim", verdict, _summary(present), records, findings, details)
    if not top.conclusive:
        nothing = unchecked("dkim", "The DKIM keys", _reason(top))
        return Section("dkim", nothing.verdict, nothing.summary, (), nothing.findings, details)
    if findings:  # a selector that was asked for is missing, or silent
        silent = any(s.given and not s.answer.conclusive for s in asked)
        verdict = Verdict.UNCHECKED if silent else worst(findings)
        return Section("dkim", verdict, "no key under that selector", (), findings, details)
    finding = of_nothing(domain, pruned=top.status is AnswerStatus.NXDOMAIN, vendors=vendors)
    if top.status is AnswerStatus.NXDOMAIN and not vendors:
        summary = "the domain publishes no keys"
        return Section("dkim", Verdict.NOT_SET_UP, summary, (), (finding,), details)
    return Section(
        "dkim", Verdict.UNCHECKED, "keys could not be discovered", (), (finding,), details
    )


def _reason(answer: Answer) -> str:
    return answer.reason or f"The name server answered {answer.status.value}."


def _summary(present: list[Selector]) -> str:
    usable = [key for s in present for key in s.keys if key.usable and len(s.keys) == 1]
    if not usable:
        return f"{_count(len(present), 'selector')} found, none with a usable key"
    sizes = sorted({"Ed25519" if k.algorithm == "ed25519" else f"{k.bits} bits" for k in usable})
    return f"{_count(len(usable), 'key')} found, {', '.join(sizes)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _describe(selector: Selector) -> dict[str, object]:
    key = selector.keys[0] if len(selector.keys) == 1 else None
    return {
        "selector": selector.name,
        "records": [visible(record) for record in selector.answer.records],
        "status": selector.answer.status.value,
        "cname": list(selector.answer.cname),
        "vendor": selector.vendor,
        "algorithm": key.algorithm if key else None,
        "bits": key.bits if key else None,
        "revoked": key.revoked if key else None,
        "testing": key.testing if key else None,
        "strict": key.strict if key else None,
        "hashes": list(key.hashes) if key else [],
        "services": list(key.services) if key else [],
        "usable": bool(key and key.usable),
        "faults": [visible(fault) for fault in key.faults] if key else [],
    }
