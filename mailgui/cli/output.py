"""Printing results: one JSON document, or text that cannot steer the terminal."""

import json
import sys
from collections.abc import Iterable

from mailgui.findings import Finding

_SIGNS = {"info": "i", "attention": "!", "broken": "x"}


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def findings_text(findings: Iterable[Finding]) -> str:
    """Return findings as text: a sign and the title, then explanation and fix, indented."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"[{_SIGNS[finding.severity]}] {finding.title}")
        lines += [f"    {part}" for part in (finding.explanation, finding.fix) if part]
        if finding.record:
            lines.append(f"    {finding.record}")
    return "\n".join(lines)
