"""Whether the domain or the addresses that its mail comes from stand on DNS block lists (RFC 5782).

A list is believed only where it tells things apart: an entry counts unless the list has everything
on it, and "not listed" counts only if the list has its own test entry. Which list refuses to answer
by way of this resolver is told, and is never a listing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from mailgui.domain.blocklist_data import BlockList, block_lists, entry_of, is_code
from mailgui.domain.names import is_askable, organizational_by_suffix_list
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.transcript import visible

MAX_ADDRESSES = 10
Sources = Callable[[], Awaitable[Sequence[str]]]
Status = Literal["clean", "listed", "unchecked"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one list says about one address or domain.

    Attributes:
        codes: the return codes, with what they mean in ``meanings``.
        text: the list's own words (its TXT record).
        reason: why it could not be checked, a sentence.
    """

    blocklist: BlockList
    target: str
    status: Status
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    text: str = ""
    reason: str = ""

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``blocklists`` section holds it."""
        return {
            "list": self.blocklist.name,
            "zone": self.blocklist.zone,
            "target": self.target,
            "status": self.status,
            "codes": list(self.codes),
            "meanings": list(self.meanings),
            "text": visible(self.text) or None,
            "reason": self.reason or None,
            "home": self.blocklist.home,
            "removal": self.blocklist.removal,
        }


async def check_blocklists(
    domain: str,
    asker: Asker,
    sources: Sources,
    *,
    lists: Sequence[BlockList] | None = None,
) -> Section:
    """Return the section on block lists for ``domain``.

    ``sources`` returns the addresses that the domain's mail may come from, and is waited for while
    the lists show whether they work.
    """
    async with asyncio.TaskGroup() as group:
        addresses = group.create_task(_as_coroutine(sources()))
        tasks = [
            group.create_task(_ask_list(each, domain, addresses, asker))
            for each in (block_lists() if lists is None else lists)
        ]
    entries = [entry for task in tasks for entry in task.result()]
    return _section(entries, _worth_asking(addresses.result()))


async def _as_coroutine(sources: Awaitable[Sequence[str]]) -> Sequence[str]:
    return await sources


def _worth_asking(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses, each once, but for those that no list can have."""
    kept = []
    for address in dict.fromkeys(addresses):
        ip = ip_address(address)
        if not (ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast):
            kept.append(str(ip))
    return tuple(kept[:MAX_ADDRESSES])


async def _ask_list(
    each: BlockList, domain: str, addresses: "asyncio.Task[Sequence[str]]", asker: Asker
) -> list[Entry]:
    test = await asker.ask(f"{each.listed}.{each.zone}", "A")
    works, reason = _works(each, test)
    if not works and not await _exists(each, test, asker):
        target = domain if each.kind == "domain" else "its addresses"
        return [Entry(each, target, "unchecked", reason=reason)]
    if each.kind == "domain":
        name = organizational_by_suffix_list(domain) if each.base else domain
        targets, names = [domain], [f"{name}.{each.zone}"]
    else:
        wanted = _worth_asking(await asyncio.shield(addresses))
        targets = [a for a in wanted if each.ipv6 or ":" not in a]
        names = [f"{entry_of(address)}.{each.zone}" for address in targets]
    pairs = [(t, n) for t, n in zip(targets, names, strict=True) if is_askable(n)]
    answers = await asker.ask_each([name for _, name in pairs], "A")
    entries = [
        _judge(each, target, answer, works, reason)
        for (target, _), answer in zip(pairs, answers, strict=True)
    ]
    if any(entry.status == "listed" for entry in entries):
        return await _confirm(each, entries, dict(pairs), asker)
    return entries


def _works(each: BlockList, test: Answer) -> tuple[bool, str]:
    """Return whether the list has its test entry, and else why it cannot be relied on."""
    if test.status is AnswerStatus.FOUND:
        refusal = each.refusal(test.records)
        if refusal:
            return False, refusal
        if all(is_code(code) for code in test.records):
            return True, ""
        return False, f"{each.zone} answers what no block list answers; somebody took it over."
    if test.absent:
        return False, f"{each.name} lacks the entry that every working list has."
    return False, f"{each.name} could not be asked ({test.status.value})."


async def _exists(each: BlockList, test: Answer, asker: Asker) -> bool:
    """Return whether it is worth while to ask a list that lacks its test entry all the same.

    Where the zone itself does not exist, nothing below it does (RFC 8020).
    """
    if test.status is AnswerStatus.FOUND or not test.conclusive:
        return False
    zone = await asker.ask(each.zone, "A")
    return zone.conclusive and zone.status is not AnswerStatus.NXDOMAIN


