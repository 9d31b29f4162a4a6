"""The report on a domain: every part fetched side by side, each told as soon as it is ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from mailgui.domain.dkim import check_dkim
from mailgui.domain.dkim_selectors import Vendor, selector_list
from mailgui.domain.dmarc import check_dmarc
from mailgui.domain.mx import MxResult, check_mx
from mailgui.domain.names import is_public_suffix, parse_domain
from mailgui.domain.policy_records import BIMI, MTA_STS, TLS_RPT, check_record
from mailgui.domain.questions import Asker, Questions
from mailgui.domain.section import Section
from mailgui.domain.sentence import summarise
from mailgui.domain.spf_result import TraceNode
from mailgui.domain.spf_section import spf_section, spf_tree
from mailgui.domain.spf_tree import SpfTree
from mailgui.findings import Finding
from mailgui.net.dns_answer import Answer
from mailgui.net.resolver import warm_up
from mailgui.transcript import Kind, Observer, Recorder

__all__ = ["DomainReport", "Section", "check", "to_json_dict"]

OnSection = Callable[[Section], None]
_ORDER = ("mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "bimi")


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
) -> DomainReport:
    """Check ``domain`` and return the report.

    ``selectors`` are DKIM selectors to look up beside the usual ones; ``observer`` is told every
    question and answer; ``on_section`` each part as soon as it is ready, in the order in which they
    come. Nothing but DNS is asked yet, so that ``dns_only`` makes no difference.

    Raises ValueError with a sentence when ``domain`` or a selector is malformed.
    """
    name = parse_domain(domain)
    keys = tuple(dict.fromkeys(_parse_selector(s) for s in selectors))
    _warm_up()
    started = time.perf_counter()
    recorder = Recorder(Kind.DNS, name, observer=observer) if observer else None
    questions = Questions(resolver, recorder)
    sections = await _Check(name, questions, keys, on_section).run()
    return DomainReport(
        domain=name,
        sections=sections,
        findings=tuple(finding for section in sections for finding in section.findings),
        sentence=summarise(name, sections),
        queries=questions.count,
        dns_seconds=questions.last_answer,
        elapsed=time.perf_counter() - started,
        answers=questions.answers,
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
        raise ValueError(f"“{selector}” is not a DKIM selector.")
    return ascii_selector


class _Check:
    """One run. Parts that others wait for are tasks."""

    def __init__(
        self,
        domain: str,
        questions: Questions,
        selectors: tuple[str, ...],
        on_section: OnSection | None,
    ) -> None:
        self._domain = domain
        self._questions = questions
        self._selectors = selectors
        self._on_section = on_section
        self._mx: asyncio.Task[MxResult]
        self._tree: asyncio.Task[SpfTree]

    async def run(self) -> tuple[Section, ...]:
        async with asyncio.TaskGroup() as group:
            self._mx = group.create_task(check_mx(self._domain, self._questions))
            self._tree = group.create_task(spf_tree(self._domain, self._questions))
            tasks = [group.create_task(self._tell(part)) for part in self._parts()]
        return tuple(sorted((t.result() for t in tasks), key=lambda s: _ORDER.index(s.name)))

    def _parts(self) -> list[Awaitable[Section]]:
        return [
            self._mx_part(),
            self._spf_part(),
            check_dkim(
                self._domain,
                self._questions,
                selectors=self._selectors,
                vendors_seen=self._vendors,
            ),
            check_dmarc(self._domain, self._questions),
            *(check_record(k, self._domain, self._questions) for k in (MTA_STS, TLS_RPT, BIMI)),
        ]

    async def _tell(self, part: Awaitable[Section]) -> Section:
        section = await part
        if self._on_section is not None:
            self._on_section(section)
        return section

    async def _mx_part(self) -> Section:
        return (await self._mx).section

    async def _spf_part(self) -> Section:
        tree = await self._tree
        selection = tree.selection
        if selection.record is not None or selection.texts:
            return spf_section(self._domain, tree)
        # Which record to propose depends on whether the domain takes mail at all.
        return spf_section(self._domain, tree, takes_mail=not (await self._mx).null)

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


def to_json_dict(report: DomainReport) -> dict[str, object]:
    """Return the document that ``mailgui check --json`` prints for one domain."""
    return {
        "domain": report.domain,
        "sentence": report.sentence,
        "queries": report.queries,
        "dns_ms": round(report.dns_seconds * 1000, 3),
        "elapsed_ms": round(report.elapsed * 1000, 3),
        "findings": [finding.to_json_dict() for finding in report.findings],
        **{section.name: section.to_json_dict() for section in report.sections},
        "answers": [_answer(answer) for answer in report.answers],
    }


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "name": answer.name,
        "type": answer.rdtype,
        "status": answer.status.value,
        "records": list(answer.records),
        "cname": list(answer.cname),
        "ttl": answer.ttl,
        "ad": answer.ad,
        "ede": list(answer.ede),
        "server": answer.server,
        "duration_ms": round(answer.duration * 1000, 3),
        "cached": answer.cached,
    }
