"""What the engine's thread does for the MX matrix and for direct sending from the page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailgui.jobs.mx_matrix import MatrixPlan, MatrixRow, MxMatrix, mx_matrix
from mailgui.jobs.services import Services
from mailgui.smtp.direct import Policies

if TYPE_CHECKING:
    from mailgui.jobs.bulk import BulkReport
    from mailgui.jobs.reports import SendReport
    from mailgui.message.draft import Draft
    from mailgui.net.addresses import GivenAnswer
    from mailgui.net.dns_answer import Answer
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.bulk_control import BulkControl
    from mailgui.smtp.plan import Plan
    from mailgui.transcript import Observer, Recorder

SYSTEM, SANDBOX = "", "sandbox"
_PORT = 25


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """How to get to mail exchangers.

    Attributes:
        where: whom to ask: SYSTEM, SANDBOX, or a name server as ``Services.resolver`` takes it.
        mta_sts, dane: whether to apply each.
    """

    where: str = SYSTEM
    port: int = _PORT
    mta_sts: bool = True
    dane: bool = True


@dataclass(frozen=True, slots=True)
class Malformed:
    """Nothing was asked: the domain's name is none. ``sentence`` says why."""

    sentence: str


async def probe_domain(
    outlet: Callable[[MatrixPlan | MatrixRow], None],
    services: Services,
    domain: str,
    choice: RouteChoice,
    *,
    cancel: asyncio.Event,
) -> MxMatrix | Malformed:
    """Probe the mail exchangers of ``domain``; what cannot be asked comes back as Malformed."""
    try:
        way = await _way(services, choice)
        return await mx_matrix(
            domain,
            resolver=way.resolver,
            port=way.port,
            policies=way.policies,
            ca_file=way.policies.policy_ca,
            tell=outlet,
            cancel=cancel,
        )
    except ValueError as problem:
        return Malformed(str(problem))


async def send_to_exchangers(
    observer: "Observer",
    services: Services,
    draft: "Draft",
    choice: RouteChoice,
    *,
    plan: "Plan | None",
    cancel: asyncio.Event,
) -> "SendReport":
    """Send ``draft`` to the recipients' mail exchangers and keep the transcript in the history.

    Raises DraftProblem.
    """
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.direct import send_direct
    from mailgui.jobs.reports import remembered
    from mailgui.message.compose import compose
    from mailgui.smtp.plan import Plan
    from mailgui.smtp.settings import SmtpSettings

    outgoing = await asyncio.to_thread(compose, draft)
    way = await _way(services, choice)
    settings = SmtpSettings("", way.port, tls_ca=way.policies.policy_ca)
    report = await send_direct(
        Account("MX", settings),
        outgoing,
        plan=plan or Plan(),
        resolver=way.resolver,
        policies=way.policies,
        observer=observer,
        cancel=cancel,
    )
    return await remembered(services, report, draft)


@dataclass(frozen=True, slots=True)
class ManyDirect:
    """What to send how often to the recipients' mail exchangers, and how to get there."""

    draft: "Draft"
    choice: RouteChoice
    count: int
    connections: int = 1


async def send_many_to_exchangers(
    services: Services, order: ManyDirect, control: "BulkControl"
) -> "BulkReport":
    """Send as ``jobs.many.send_many`` does, but to the recipients' mail exchangers."""
    from mailgui.jobs.accounts import Account
    from mailgui.jobs.direct_bulk import send_many_direct
    from mailgui.jobs.reports import remembered
    from mailgui.message.compose import compose
    from mailgui.smtp.settings import SmtpSettings

    outgoing = await asyncio.to_thread(compose, order.draft)
    way = await _way(services, order.choice)
    report = await send_many_direct(
        Account("MX", SmtpSettings("", way.port, tls_ca=way.policies.policy_ca)),
        outgoing,
        count=order.count,
        connections=order.connections,
        policies=way.policies,
        resolver=way.resolver,
        control=control,
    )
    return await remembered(services, report, order.draft)


@dataclass(frozen=True, slots=True)
class _Way:
    resolver: "Resolver"
    port: int
    policies: Policies


async def _way(services: Services, choice: RouteChoice) -> _Way:
    policies = Policies(mta_sts=choice.mta_sts, dane=choice.dane)
    if choice.where != SANDBOX:
        return _Way(services.resolver(choice.where or None), choice.port, policies)
    sandbox = await services.start_sandbox()
    asked = services.resolver(str(sandbox.dns))
    # Its zones name documentation addresses; the embedded server stands in for all of them.
    played = _Played(asked, sandbox.smtp.host)
    policies = replace(policies, mta_sts=False, policy_ca=str(sandbox.ca_pem_path))
    return _Way(played, sandbox.smtp.port, policies)  # type: ignore[arg-type]


class _Played:
    """The sandbox's names, all of whose hosts are the embedded server."""

    def __init__(self, resolver: "Resolver", host: str) -> None:
        self._resolver = resolver
        self._host = host

    async def ask(
        self, name: str, rdtype: str, *, recorder: "Recorder | None" = None
    ) -> "Answer | GivenAnswer":
        """Answer as the sandbox does, but for the addresses."""
        answer = await self._resolver.ask(name, rdtype, recorder=recorder)
        if rdtype not in ("A", "AAAA") or not answer.records:
            return answer
        return replace(answer, records=(self._host,) if rdtype == "A" else ())
