"""A conversation that has ended: what is worth telling about it, and its place in the history."""

import asyncio
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from mailgui.findings import Finding
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.transcript import Transcript

if TYPE_CHECKING:
    from mailgui.api.rate_limit import RateLimit
    from mailgui.jobs.api_attempts import Tries


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a send came to: its transcript and what is worth telling about it.

    ``note`` is a sentence when the transcript could not be kept in the history; ``attempts`` are
    the tries, the last one being the transcript, where there were several; ``rate_limit`` is what
    an API's answer says of that.
    """

    transcript: Transcript
    findings: tuple[Finding, ...]
    note: str = field(default="", kw_only=True)
    attempts: "Tries" = field(default=(), kw_only=True)
    rate_limit: "RateLimit | None" = field(default=None, kw_only=True)

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --json``."""
        from mailgui.transcript.export_json import to_json_dict

        document = to_json_dict(self.transcript)
        document["findings"] = [finding.to_json_dict() for finding in self.findings]
        if self.attempts:
            from mailgui.jobs.api_attempts import attempt_json

            document["attempts"] = [attempt_json(attempt) for attempt in self.attempts]
        if self.rate_limit is not None:
            document["rate_limit"] = asdict(self.rate_limit)
        return document


_Report = TypeVar("_Report", bound=SendReport)


async def report_of(transcript: Transcript, before: tuple[Finding, ...] = ()) -> SendReport:
    """Return a transcript with its findings, after those that were known ``before``."""
    from mailgui.findings.diagnose import diagnose

    # Off the loop: the first diagnosis reads the knowledge base.
    return SendReport(transcript, (*before, *await asyncio.to_thread(diagnose, transcript)))


async def remembered(services: Services, report: _Report, draft: Draft | None = None) -> _Report:
    """Keep a report's transcripts in the history, with the message that they are about.

    The work itself is done, so a fault of the history is only a note in the report.
    """
    return replace(report, note=await _remember(services, report, draft))


async def _remember(services: Services, report: SendReport, draft: Draft | None) -> str:
    import sqlite3

    from mailgui.store.files import StoreProblem

    try:
        for attempt in report.attempts[:-1]:
            await services.history.append(attempt.report, (), draft=draft)
        await services.history.append(report.transcript, report.findings, draft=draft)
    except StoreProblem as problem:
        return problem.sentence
    except (OSError, sqlite3.Error) as fault:
        return f"The transcript could not be kept in the history: {type(fault).__name__}."
    return ""
