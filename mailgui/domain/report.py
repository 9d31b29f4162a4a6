"""The report on a domain: every part fetched side by side, each told as soon as it is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from mailgui.domain import dane, mta_sts
from mailgui.domain.bimi import check_bimi, with_dmarc
from mailgui.domain.blocklists import check_blocklists
from mailgui.domain.caa import check_caa
from mailgui.domain.connections import Connections, leads_to_example
from mailgui.domain.dkim import check_dkim
from mailgui.domain.dkim_selectors import Vendor, selector_list
from mailgui.domain.dmarc import check_dmarc
from mailgui.domain.dnssec import Anchors, check_dnssec
from mailgui.domain.mx import check_mx, with_probes
from mailgui.domain.mx_probe import probe_hosts
from mailgui.domain.names import is_askable, is_public_suffix, parse_domain
from mailgui.domain.policy_records import TLS_RPT, check_record
from mailgui.domain.questions import Asker, Questions
from mailgui.domain.section import Section
from mailgui.domain.sentence import summarise
from mailgui.domain.spf_result import TraceNode
from mailgui.domain.spf_section import spf_section, spf_tree
from mailgui.domain.spf_select import select_record
from mailgui.findings import Finding, Verdict
from mailgui.net.dns_answer import Answer
from mailgui.net.hosts import literal_address
from mailgui.net.mta_sts_cache import PolicyCache, cache_of
from mailgui.net.resolver import warm_up
from mailgui.transcript import Kind, Observer, Recorder
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from mailgui.smtp.probe_mx import MxProbe

__all__ = ["SECTIONS", "Connections", "DomainReport", "Section", "check", "to_json_dict"]

OnSection = Callable[[Section], None]
_KNOCKING = ("mx", "mta_sts", "dane")  # sections that rest on what the mail hosts say
SECTIONS = (
    "mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dane", "dnssec", "blocklists", "bimi",
    "caa",
)  # fmt: skip
_USUAL = Connections()
_FIRST_KEY = (
    "Among many domains, the search for DKIM keys ends at the first that is found; a check of few "
    "domains goes on."
)
_NO_ANSWERS = "Among many domains, the DNS answers themselves are left out."


@dataclass(frozen=True, slots=True)
class DomainReport:
    """The whole report.

    Attributes:
        sentence: how the domain stands, for a manager.
        queries: the questions that went out.
        dns_seconds: from the start to the last answer.
        answers: every answer, as evidence.
    """

    domain: str
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    sentence: str
    queries: int
    dns_seconds: float
    elapsed: float
    answers: tuple[Answer, ...]

    def section(self, name: str) -> Section | None:
        """Return the section of that name, or None where it was not checked."""
        return next((s for s in self.sections if s.name == name), None)


async def check(
    domain: str,
    *,
    resolver: Asker,
    selectors: tuple[str, ...] = (),
    dns_only: bool = False,
    observer: Observer | None = None,
    on_section: OnSection | None = None,
    learned: tuple[str, ...] = (),
    thorough: bool = True,
    connections: Connections = _USUAL,
    anchors: Anchors | None = None,
    only: str = "",
) -> DomainReport:
    """Check ``domain`` and return the report; with ``only`` that of one section.

    ``selectors`` are DKIM selectors to look up beside the usual ones, ``learned`` those that were
    seen before; unless ``thorough``, one that has a key is enough. ``observer`` is told every
    question and answer; ``on_section`` each part as soon as it is ready, in the order in which they
    come: that on MX twice, before and after its hosts were knocked at. With ``dns_only`` no
    connection is opened but to the name server; what needs one is then "unchecked".
    ``connections`` says how others are opened; ``anchors`` stand in for the keys of the DNS's root.

    Raises ValueError with a sentence when ``domain`` or a selector is malformed.
    """
    name = parse_domain(domain)
    keys = tuple(dict.fromkeys(_parse_selector(s) for s in selectors))
    _warm_up()
    started = time.perf_counter()
    recorder = Recorder(Kind.DNS, name, observer=observer) if observer else None
    questions = Questions(resolver, recorder)
    run = _Check(
        domain=name,
        questions=questions,
        selectors=keys,
        learned=tuple(s for s in learned if is_askable(f"{s}.{name}")),
        thorough=thorough,
        connections=None if dns_only else connections,
        anchors=anchors,
        on_section=on_section,
        only=only,
        kept=cache_of(resolver),
    )
    sections = await run.run()
    return DomainReport(
        domain=name,
        sections=sections,
        findings=_findings_of(sections),
        sentence=summarise(name, sections),
        queries=questions.count,
        dns_seconds=questions.last_answer,
        elapsed=time.perf_counter() - started,
        answers=questions.answers,
    )


def _findings_of(sections: tuple[Section, ...]) -> tuple[Finding, ...]:
    return tuple(finding for section in sections for finding in section.findings)


def cut_short(domain: str, sections: Iterable[Section]) -> DomainReport:
    """Return the report of a check that was stopped: the sections that there are, the others as
    unchecked. What it counted is not known, and stands at 0. Raises ValueError as ``check`` does.
    """
    known = {section.name: section for section in sections}
    missing = "stopped before it was checked"
    details = {"dmarc": {"rfc9989": None, "rfc7489": None}}
    whole = tuple(
        known.get(name) or Section(name, Verdict.UNCHECKED, missing, details=details.get(name, {}))
        for name in SECTIONS
    )
    sentence = "The check was stopped before its end."
    name = parse_domain(domain)
    return DomainReport(name, whole, _findings_of(whole), sentence, 0, 0.0, 0.0, ())


def with_section(report: DomainReport, again: DomainReport) -> DomainReport:
    """Return ``report`` with the sections, and the answers, that were asked for again."""
    new = {section.name: section for section in again.sections}
    sections = tuple(new.get(section.name, section) for section in report.sections)
    asked = {(answer.name, answer.rdtype) for answer in again.answers}
    kept = tuple(a for a in report.answers if (a.name, a.rdtype) not in asked)
    return replace(
        report,
        sections=sections,
        findings=_findings_of(sections),
        sentence=summarise(report.domain, sections),
        answers=(*kept, *again.answers),
    )


@cache
def _warm_up() -> None:
    """Load what would otherwise be loaded while answers wait: half a second when it is cold."""
    import cryptography.hazmat.primitives.serialization  # noqa: F401

    warm_up()
    is_public_suffix("com")
    selector_list()


def _parse_selector(selector: str) -> str:
    from mailgui.domain.names import to_ascii

    try:
        ascii_selector = to_ascii(selector.strip())
    except ValueError:
        ascii_selector = ""
    if not ascii_selector:
        raise WrongInput(f"“{selector}” is not a DKIM selector.")
    return ascii_selector


@dataclass
class _Check:
    """One run. Parts that others wait for are tasks. Without ``connections`` it asks DNS only."""

    domain: str
    questions: Questions
    selectors: tuple[str, ...]
    learned: tuple[str, ...]
    thorough: bool
    connections: Connections | None
    anchors: Anchors | None
    on_section: OnSection | None
    only: str = ""
    kept: PolicyCache = field(default_factory=PolicyCache)

    async def run(self) -> tuple[Section, ...]:
        async with asyncio.TaskGroup() as group:
            self._mx = group.create_task(check_mx(self.domain, self.questions))
            self._tree = group.create_task(spf_tree(self.domain, self.questions))
            self._dmarc = group.create_task(check_dmarc(self.domain, self.questions))
            self._probes = group.create_task(self._knock())
            parts = self._parts()
            wanted = [parts[self.only]] if self.only in parts else parts.values()
            tasks = [group.create_task(self._finish(part())) for part in wanted]
        return tuple(sorted((t.result() for t in tasks), key=lambda s: SECTIONS.index(s.name)))

    def _parts(self) -> dict[str, Callable[[], Awaitable[Section]]]:
        domain, questions = self.domain, self.questions
        return {
            "mx": self._mx_part,
            "spf": self._spf_part,
            "dkim": self._dkim_part,
            "dmarc": lambda: self._dmarc,
            "mta_sts": self._mta_sts_part,
            "tls_rpt": lambda: check_record(TLS_RPT, domain, questions),
            "dane": self._dane_part,
            "dnssec": lambda: check_dnssec(domain, questions, anchors=self.anchors),
            "blocklists": lambda: check_blocklists(domain, questions, self._sources),
            "bimi": self._bimi_part,
            "caa": lambda: check_caa(domain, questions),
        }

    async def _dkim_part(self) -> Section:
        return await check_dkim(
            self.domain,
            self.questions,
            selectors=self.selectors,
            learned=self.learned,
            thorough=self.thorough,
            vendors_seen=self._vendors,
        )

    async def _finish(self, part: Awaitable[Section]) -> Section:
        section = await part
        self._tell(section)
        return section

    def _tell(self, section: Section) -> None:
        if self.on_section is not None:
            self.on_section(section)

    async def _knock(self) -> tuple[MxProbe, ...]:
        if self.connections is None or self.only not in ("", *_KNOCKING):
            return ()
        return await probe_hosts((await self._mx).mail_hosts, self.connections)

    async def _mx_part(self) -> Section:
        result = await self._mx
        if self.connections is None or not result.mail_hosts:
            return result.section
        self._tell(result.section)
        return with_probes(result.section, await self._probes)

    async def _spf_part(self) -> Section:
        obsolete = await self.questions.ask(self.domain, "SPF")
        tree = await self._tree
        selection = tree.selection
        if selection.record is not None or selection.texts:
            return spf_section(self.domain, tree, obsolete=obsolete)
        # Which record to propose depends on whether the domain takes mail at all.
        takes_mail = not (await self._mx).null
        return spf_section(self.domain, tree, takes_mail=takes_mail, obsolete=obsolete)

    async def _mta_sts_part(self) -> Section:
        section = await mta_sts.check_record_only(self.domain, self.questions)
        if self.connections is None or section.verdict not in (Verdict.PASS, Verdict.ATTENTION):
            return section
        if await leads_to_example(f"mta-sts.{self.domain}", self.questions):
            return section
        fetched = await mta_sts.fetch(self.domain, self.questions, self.connections)
        hosts, probes = (await self._mx).hosts, await self._probes
        section = mta_sts.with_policy(section, fetched, hosts, probes)
        return mta_sts.with_kept(section, self.domain, fetched, self.kept)

    async def _dane_part(self) -> Section:
        answer = await self.questions.ask(self.domain, "MX")
        names = [record.partition(" ")[2].rstrip(".").lower() for record in answer.records]
        hosts = [name for name in names if is_askable(name) and literal_address(name) is None]
        found = await dane.find_all(hosts, self.questions)
        if self.connections is not None:
            found = dane.compare(self.domain, found, await self._probes)
        return dane.dane_section(found, hosts_known=answer.conclusive, reason=answer.reason)

    async def _bimi_part(self) -> Section:
        section = await check_bimi(self.domain, self.questions, self.connections)
        return with_dmarc(section, await self._dmarc)

    async def _sources(self) -> tuple[str, ...]:
        """Return the addresses that mail of the domain may come from, as far as they stand alone:
        its mail hosts, and single addresses in its SPF record.
        """
        selection = await select_record(self.domain, self.questions)
        directives = selection.record.directives if selection.record else ()
        single = [
            str(d.network.network_address)
            for d in directives
            if d.network is not None and d.network.num_addresses == 1 and d.qualifier != "-"
        ]
        return (*(await asyncio.shield(self._mx)).addresses, *single)

    async def _vendors(self) -> tuple[Vendor, ...]:
        tree, mx = await self._tree, await self._mx
        return selector_list().vendors_seen(_includes(tree.trace), mx.hosts)


def _includes(nodes: tuple[TraceNode, ...]) -> list[str]:
    """Return the domains of all includes and redirects in a tree."""
    found = []
    for node in nodes:
        if node.domain and node.term.lstrip("+-~?").lower().startswith(("include:", "redirect=")):
            found.append(node.domain)
        found += _includes(node.children)
    return found


def to_json_dict(report: DomainReport, *, evidence: bool = True) -> dict[str, object]:
    """Return the document that ``mailgui check --json`` prints for one domain.

    Without ``evidence`` the answers themselves are left out, as ``notes`` then says. There stands
    also that the search for DKIM keys ended at the first.
    """
    notes = [*notes_on(report), *([] if evidence else [_NO_ANSWERS])]
    return {
        "domain": report.domain,
        "sentence": report.sentence,
        "queries": report.queries,
        "dns_ms": round(report.dns_seconds * 1000, 3),
        "elapsed_ms": round(report.elapsed * 1000, 3),
        "notes": notes,
        "findings": [finding.to_json_dict() for finding in report.findings],
        **{section.name: section.to_json_dict() for section in report.sections},
        "answers": [_answer(answer) for answer in report.answers] if evidence else None,
    }


def notes_on(report: DomainReport) -> list[str]:
    """Return what has to be known of how the check was done, in sentences."""
    section = report.section("dkim")
    cut = section is not None and section.details.get("complete") is False
    return [_FIRST_KEY] if cut else []


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "name": answer.name,
        "type": answer.rdtype,
        "status": answer.status.value,
        "records": list(answer.records),
        "cname": list(answer.cname),
        "ttl": answer.ttl,
        "ad": answer.ad,
        "aa": answer.aa,
        "reason": answer.reason or None,
        "ede": list(answer.ede),
        "server": answer.server,
        "duration_ms": round(answer.duration * 1000, 3),
        "cached": answer.cached,
    }
