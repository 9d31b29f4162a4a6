"""What the engine's thread does to send: what is expected to stop it comes back as a result."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding, Severity
from mailgui.jobs.accounts import SecretMissing, secret_labels
from mailgui.jobs.reports import SendReport
from mailgui.jobs.send import send_with_profile, try_connection
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft, DraftProblem
from mailgui.smtp.plan import Plan
from mailgui.store.profile import Profile
from mailgui.store.secrets import Keeping
from mailgui.transcript import Observer
from mailgui.ui.bridge import Outlet
from mailgui.ui.compose.matrix_run import RouteChoice, send_to_exchangers


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to send, and how.

    Attributes:
        draft: None to try the connection only.
        secrets: what the person has just entered, by what it is called ("password").
        remember: whether to keep that.
        anyway: send although the provider cannot carry all of it.
        direct: how to get to the recipients' mail exchangers, in place of the profile's server.
    """

    profile: Profile
    draft: Draft | None = None
    plan: Plan | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    remember: bool = False
    anyway: bool = False
    direct: RouteChoice | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """It ran."""

    report: SendReport


@dataclass(frozen=True, slots=True)
class SecretWanted:
    """Nothing ran: a secret is asked for. ``keeping`` says where it would be kept."""

    label: str
    sentence: str
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class NotCarried:
    """Nothing ran: the provider would lose a part of the message."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Unsendable:
    """Nothing ran: something in the draft cannot be sent."""

    problem: DraftProblem


Result = Sent | SecretWanted | NotCarried | Unsendable


async def carry_out(
    observer: Observer, services: Services, order: Order, *, cancel: asyncio.Event
) -> Result:
    """Send, or try the connection; return what came of it."""
    try:
        return await _carry_out(observer, services, order, cancel)
    except DraftProblem as problem:
        return Unsendable(problem)
    except SecretMissing as missing:
        keeping = await services.secrets.open()
        return SecretWanted(missing.label, missing.sentence, keeping)


async def ask_secret(services: Services, profile: Profile) -> SecretWanted | None:
    """Return the question for a profile's secret, to replace a wrong one; None if it has none."""
    labels = await asyncio.to_thread(secret_labels, profile.settings)
    label = next(iter(labels.values()), "")
    if not label:
        return None
    sentence = f"Enter the {label} of {profile.name}; the message is then sent again."
    return SecretWanted(label, sentence, await services.secrets.open())


async def _carry_out(
    observer: Observer, services: Services, order: Order, cancel: asyncio.Event
) -> Result:
    if order.draft is None:
        return Sent(await _try(observer, services, order, cancel))
    if order.direct is not None:
        report = await send_to_exchangers(
            observer, services, order.draft, order.direct, plan=order.plan, cancel=cancel
        )
        return Sent(report)
    settings = order.profile.settings
    if isinstance(settings, ApiSettings):
        lost = await asyncio.to_thread(_not_carried, order.draft, settings)
        if lost and not order.anyway:
            return NotCarried(lost)
    else:
        await asyncio.to_thread(_check, order.draft)
    report = await send_with_profile(
        observer,
        services,
        order.profile,
        order.draft,
        given=await _given(services, order),
        plan=order.plan,
        cancel=cancel,
        on_attempt=observer if isinstance(observer, Outlet) else None,
    )
    return Sent(report)


async def _try(
    observer: Observer, services: Services, order: Order, cancel: asyncio.Event
) -> SendReport:
    return await try_connection(
        observer, services, order.profile, given=await _given(services, order), cancel=cancel
    )


def _check(draft: Draft) -> None:
    """Raise DraftProblem before a password is asked for, or a server."""
    from mailgui.message.compose import compose

    compose(draft)


def _not_carried(draft: Draft, settings: ApiSettings) -> tuple[Finding, ...]:
    from mailgui.jobs.request import losses_of

    found = losses_of(draft, settings)
    return found if any(each.severity is Severity.BROKEN for each in found) else ()


async def _given(services: Services, order: Order) -> dict[str, str]:
    """Return the secrets just entered, by name; they are kept where that was wanted."""
    if order.profile.sandbox or not order.secrets:
        return {}
    labels = await asyncio.to_thread(secret_labels, order.profile.settings)
    entered = {name: order.secrets.get(label, "") for name, label in labels.items()}
    given = {name: secret for name, secret in entered.items() if secret}
    if order.remember:
        for name, secret in given.items():
            await services.secrets.set(order.profile, secret, name)
    return given
