"""Sending: by SMTP or through an e-mail API, with one report for both roads."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account, open_account, open_to_try
from mailgui.jobs.reports import SendReport, remembered, report_of
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.message.outgoing import Outgoing
from mailgui.smtp.plan import Plan, connection_test
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Kind, Masker, Observer, Recorder, Transcript

if TYPE_CHECKING:
    from mailgui.jobs.attempts import Attempt
    from mailgui.net.resolver import Resolver


async def send_with_profile(
    observer: Observer | None,
    services: Services,
    profile: Profile,
    draft: Draft,
    *,
    given: Mapping[str, str] | None = None,
    plan: Plan | None = None,
    cancel: asyncio.Event | None = None,
    on_attempt: "Callable[[Attempt[Transcript]], None] | None" = None,
) -> SendReport:
    """Send ``draft`` by ``profile`` and keep the transcript in the history.

    ``given`` are secrets by name that stand in for the stored ones. ``on_attempt`` is told of each
    try that another follows, before the waiting begins. Raises DraftProblem when the
    draft cannot be sent as it stands, and SecretMissing when a secret is not known.
    """
    account = await open_account(services, profile, given=given)
    report = await send_with_account(
        account, draft, plan=plan, observer=observer, cancel=cancel, on_attempt=on_attempt
    )
    return await remembered(services, report, draft)


async def send_with_account(
    account: Account,
    draft: Draft,
    *,
    plan: Plan | None = None,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
    on_attempt: "Callable[[Attempt[Transcript]], None] | None" = None,
) -> SendReport:
    """Send ``draft`` by ``account``; see ``send_with_profile``."""
    if isinstance(account.settings, ApiSettings):
        return await send_by_api(
            account, draft, observer=observer, cancel=cancel, resolver=resolver
        )
    from mailgui.jobs.smtp_attempts import send_trying_again
    from mailgui.message.compose import compose

    outgoing = await asyncio.to_thread(compose, draft)

    async def send_once(some: Outgoing) -> SendReport:
        return await send_by_smtp(
            account, some, plan=plan, observer=observer, cancel=cancel, resolver=resolver
        )

    return await send_trying_again(
        send_once, outgoing, account.settings, cancel=cancel, on_attempt=on_attempt
    )


async def try_connection(
    observer: Observer | None,
    services: Services,
    profile: Profile,
    *,
    given: Mapping[str, str] | None = None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
) -> SendReport:
    """Go as far as the sign-in and back with ``profile``; see ``try_account``.

    ``given`` are secrets by name that stand in for the stored ones. An API's key is not needed,
    since none is tried; its proxy's password is, where it names a user.
    """
    if isinstance(profile.settings, ApiSettings) and not profile.sandbox:
        account = await open_to_try(services, profile, given=given)
    else:
        account = await open_account(services, profile, given=given)
    return await try_account(account, observer=observer, cancel=cancel, resolver=resolver)


async def try_account(
    account: Account,
    *,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
) -> SendReport:
    """Go as far as the sign-in and back, without a message.

    For an API this connects and makes TLS, and sends no request: it needs no key.
    """
    if isinstance(account.settings, ApiSettings):
        return await _probe_api(account, observer, cancel, resolver)
    return await send_by_smtp(
        account,
        None,
        plan=connection_test(),
        observer=observer,
        cancel=cancel,
        resolver=resolver,
    )


async def send_by_smtp(
    account: Account,
    outgoing: Outgoing | None,
    *,
    plan: Plan | None = None,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
) -> SendReport:
    """Hold one SMTP dialogue by ``plan`` (a normal send unless given) and diagnose it."""
    from mailgui.net.proxy_address import PROXY_PASSWORD
    from mailgui.smtp.reach import connect_settings, prepare_tls
    from mailgui.smtp.session import send

    assert isinstance(account.settings, SmtpSettings)  # noqa: S101 - narrows the type
    await prepare_tls(account.settings)
    recorder = _recorder(Kind.SMTP, account, observer)
    transcript = await send(
        account.settings,
        outgoing,
        plan=plan or Plan(),
        password=account.secrets.get("password"),
        recorder=recorder,
        resolver=resolver,
        cancel=cancel,
        connect=connect_settings(account.settings, account.secrets.get(PROXY_PASSWORD)),
    )
    return await report_of(transcript)


async def send_by_api(
    account: Account,
    draft: Draft,
    *,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
) -> SendReport:
    """Send ``draft`` as one request to the account's provider and diagnose the answer.

    Where the account's settings say so, it is tried again as far as that is safe.
    """
    from mailgui.api.retry import rate_limit_of
    from mailgui.jobs.api_attempts import send_rendered
    from mailgui.jobs.request import render_request

    assert isinstance(account.settings, ApiSettings)  # noqa: S101 - narrows the type
    rendered = await asyncio.to_thread(render_request, draft, account.settings, account.secrets)
    tries = await send_rendered(
        rendered,
        account.settings,
        account.secrets,
        lambda: _recorder(Kind.HTTP, account, observer),
        observer=observer,
        cancel=cancel,
        resolver=resolver,
    )
    report = await report_of(tries[-1].report, rendered.findings)
    limit = rate_limit_of(rendered.provider, report.transcript)
    return replace(report, attempts=tries if len(tries) > 1 else (), rate_limit=limit)


async def _probe_api(
    account: Account,
    observer: Observer | None,
    cancel: asyncio.Event | None,
    resolver: "Resolver | None",
) -> SendReport:
    from mailgui.jobs.probe import probe_api

    assert isinstance(account.settings, ApiSettings)  # noqa: S101 - narrows the type
    recorder = _recorder(Kind.HTTP, account, observer)
    transcript = await probe_api(account.settings, recorder, cancel, account.secrets, resolver)
    return await report_of(transcript)


def _recorder(kind: Kind, account: Account, observer: Observer | None) -> Recorder:
    return Recorder(kind, account.name, masker=Masker(account.secrets.values()), observer=observer)
