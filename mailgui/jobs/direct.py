"""Sending straight to a domain's mail exchangers, in their order, as one server does to another."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from mailgui.findings import Finding, Severity
from mailgui.jobs.accounts import Account
from mailgui.jobs.send import SendReport, send_by_smtp
from mailgui.message.draft import DraftProblem
from mailgui.message.outgoing import Outgoing
from mailgui.net.resolver import Resolver
from mailgui.smtp.plan import Plan
from mailgui.smtp.routing import NoRoute, find_route
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Layer, Observer, Outcome, RecipientResult, Recorder, Stage

_MOST_EXCHANGERS = 10  # a name server may list thousands, each good for a time-out
_NOT_REACHED = frozenset({Stage.DNS, Stage.CONNECT, Stage.BANNER})


async def send_direct(
    account: Account,
    outgoing: Outgoing,
    *,
    plan: Plan,
    resolver: Resolver,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
) -> SendReport:
    """Send to the first mail exchanger of the recipients' domain that answers.

    ``account`` gives everything but the host and who signs in: a server found by DNS gets no
    password. The report is that of the last exchanger tried. Raises DraftProblem when the
    recipients are of several domains.
    """
    domain = recipients_domain(outgoing)
    recorder = Recorder(Kind.SMTP, f"Direct to {domain}", peer=domain, observer=observer)
    try:
        route = await find_route(domain, resolver, recorder)
    except NoRoute as problem:
        return _no_route(problem, recorder, outgoing.envelope.recipients)
    for exchanger in route.exchangers[:_MOST_EXCHANGERS]:
        assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
        settings = replace(account.settings, host=exchanger.host, username="", auth=None)
        there = replace(account, settings=settings, secrets={})
        report = await send_by_smtp(
            there, outgoing, plan=plan, resolver=resolver, observer=observer, cancel=cancel
        )
        if report.transcript.outcome is not Outcome.FAILED or not _next_may_help(report):
            break
    return report


def _next_may_help(report: SendReport) -> bool:
    return report.transcript.stage in _NOT_REACHED


def recipients_domain(outgoing: Outgoing) -> str:
    """Return the one domain that all recipients share; raises DraftProblem where there are two."""
    domains = {address.rpartition("@")[2].lower() for address in outgoing.envelope.recipients}
    if len(domains) != 1:
        raise DraftProblem(
            "to", "Direct sending goes to one domain at a time; give recipients of one domain."
        )
    return domains.pop()


def _no_route(problem: NoRoute, recorder: Recorder, recipients: Iterable[str]) -> SendReport:
    recorder.error(problem.sentence, layer=Layer.DNS, stage=Stage.DNS)
    outcome = Outcome.TEMPORARY if problem.temporary else Outcome.FAILED
    transcript = recorder.finish(
        outcome,
        stage=Stage.DNS,
        summary=problem.sentence,
        fault=problem.kind,
        recipients=tuple(RecipientResult(address, outcome) for address in recipients),
    )
    finding = Finding(f"route.{problem.kind}", Severity.BROKEN, problem.sentence.rstrip("."))
    return SendReport(transcript, (finding,))
