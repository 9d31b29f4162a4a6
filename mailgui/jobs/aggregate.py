"""DMARC aggregate reports from files: read them all, say which could not be read, sum them up."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailgui.domain.aggregate_report import AggregateReport
from mailgui.domain.aggregate_summary import Summary
from mailgui.findings import Finding
from mailgui.transcript import visible

_MOST_OCTETS = 100 * 1024 * 1024  # of one file, packed or not


@dataclass(frozen=True, slots=True)
class ReadReports:
    """What files held. ``problems`` are sentences, each with a file's path."""

    reports: tuple[AggregateReport, ...]
    problems: tuple[str, ...]


async def read_report_files(sources: Iterable[Path | bytes]) -> ReadReports:
    """Read the reports in files, or in octets that came on standard input.

    What cannot be read is a problem, never an exception.
    """
    return await asyncio.to_thread(_read, tuple(sources))


def _read(sources: tuple[Path | bytes, ...]) -> ReadReports:
    from mailgui.domain.aggregate_container import ReportProblem
    from mailgui.domain.aggregate_report import read_reports

    reports: list[AggregateReport] = []
    problems: list[str] = []
    for source in sources:
        name = visible(str(source)) if isinstance(source, Path) else "Standard input"

        def told(problem: ReportProblem, name: str = name) -> None:
            problems.append(f"{name}: {visible(str(problem))}")

        try:
            reports += read_reports(_octets(source), told)
        except ReportProblem as problem:
            told(problem)
        except OSError as fault:
            problems.append(
                f"{name} cannot be read: {(fault.strerror or 'unknown fault').lower()}."
            )
    return ReadReports(tuple(reports), tuple(problems))


def _octets(source: Path | bytes) -> bytes:
    from mailgui.domain.aggregate_container import ReportProblem

    if isinstance(source, bytes):
        return source
    if source.stat().st_size > _MOST_OCTETS:
        raise ReportProblem("It is larger than any report.")
    return source.read_bytes()


def to_json_dict(read: ReadReports) -> dict[str, Any]:
    """Return the document of ``mailgui reports --json``."""
    from mailgui.domain.aggregate_summary import advice, summarise

    return {
        "domains": [_summary(each, advice(each)) for each in summarise(read.reports)],
        "problems": list(read.problems),
    }


def _summary(summary: Summary, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "domain": summary.domain,
        "reports": summary.reports,
        "reporters": list(summary.reporters),
        "begin": summary.begin.isoformat() if summary.begin else None,
        "end": summary.end.isoformat() if summary.end else None,
        "messages": summary.messages,
        "passes": summary.passes,
        "fails": summary.fails,
        "sources": [
            {
                "address": source.address,
                "messages": source.messages,
                "by_dkim": source.by_dkim,
                "by_spf": source.by_spf,
                "both": source.both,
                "fails": source.fails,
                "treated": source.treated,
                "domains": list(source.domains),
                "reasons": list(source.reasons),
            }
            for source in summary.sources
        ],
        "findings": [finding.to_json_dict() for finding in findings],
    }
