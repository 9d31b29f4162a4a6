"""A domain's report as Markdown, to paste into a ticket or a wiki."""

import re
from typing import TYPE_CHECKING

from mailgui.findings import Finding, Severity
from mailgui.jobs.report_words import section_title, verdict_words
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport, Section

# What Markdown would take for markup, or HTML; a fence is longer than any run of back-ticks inside.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")
_SEVERITIES = {
    Severity.BROKEN: "Broken",
    Severity.ATTENTION: "Needs attention",
    Severity.INFO: "Good to know",
}


def report_markdown(report: "DomainReport") -> str:
    """Return the report: the sentence, a table of verdicts, then each section in full."""
    lines = [f"# {_plain(report.domain)}", "", _plain(report.sentence), ""]
    lines += ["| Check | Verdict | |", "|---|---|---|"]
    lines += [
        f"| {section_title(section.name)} | {verdict_words(section.verdict)} "
        f"| {_plain(section.summary)} |"
        for section in report.sections
    ]
    for section in report.sections:
        if section.records or section.findings:
            lines += ["", *_section(section)]
    took = f"{report.elapsed * 1000:,.0f} ms"
    lines += ["", f"{report.queries:,} questions to the DNS, {took}.", ""]
    return "\n".join(lines)


def _section(section: "Section") -> list[str]:
    lines = [f"## {section_title(section.name)}: {verdict_words(section.verdict)}"]
    if section.records:
        lines += ["", *_fenced("\n".join(visible(record) for record in section.records))]
    for finding in section.findings:
        lines += ["", *_finding(finding)]
    return lines


def _finding(finding: Finding) -> list[str]:
    severity = _SEVERITIES[finding.severity]
    texts = [_plain(text) for text in (finding.explanation, finding.fix) if text]
    lines = ["  \n".join([f"**{severity}: {_plain(finding.title)}**", *texts])]
    if finding.record:
        lines += ["", *_fenced(visible(finding.record, keep_newlines=True))]
    return lines


def _fenced(text: str) -> list[str]:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))
