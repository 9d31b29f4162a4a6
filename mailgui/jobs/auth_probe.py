"""Trying every way to sign in with an account."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailgui.jobs.accounts import Account
from mailgui.jobs.reports import SendReport, remembered, report_of
from mailgui.jobs.services import Services
from mailgui.smtp.auth_probe import AuthProbe, MechanismResult
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Masker, Observer, Recorder

if TYPE_CHECKING:
    from mailgui.net.resolver import Resolver


@dataclass(frozen=True, slots=True)
class AuthReport:
    """What a probe found out, and the report of its conversations."""

    probe: AuthProbe
    report: SendReport

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui send --auth-all --json``: that of ``send``, and more."""
        document = self.report.to_json_dict()
        document["mechanisms"] = [each.to_json_dict() for each in self.probe.results]
        document["automatic"] = {
            "name": self.probe.choice,
            "reason": self.probe.reason or None,
        }
        return document


async def try_every_sign_in(
    observer: Observer | None,
    account: Account,
    *,
    services: Services | None = None,
    token: str | None = None,
    not_offered: bool = False,
    found: Callable[[MechanismResult], None] = lambda _result: None,
    cancel: asyncio.Event | None = None,
    resolver: "Resolver | None" = None,
) -> AuthReport:
    """Try each mechanism with an SMTP account; see ``smtp.auth_probe``.

    With ``services`` the transcript is kept in the history.
    """
    from mailgui.smtp.auth_probe import probe_auth
    from mailgui.smtp.reach import PROXY_PASSWORD, connect_settings, prepare_tls

    settings = account.settings
    assert isinstance(settings, SmtpSettings)  # noqa: S101 - whoever calls has seen to that
    await prepare_tls(settings)
    secrets = [*account.secrets.values(), *([token] if token else [])]
    recorder = Recorder(
        Kind.SMTP, f"{account.name} (every sign-in)", masker=Masker(secrets), observer=observer
    )
    probe = await probe_auth(
        settings,
        password=account.secrets.get("password"),
        token=token,
        not_offered=not_offered,
        recorder=recorder,
        resolver=resolver,
        connect=connect_settings(settings, account.secrets.get(PROXY_PASSWORD)),
        cancel=cancel,
        found=found,
    )
    report = await report_of(probe.transcript)
    if services is not None:
        report = await remembered(services, report)
    return AuthReport(probe, report)
