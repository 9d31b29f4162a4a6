"""Sending straight to the recipients' mail exchangers: one dialogue a domain, one report."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mailgui.findings import Finding
from mailgui.jobs.accounts import Account
from mailgui.jobs.reports import SendReport
from mailgui.jobs.route_findings import findings_of, no_route_finding, route_json
from mailgui.message.draft import DraftProblem
from mailgui.message.outgoing import Outgoing
from mailgui.net.resolver import Resolver
from mailgui.smtp.bulk_tally import WORST, whole_outcome
from mailgui.smtp.direct import (
    DomainDelivery,
    DomainRun,
    Policies,
    by_domain,
    for_exchangers,
)
from mailgui.smtp.plan import Plan
from mailgui.smtp.routing import NoRoute, find_route
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import (
    Kind,
    Layer,
    Observer,
    Outcome,
    RecipientResult,
    Recorder,
    Stage,
    Transcript,
)

_MOST_DOMAINS = 100
_APPLY = Policies()


@dataclass(frozen=True, slots=True)
class DirectReport(SendReport):
    """What direct sending came to; ``routes`` tell of each domain which hosts were tried."""

    routes: tuple[DomainDelivery, ...] = field(default=(), kw_only=True)

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --mx --json``."""
        # Not super(): a dataclass with slots is made anew, which the bare form does not survive.
        document = SendReport.to_json_dict(self)
        document["routes"] = [route_json(route) for route in self.routes]
        return document


async def send_direct(
    account: Account,
    outgoing: Outgoing,
    *,
    plan: Plan,
    resolver: Resolver,
    policies: Policies = _APPLY,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    via: str | None = None,
) -> DirectReport:
    """Send to the mail exchangers of each of the recipients' domains, in their order.

    ``account`` gives everything but the host and who signs in: a server found by DNS gets no
    password. ``policies``: what of MTA-STS and DANE to apply. ``via``: the domain (A-labels) whose
    exchangers get it for all recipients, as where mail is about to move. The outcome is that of all
    recipients; stage, reply and summary are those of the domain that went worst. Raises
    DraftProblem when a recipient has no domain, or there are too many.
    """
    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    groups = recipients_by_domain(outgoing.envelope.recipients, via)
    settings = for_exchangers(account.settings)
    title = f"Direct to {', '.join(list(groups)[:3])}{' …' if len(groups) > 3 else ''}"
    recorder = Recorder(Kind.SMTP, title, peer=next(iter(groups)), observer=observer)
    routes: list[DomainDelivery] = []
    findings: list[Finding] = []
    for domain, recipients in groups.items():
        if len(groups) > 1:
            recorder.tls = False
            recorder.info(f"Mail for {domain}", layer=Layer.SMTP, stage=Stage.DNS)
        try:
            route = await find_route(domain, resolver, recorder)
        except NoRoute as problem:
            routes.append(no_route(domain, recipients, problem, recorder))
            findings.append(no_route_finding(domain, problem))
            continue
        run = DomainRun(
            settings,
            route,
            outgoing,
            recipients,
            plan=plan,
            policies=policies,
            resolver=resolver,
            recorder=recorder,
            cancel=cancel,
        )
        routes.append(await run.run())
        findings += await asyncio.to_thread(findings_of, routes[-1])
    transcript = _whole(recorder, routes, outgoing)
    return DirectReport(transcript, tuple(findings), routes=tuple(routes))


def recipients_by_domain(
    recipients: Sequence[str], via: str | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the recipients by their domains, or all of them by ``via``. Raises DraftProblem."""
    groups = {via: tuple(recipients)} if via and recipients else by_domain(recipients)
    if not groups:
        raise DraftProblem("to", "There is nobody to send to; name a recipient.")
    if "" in groups:
        raise DraftProblem("to", f"“{groups[''][0]}” has no domain, so it has no mail exchanger.")
    if len(groups) > _MOST_DOMAINS:
        raise DraftProblem("to", f"Direct sending goes to at most {_MOST_DOMAINS} domains at once.")
    return groups


def no_route(
    domain: str, recipients: tuple[str, ...], problem: NoRoute, recorder: Recorder
) -> DomainDelivery:
    """Return what comes of a domain that has no way to it."""
    recorder.error(problem.sentence, layer=Layer.DNS, stage=Stage.DNS)
    outcome = Outcome.TEMPORARY if problem.temporary else Outcome.FAILED
    transcript = recorder.finish(
        outcome,
        stage=Stage.DNS,
        summary=problem.sentence,
        fault=problem.kind,
        recipients=tuple(RecipientResult(address, outcome) for address in recipients),
    )
    return DomainDelivery(domain, recipients, transcript)


def _whole(recorder: Recorder, routes: Sequence[DomainDelivery], outgoing: Outgoing) -> Transcript:
    """Return the one transcript of everything."""
    ends = [route.transcript for route in routes]
    outcomes = [end.outcome for end in ends]
    alike = len(set(outcomes)) == 1
    outcome = outcomes[0] if alike else whole_outcome(outcomes)
    decisive = min(ends, key=lambda end: _rank(end.outcome))
    recorder.peer = decisive.peer
    return recorder.finish(
        outcome,
        stage=decisive.stage,
        reply=decisive.reply,
        summary=decisive.summary if len(ends) == 1 else _sentence(routes, decisive),
        recipients=tuple(result for end in ends for result in end.recipients),
        message_id=outgoing.message_id,
        remote_id=decisive.remote_id,
        fault=decisive.fault,
        tls=decisive.tls,
        ehlo=decisive.ehlo,
    )


def _rank(outcome: Outcome) -> int:
    return WORST.index(outcome) if outcome in WORST else len(WORST)


def _sentence(routes: Sequence[DomainDelivery], decisive: Transcript) -> str:
    good = sum(route.transcript.outcome is Outcome.ACCEPTED for route in routes)
    if good == len(routes):
        return f"The servers of all {good} domains accepted the message."
    return f"The servers of {good} of {len(routes)} domains accepted it. {decisive.summary}"
