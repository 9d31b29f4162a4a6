"""A domain's report as plain text."""

from typing import TYPE_CHECKING

from mailgui.findings.as_text import findings_text
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport


def report_text(report: "DomainReport") -> str:
    """Return a report as text: the sentence, a line a section with its records, the findings."""
    lines = [f"{report.domain}: {report.sentence}", ""]
    for section in report.sections:
        verdict = section.verdict.value.replace("_", " ")
        name = section.name.upper().replace("_", "-")
        summary = "" if section.summary == verdict else section.summary
        lines.append(f"{name:<10} {verdict:<10} {summary}".rstrip())
        lines += [f"{'':<21} {visible(record)}" for record in section.records]
    found = findings_text(report.findings)
    if found:
        lines += ["", found]
    lines += ["", f"{report.queries} questions, {report.elapsed * 1000:,.0f} ms."]
    return "\n".join(lines)
