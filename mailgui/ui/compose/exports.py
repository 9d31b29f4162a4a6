"""A finished conversation as a file: text, JSON, or for HTTP also HAR."""

import json
from pathlib import Path

from mailgui.jobs.reports import SendReport
from mailgui.transcript import Kind

TEXT, JSON, HAR = "Text (*.txt)", "JSON (*.json)", "HTTP archive (*.har)"
_SUFFIXES = {TEXT: ".txt", JSON: ".json", HAR: ".har"}


def formats(report: SendReport) -> tuple[str, ...]:
    """Return the file filters to offer for a report."""
    return (TEXT, JSON, HAR) if report.transcript.kind is Kind.HTTP else (TEXT, JSON)


def with_suffix(path: Path, chosen: str) -> Path:
    """Return ``path`` with the suffix of the chosen filter, unless it has one that is known."""
    if path.suffix.lower() in _SUFFIXES.values():
        return path
    return path.with_name(path.name + _SUFFIXES.get(chosen, ".txt"))


def to_octets(report: SendReport, path: Path) -> bytes:
    """Return the report in the format that the suffix of ``path`` names; text for any other."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _json(report.to_json_dict())
    if suffix == ".har":
        from mailgui.transcript.export_har import to_har

        return _json(to_har(report.transcript))
    return to_text(report).encode()


def to_text(report: SendReport) -> str:
    """Return the report as text."""
    from mailgui.transcript.export_text import to_text

    return to_text(report.transcript, findings=report.findings)


def suggested_name(report: SendReport) -> str:
    """Return a file name without suffix: what it was, and when."""
    when = report.transcript.started.astimezone()
    return f"{report.transcript.kind}-{when:%Y-%m-%d-%H%M%S}"


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
