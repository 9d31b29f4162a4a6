"""The console: a connection that takes orders one after the other, until it ends."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailgui.jobs.accounts import Account, SecretMissing, open_account
from mailgui.jobs.reports import SendReport, remembered, report_of
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft, DraftProblem
from mailgui.smtp.cancellation import Cancelled, guard
from mailgui.smtp.console import Console
from mailgui.smtp.console_state import ConsoleState
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Kind, Masker, Observer, Recorder, Stage, Transcript


@dataclass(frozen=True, slots=True)
class Type:
    """Send what was typed or pasted; it may be secret."""

    text: str

    def __repr__(self) -> str:
        """Name it without the text, which may answer a 334."""
        return "Type(…)"


@dataclass(frozen=True, slots=True)
class Greet:
    """Say EHLO with the account's name."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in by a mechanism, with the account's secret."""

    mechanism: str


@dataclass(frozen=True, slots=True)
class Say:
    """Say MAIL, RCPT or DATA with a draft; DATA as BDAT where ``chunked``."""

    stage: Stage
    draft: Draft
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tell the transcript as it is by now."""


Order = Type | Greet | SignIn | Say | Snapshot
Tell = Callable[[ConsoleState | Transcript], None]


def _nobody(_item: ConsoleState | Transcript) -> None:
    pass


async def run_console(
    observer: Observer | None,
    services: Services,
    profile: Profile,
    orders: "asyncio.Queue[Order]",
    *,
    until: Stage = Stage.AUTH,
    given: Mapping[str, str] | None = None,
    tell: Tell = _nobody,
    cancel: asyncio.Event | None = None,
) -> SendReport:
    """Open a connection by ``profile``, carry out orders until it ends, and return its record.

    ``until``: how far to go by itself (BANNER, EHLO, TLS or AUTH). ``tell`` hears of each new
    state, and the transcript where an order asks for it. When ``cancel`` is set, the connection is
    dropped. The transcript is kept in the history, also when the task is cancelled. Raises
    SecretMissing where AUTH needs a secret that is not known.
    """
    account = await _account(services, profile, given, needs_secret=until is Stage.AUTH)
    await _prepare(account)
    console = _console(account, observer, tell)
    try:
        async with guard(cancel):
            await console.open(until)
            while console.over is None:
                order = await _next(orders, console)
                if order is not None:
                    await _carry_out(order, console, tell)
    except Cancelled:
        await console.close(politely=False)
    except asyncio.CancelledError:
        await console.close(politely=False)
        await remembered(services, await report_of(console.transcript()))
        raise
    except BaseException:
        await console.close(politely=False)
        raise
    return await remembered(services, await report_of(console.transcript()))


async def _account(
    services: Services, profile: Profile, given: Mapping[str, str] | None, *, needs_secret: bool
) -> Account:
    try:
        return await open_account(services, profile, given=given)
    except SecretMissing:
        if needs_secret:
            raise
        return Account(profile.name, profile.settings)


async def _prepare(account: Account) -> None:
    from mailgui.smtp.reach import prepare_tls

    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    await prepare_tls(account.settings)


def _console(account: Account, observer: Observer | None, tell: Tell) -> Console:
    from mailgui.smtp.reach import PROXY_PASSWORD, connect_settings

    settings = account.settings
    assert isinstance(settings, SmtpSettings)  # noqa: S101 - the page offers no other road
    recorder = Recorder(
        Kind.SMTP,
        f"{account.name} (console)",
        masker=Masker(account.secrets.values()),
        observer=observer,
    )
    return Console(
        settings,
        password=account.secrets.get("password"),
        recorder=recorder,
        connect=connect_settings(settings, account.secrets.get(PROXY_PASSWORD)),
        tell=tell,
    )


async def _next(orders: "asyncio.Queue[Order]", console: Console) -> Order | None:
    """Return the next order, showing meanwhile what the server says; None where it has ended."""
    getting = asyncio.ensure_future(orders.get())
    listening = asyncio.ensure_future(console.listen())
    try:
        await asyncio.wait({getting, listening}, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        for task in (getting, listening):
            task.cancel()
        await asyncio.gather(getting, listening, return_exceptions=True)


async def _carry_out(order: Order, console: Console, tell: Tell) -> None:
    match order:
        case Type(text):
            await console.type(text)
        case Greet():
            await console.greet()
        case SignIn(mechanism):
            await console.sign_in(mechanism)
        case Snapshot():
            tell(console.transcript())
        case Say(stage, draft, chunked):
            from mailgui.message.compose import compose

            try:
                message = await asyncio.to_thread(compose, draft)
            except DraftProblem as problem:
                console.complain(problem.sentence)
                return
            except OSError as problem:
                console.complain(f"An attached file cannot be read: {problem.strerror}.")
                return
            await console.part(stage, message, chunked=chunked)
