"""The report into a file: JSON, Markdown or one HTML page; and a saved report read again."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailgui.store.files import atomic_write

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport
    from mailgui.domain.report_change import SectionChange

FILTERS = ("JSON (*.json)", "Markdown (*.md)", "Web page (*.html)")
_SUFFIXES = dict(zip(FILTERS, (".json", ".md", ".html"), strict=True))
_LARGEST = 32 * 1024 * 1024  # octets of a saved report


async def save_report(path: Path, chosen: str, report: "DomainReport") -> Path:
    """Write a report as the file's suffix says, or else as the chosen filter says.

    Returns where it was written. Raises OSError.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES.values():
        suffix = _SUFFIXES.get(chosen, ".json")
        path = path.with_name(path.name + suffix)
    await asyncio.to_thread(lambda: atomic_write(path, _octets(_WRITERS[suffix](report))))
    return path


async def changes_since(path: Path, report: "DomainReport") -> "tuple[SectionChange, ...]":
    """Return what changed since the report in a file that was saved as JSON.

    Raises NotAReport with a sentence, and OSError.
    """
    return await asyncio.to_thread(_changes, path, report)


def _changes(path: Path, report: "DomainReport") -> "tuple[SectionChange, ...]":
    from mailgui.domain.report import to_json_dict
    from mailgui.domain.report_change import NotAReport, changes

    with path.open("rb") as file:
        octets = file.read(_LARGEST)
    try:
        saved: Any = json.loads(octets)
    except (ValueError, RecursionError):
        raise NotAReport("The file is no report saved as JSON.") from None
    now = json.loads(json.dumps(to_json_dict(report)))
    for document in saved if isinstance(saved, list) else [saved]:
        if isinstance(document, dict) and document.get("domain") == report.domain:
            return changes(document, now)
    return changes(saved, now)


def _json(report: "DomainReport") -> str:
    from mailgui.domain.report import to_json_dict

    return json.dumps(to_json_dict(report), indent=2, ensure_ascii=False) + "\n"


def _markdown(report: "DomainReport") -> str:
    from mailgui.jobs.report_markdown import report_markdown

    return report_markdown(report)


def _html(report: "DomainReport") -> str:
    from mailgui.jobs.report_html import report_html

    return report_html(report)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


_WRITERS: "dict[str, Callable[[DomainReport], str]]" = {
    ".json": _json,
    ".md": _markdown,
    ".html": _html,
}
