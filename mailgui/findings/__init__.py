"""Findings: what is worth telling a person, and the knowledge that finds it."""

from mailgui.findings.finding import Finding, Severity, Verdict

__all__ = ["Finding", "Severity", "Verdict"]
