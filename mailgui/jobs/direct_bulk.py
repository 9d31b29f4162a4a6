"""Many messages straight to the recipients' mail exchangers."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mailgui.jobs.accounts import Account
from mailgui.jobs.bulk import BulkReport, failures_of, findings_of
from mailgui.jobs.direct import no_route, recipients_by_domain
from mailgui.jobs.route_findings import findings_on_way, no_route_finding, route_json
from mailgui.message.draft import DraftProblem
from mailgui.message.outgoing import Outgoing
from mailgui.net.resolver import Resolver
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.direct import DomainDelivery, Policies, for_exchangers
from mailgui.smtp.plan import Plan
from mailgui.smtp.routing import NoRoute, find_route
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Observer, Recorder

_APPLY = Policies()


@dataclass(frozen=True, slots=True)
class DirectBulkReport(BulkReport):
    """What many messages to one domain came to; ``routes`` tell which hosts were tried."""

    routes: tuple[DomainDelivery, ...] = field(default=(), kw_only=True)

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --mx --count N --json``."""
        # Not super(): a dataclass with slots is made anew, which the bare form does not survive.
        document = BulkReport.to_json_dict(self)
        document["routes"] = [route_json(route) for route in self.routes]
        return document


async def send_many_direct(
    account: Account,
    outgoing: Outgoing,
    *,
    count: int,
    connections: int = 1,
    own_id: bool = True,
    plan: Plan | None = None,
    policies: Policies = _APPLY,
    resolver: Resolver,
    control: BulkControl | None = None,
    observer: Observer | None = None,
    via: str | None = None,
) -> DirectBulkReport:
    """Send ``outgoing`` ``count`` times to the mail exchangers of its recipients' one domain.

    The way is looked up once. ``account``, ``policies``, ``via``: as in ``send_direct``; the rest
    as in ``send_many_by_smtp``. Raises DraftProblem where the recipients are of several domains,
    and OSError when the message cannot be read.
    """
    from mailgui.message.copies import copies
    from mailgui.smtp.direct_bulk import BulkDomainRun

    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    domain = _one_domain(outgoing, via)
    control = control or BulkControl()
    recorder = Recorder(Kind.SMTP, f"Direct to {domain}", peer=domain, observer=observer)
    message = await asyncio.to_thread(copies, outgoing, own_id=own_id)
    try:
        route = await find_route(domain, resolver, recorder)
    except NoRoute as problem:
        return _nowhere(domain, outgoing, problem, recorder, count)
    run = BulkDomainRun(
        for_exchangers(account.settings),
        route,
        message,
        count=count,
        connections=connections,
        plan=plan or Plan(),
        policies=policies,
        resolver=resolver,
        recorder=recorder,
        control=control,
    )
    result, delivery = await run.run_all()
    failures = failures_of(result)
    findings = await asyncio.to_thread(findings_of, failures, result.transcript)
    return DirectBulkReport(
        result.transcript,
        (*findings, *findings_on_way(delivery)),
        result.outcomes,
        result.messages_per_second,
        failures=failures,
        routes=(delivery,),
    )


def _one_domain(outgoing: Outgoing, via: str | None) -> str:
    domains = list(recipients_by_domain(outgoing.envelope.recipients, via))
    if len(domains) > 1:
        raise DraftProblem(
            "to",
            f"Many messages at once go to the exchangers of one domain, and these are of "
            f"{len(domains)}: {', '.join(domains[:3])}; send to each by itself.",
        )
    return domains[0]


def _nowhere(
    domain: str, outgoing: Outgoing, problem: NoRoute, recorder: Recorder, count: int
) -> DirectBulkReport:
    """Return the report on a domain that has no way to it."""
    delivery = no_route(domain, outgoing.envelope.recipients, problem, recorder)
    transcript = delivery.transcript
    return DirectBulkReport(
        transcript,
        (no_route_finding(domain, problem),),
        Counter({transcript.outcome: count}),
        0.0,
        failures=(transcript,),
        routes=(delivery,),
    )
