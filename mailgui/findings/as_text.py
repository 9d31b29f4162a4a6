"""Findings as plain text, for a terminal or the clipboard."""

from collections.abc import Iterable

from mailgui.findings.finding import Finding

_SIGNS = {"info": "i", "attention": "!", "broken": "x"}


def findings_text(findings: Iterable[Finding]) -> str:
    """Return findings as text: a sign and the title, then explanation and fix, indented."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"[{_SIGNS[finding.severity]}] {finding.title}")
        lines += [f"    {part}" for part in (finding.explanation, finding.fix) if part]
        if finding.record:
            lines.append(f"    {finding.record}")
    return "\n".join(lines)
