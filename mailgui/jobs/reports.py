"""A conversation that has ended: what is worth telling about it, and its place in the history."""

import asyncio

from mailgui.jobs.send import SendReport
from mailgui.jobs.services import Services
from mailgui.transcript import Transcript


async def report_of(transcript: Transcript) -> SendReport:
    """Return a transcript with its findings."""
    from mailgui.findings.diagnose import diagnose

    # Off the loop: the first diagnosis reads the knowledge base.
    return SendReport(transcript, await asyncio.to_thread(diagnose, transcript))


async def remembered(services: Services, report: SendReport) -> SendReport:
    """Keep a report in the history; where that fails, only its note says so."""
    import sqlite3

    from mailgui.store.files import StoreProblem

    note = ""
    try:
        await services.history.append(report.transcript, report.findings)
    except StoreProblem as problem:
        note = problem.sentence
    except (OSError, sqlite3.Error) as fault:
        note = f"The transcript could not be kept in the history: {type(fault).__name__}."
    return SendReport(report.transcript, report.findings, note=note)