def _judge(each: BlockList, target: str, answer: Answer, works: bool, reason: str) -> Entry:
    if answer.absent:
        if works:
            return Entry(each, target, "clean")
        return Entry(each, target, "unchecked", reason=reason)
    if answer.status is not AnswerStatus.FOUND:
        words = f"{each.name} could not be asked ({answer.status.value})."
        return Entry(each, target, "unchecked", reason=words)
    codes = answer.records
    refusal = each.refusal(codes)
    if refusal:
        return Entry(each, target, "unchecked", codes, reason=refusal)
    if not all(is_code(code) for code in codes):
        words = f"{each.zone} answers what no block list answers; somebody took it over."
        return Entry(each, target, "unchecked", codes, reason=words)
    meanings = tuple(filter(None, (each.meaning(code) for code in codes)))
    return Entry(each, target, "listed", codes, meanings)


async def _confirm(
    each: BlockList, entries: list[Entry], names: dict[str, str], asker: Asker
) -> list[Entry]:
    """Drop the listings of a list that has everything on it; fetch the list's words for others."""
    listed = [entry for entry in entries if entry.status == "listed"]
    clean, *texts = await asyncio.gather(
        asker.ask(f"{each.clean}.{each.zone}", "A"),
        *(asker.ask(names[entry.target], "TXT") for entry in listed[:3]),
    )
    if clean.status is AnswerStatus.FOUND:
        words = f"{each.name} lists everything, also what it must not: it is out of order."
        return [Entry(each, e.target, "unchecked", e.codes, reason=words) for e in entries]
    words_of = {e.target: t.records[0] for e, t in zip(listed, texts, strict=False) if t.records}
    return [
        Entry(e.blocklist, e.target, e.status, e.codes, e.meanings, words_of.get(e.target, ""))
        if e.status == "listed"
        else e
        for e in entries
    ]


def _section(entries: Sequence[Entry], addresses: Sequence[str]) -> Section:
    listed = [entry for entry in entries if entry.status == "listed"]
    checked = [entry for entry in entries if entry.status != "unchecked"]
    silent = [entry for entry in entries if entry.status == "unchecked"]
    details: dict[str, object] = {
        "addresses": list(addresses),
        "entries": [entry.to_json_dict() for entry in entries],
        "checked": len(checked),
        "unchecked": len({entry.blocklist.name for entry in silent}),
    }
    records = tuple(
        f"{e.target} on {e.blocklist.name}: {', '.join(e.codes)}"
        + (f" ({'; '.join(e.meanings)})" if e.meanings else "")
        for e in listed
    )
    findings = tuple(_finding(entry) for entry in listed)
    if listed:
        verdict = Verdict.ATTENTION
        if any(finding.severity is Severity.BROKEN for finding in findings):
            verdict = Verdict.BROKEN
        names = len({entry.blocklist.name for entry in listed})
        summary = f"on {names} {'list' if names == 1 else 'lists'}"
        return Section("blocklists", verdict, summary, records, findings, details)
    if not checked:
        finding = Finding(
            "blocklists.unchecked",
            Severity.INFO,
            "No block list could be checked",
            "None of them answers by way of this name server. Large public resolvers are refused "
            "by most lists.",
            "Ask a name server of your own or of your provider.",
            tuple(dict.fromkeys(entry.reason for entry in silent)),
        )
        summary = "no list could be checked"
        return Section("blocklists", Verdict.UNCHECKED, summary, (), (finding,), details)
    names = len({entry.blocklist.name for entry in checked})
    missing = {entry.blocklist.name for entry in silent}
    rest = f"; {len(missing)} could not be checked" if missing else ""
    summary = f"on none of {names} {'list' if names == 1 else 'lists'}{rest}"
    return Section("blocklists", Verdict.PASS, summary, (), (), details)


def _finding(entry: Entry) -> Finding:
    each = entry.blocklist
    what = "The domain" if each.kind == "domain" else f"The address {entry.target}"
    soft = bool(entry.meanings) and all(words.startswith("PBL") for words in entry.meanings)
    why = "; ".join(entry.meanings) or "the list does not say why"
    effect = (
        "Large receivers refuse mail because of it." if each.grave else "Some receivers heed it."
    )
    return Finding(
        "blocklists.domain_listed" if each.kind == "domain" else "blocklists.listed",
        Severity.BROKEN if each.grave and not soft else Severity.ATTENTION,
        f"{what} is on the block list {each.name}",
        f"The list says: {why}. {effect}",
        f"Find and end the cause, then have it removed: {each.removal}",
        (f"{entry.target}: {', '.join(entry.codes)}", *filter(None, (visible(entry.text),))),
    )
