"""One part of the report on a domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailgui.findings import Finding, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report.

    Attributes:
        name: ``mx spf dkim dmarc mta_sts tls_rpt bimi dane dnssec blocklists``.
        summary: one line, no full stop.
        records: the raw records, even where they are invalid.
        details: what else there is to show, fit for JSON.
    """

    name: str
    verdict: Verdict
    summary: str
    records: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)

    def to_json_dict(self) -> dict[str, object]:
        """Return the section as the ``check`` document holds it."""
        return {
            "verdict": self.verdict.value,
            "summary": self.summary,
            "records": list(self.records),
            "findings": [finding.to_json_dict() for finding in self.findings],
            **self.details,
        }


def worst(findings: Iterable[Finding], otherwise: Verdict = Verdict.PASS) -> Verdict:
    """Return the verdict that the findings' severities amount to."""
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return Verdict.BROKEN
    return Verdict.ATTENTION if Severity.ATTENTION in severities else otherwise


def unchecked(name: str, what: str, reason: str) -> Section:
    """Return the section for something that could not be looked up. It is never "absent"."""
    finding = Finding(
        f"{name}.unchecked",
        Severity.ATTENTION,
        f"{what} could not be looked up",
        f"{reason} Whether there is a record cannot be told.",
        "Check again in a minute; if it stays so, ask another name server, then tell whoever runs "
        "the domain's name servers.",
    )
    return Section(name, Verdict.UNCHECKED, "could not be looked up", (), (finding,))
