"""What a heap of aggregate reports comes to: who sends, what passes, what reject would lose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailgui.domain.aggregate_report import AggregateReport, Row
from mailgui.findings import Finding, Severity

_FORWARDING = ("forwarded", "mailing_list", "trusted_forwarder", "local_policy")
_FEW = 0.005  # a share of mail below which a failure looks like forgery or forwarding


@dataclass(frozen=True, slots=True)
class Source:
    """One sending address and all that was told of it.

    Attributes:
        by_dkim, by_spf, both: how many passed aligned by that alone or by both.
        fails: how many passed by neither; these would be lost under ``p=reject``.
        treated: how many were quarantined or rejected as it was.
        domains: the domains that SPF or DKIM passed for, aligned or not: who it really is.
        reasons: why receivers let failures through.
    """

    address: str
    messages: int
    by_dkim: int
    by_spf: int
    both: int
    fails: int
    treated: int
    domains: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def passes(self) -> int:
        """How many passed."""
        return self.messages - self.fails


@dataclass(frozen=True, slots=True)
class Summary:
    """All reports together, for one author domain.

    Attributes:
        sources: the most busy first.
        begin, end: the span of time that they cover.
    """

    domain: str
    reports: int
    reporters: tuple[str, ...]
    begin: datetime | None
    end: datetime | None
    sources: tuple[Source, ...]
    skipped: int = 0

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return sum(source.messages for source in self.sources)

    @property
    def passes(self) -> int:
        """How many passed DMARC."""
        return sum(source.passes for source in self.sources)

    @property
    def fails(self) -> int:
        """How many would be lost under ``p=reject``."""
        return self.messages - self.passes


def summarise(reports: Iterable[AggregateReport]) -> tuple[Summary, ...]:
    """Return a summary for each domain, in alphabetical order. A report given twice counts once."""
    by_domain: dict[str, dict[tuple[str, str], AggregateReport]] = {}
    for report in reports:
        known = by_domain.setdefault(report.domain, {})
        known.setdefault((report.reporter, report.report_id or str(id(report))), report)
    return tuple(
        _summary(domain, list(known.values())) for domain, known in sorted(by_domain.items())
    )


def _summary(domain: str, reports: list[AggregateReport]) -> Summary:
    rows: dict[str, list[Row]] = {}
    for report in reports:
        for row in report.rows:
            rows.setdefault(row.source, []).append(row)
    sources = [_source(address, alike) for address, alike in rows.items()]
    return Summary(
        domain=domain,
        reports=len(reports),
        reporters=tuple(sorted({report.reporter for report in reports})),
        begin=min((r.begin for r in reports if r.begin), default=None),
        end=max((r.end for r in reports if r.end), default=None),
        sources=tuple(sorted(sources, key=lambda source: (-source.messages, source.address))),
        skipped=sum(report.skipped for report in reports),
    )


def _source(address: str, rows: list[Row]) -> Source:
    def count(rows: Iterable[Row]) -> int:
        return sum(row.count for row in rows)

    domains = {
        result.domain
        for row in rows
        for result in (*row.dkim_results, *row.spf_results)
        if result.result == "pass" and result.domain
    }
    return Source(
        address=address,
        messages=count(rows),
        by_dkim=count(row for row in rows if row.dkim and not row.spf),
        by_spf=count(row for row in rows if row.spf and not row.dkim),
        both=count(row for row in rows if row.spf and row.dkim),
        fails=count(row for row in rows if not row.passes),
        treated=count(row for row in rows if row.disposition in ("quarantine", "reject")),
        domains=tuple(sorted(domains)),
        reasons=tuple(dict.fromkeys(reason for row in rows for reason in row.reasons)),
    )


def advice(summary: Summary) -> tuple[Finding, ...]:
    """Return what to do about it: whether reject is safe, and whose mail would be lost."""
    if not summary.messages:
        return (
            Finding(
                "dmarc.reports.empty",
                Severity.INFO,
                "The reports tell of no mail",
                "Nobody sent in the domain's name to these receivers in that time.",
            ),
        )
    found = [_verdict(summary)]
    found += [_about(source, summary) for source in _own_looking(summary)[:10]]
    if summary.skipped:
        found.append(
            Finding(
                "dmarc.reports.skipped",
                Severity.ATTENTION,
                f"{summary.skipped:,} rows could not be read and are not counted",
                "Their address or their number is malformed.",
            )
        )
    return tuple(found)


def _verdict(summary: Summary) -> Finding:
    share = summary.fails / summary.messages
    numbers = f"{summary.fails:,} of {summary.messages:,} messages ({share:.1%}) pass by neither."
    if not summary.fails:
        return Finding(
            "dmarc.reports.ready",
            Severity.INFO,
            "Nothing would be lost under p=reject",
            f"All {summary.messages:,} messages in these reports pass DMARC.",
            "If the reports cover a few weeks and every sender you know of, tighten the policy.",
        )
    if not _own_looking(summary):
        return Finding(
            "dmarc.reports.forged",
            Severity.INFO,
            "What fails looks like forgery or forwarding, not like senders of yours",
            numbers,
            "Look through the sources that fail; if none is yours, tighten the policy.",
        )
    return Finding(
        "dmarc.reports.losses",
        Severity.ATTENTION,
        "Mail of your own would be lost under p=reject",
        numbers,
        "Mend the sources below first: sign with DKIM as the domain, or let SPF pass for it.",
    )


def _own_looking(summary: Summary) -> list[Source]:
    """Return the failing sources that look like senders in the domain's service.

    Those that also pass sometimes, or that authenticate well under another name (a service that was
    never aligned), unless receivers say that they forward.
    """
    return [
        source
        for source in summary.sources
        if source.fails
        and not any(reason.startswith(_FORWARDING[:3]) for reason in source.reasons)
        and (source.passes or (source.domains and source.messages > _FEW * summary.messages))
    ]


def _about(source: Source, summary: Summary) -> Finding:
    if source.passes:
        explanation = "It passes at other times, so its set-up is incomplete rather than missing."
    else:
        named = ", ".join(source.domains[:4])
        explanation = f"It authenticates as {named}, which is not aligned with {summary.domain}."
    return Finding(
        "dmarc.reports.source_fails",
        Severity.ATTENTION,
        f"{source.address}: {source.fails:,} of {source.messages:,} messages fail",
        explanation,
        f"Have it sign with d={summary.domain}, or send with an envelope sender of that domain.",
        evidence=source.domains,
    )
