"""What the engine's thread does to send: what is expected to stop it comes back as a result."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding, Severity
from mailgui.jobs.accounts import Account, SecretMissing, open_account, secret_labels
from mailgui.jobs.send import SendReport, send_with_account, try_connection
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft, DraftProblem
from mailgui.smtp.plan import Plan
from mailgui.store.profile import Profile
from mailgui.store.secrets import Keeping
from mailgui.transcript import Observer


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to send, and how.

    Attributes:
        draft: None to try the connection only.
        secrets: what the person has just entered, by what it is called ("password").
        remember: whether to keep that.
        anyway: send although the provider cannot carry all of it.
    """

    profile: Profile
    draft: Draft | None = None
    plan: Plan | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    remember: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """It ran. ``note`` is a sentence when it could not be kept in the history."""

    report: SendReport
    note: str = ""


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
    settings = order.profile.settings
    if isinstance(settings, ApiSettings):
        lost = await asyncio.to_thread(_not_carried, order.draft, settings)
        if lost and not order.anyway:
            return NotCarried(lost)
    else:
        await asyncio.to_thread(_check, order.draft)
    account = await _account(services, order)
    report = await send_with_account(
        account, order.draft, plan=order.plan, observer=observer, cancel=cancel
    )
    return Sent(report, await _remember(services, report))


async def _try(
    observer: Observer, services: Services, order: Order, cancel: asyncio.Event
) -> SendReport:
    secret = next(iter(order.secrets.values()), None)
    if isinstance(order.profile.settings, ApiSettings) and not order.profile.sandbox:
        secret = token_hex(16)  # no request is sent, so no key is needed
    elif order.secrets:
        await _account(services, order)
    return await try_connection(observer, services, order.profile, secret=secret, cancel=cancel)


def _check(draft: Draft) -> None:
    """Raise DraftProblem before a password is asked for, or a server."""
    from mailgui.message.compose import compose

    compose(draft)


def _not_carried(draft: Draft, settings: ApiSettings) -> tuple[Finding, ...]:
    from mailgui.jobs.request import render_request

    found = render_request(draft, settings).findings
    return found if any(each.severity is Severity.BROKEN for each in found) else ()


async def _account(services: Services, order: Order) -> Account:
    """Return the account with its secrets: those just entered, and those known for the rest."""
    profile = order.profile
    if profile.sandbox or not order.secrets:
        return await open_account(services, profile)
    known: dict[str, str] = {}
    for name, label in (await asyncio.to_thread(secret_labels, profile.settings)).items():
        entered = order.secrets.get(label)
        if entered and order.remember:
            await services.secrets.set(profile, entered, name)
        value = entered or await services.secrets.get(profile, name)
        if not value:
            raise SecretMissing(profile.name, label)
        known[name] = value
    return Account(profile.name, profile.settings, known)


async def _remember(services: Services, report: SendReport) -> str:
    """Keep the transcript; the sending is done, so a fault of the history is only a note."""
    import sqlite3

    from mailgui.store.files import StoreProblem

    try:
        await services.history.append(report.transcript, report.findings)
    except StoreProblem as problem:
        return problem.sentence
    except (OSError, sqlite3.Error) as fault:
        return f"The transcript could not be kept in the history: {type(fault).__name__}."
    return ""
