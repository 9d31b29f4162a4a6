"""The two roads as one thing that sends message after message: for measuring them side by side."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.message.draft import Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Kind, Masker, Recorder, Transcript

if TYPE_CHECKING:
    from mailgui.net.http import HttpClient
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.session import Session


class Road(Protocol):
    """Sends a draft again and again."""

    kind: Kind

    async def send(self, draft: Draft, cancel: asyncio.Event) -> Transcript:
        """Send it once, over the connection that is open or a new one.

        Raises DraftProblem when it cannot be sent as it stands.
        """

    async def hang_up(self) -> None:
        """Close the connection; the next message opens another one."""


def road_of(account: Account, resolver: "Resolver | None" = None) -> Road:
    """Return the road that ``account`` stands for."""
    if isinstance(account.settings, ApiSettings):
        return _ApiRoad(account.name, account.settings, account.secrets, resolver)
    return _SmtpRoad(account.name, account.settings, account.secrets, resolver)


class _SmtpRoad:
    """One SMTP session at a time."""

    kind = Kind.SMTP

    def __init__(
        self,
        name: str,
        settings: SmtpSettings,
        secrets: Mapping[str, str],
        resolver: "Resolver | None",
    ) -> None:
        self._name, self._settings, self._secrets = name, settings, secrets
        self._resolver = resolver
        self._session: Session | None = None

    async def send(self, draft: Draft, cancel: asyncio.Event) -> Transcript:
        from mailgui.message.compose import compose
        from mailgui.smtp.reach import PROXY_PASSWORD, connect_settings, prepare_tls
        from mailgui.smtp.session import Session

        outgoing = await asyncio.to_thread(compose, draft)
        if self._session is None:
            await prepare_tls(self._settings)
            password = self._secrets.get("password")
            self._session = Session(
                self._settings,
                password=password,
                resolver=self._resolver,
                connect=connect_settings(self._settings, self._secrets.get(PROXY_PASSWORD)),
            )
        recorder = Recorder(Kind.SMTP, self._name, masker=Masker(self._secrets.values()))
        return await self._session.send(outgoing, recorder=recorder, cancel=cancel)

    async def hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.hang_up()


class _ApiRoad:
    """One kept-alive HTTP client at a time."""

    kind = Kind.HTTP

    def __init__(
        self,
        name: str,
        settings: ApiSettings,
        secrets: Mapping[str, str],
        resolver: "Resolver | None",
    ) -> None:
        self._name, self._settings, self._secrets = name, settings, secrets
        self._resolver = resolver
        self._client: HttpClient | None = None

    async def send(self, draft: Draft, cancel: asyncio.Event) -> Transcript:
        from mailgui.api.session import send
        from mailgui.jobs.request import render_request

        rendered = await asyncio.to_thread(render_request, draft, self._settings, self._secrets)
        client = await self._opened(rendered.url)
        return await send(
            rendered,
            self._settings,
            secrets=self._secrets,
            recorder=Recorder(Kind.HTTP, self._name, masker=Masker(self._secrets.values())),
            cancel=cancel,
            client=client,
        )

    async def _opened(self, url: str) -> "HttpClient":
        from mailgui.api.connection import http_settings
        from mailgui.net.http import HttpClient

        if self._client is None:
            http = http_settings(self._settings, url, self._secrets)
            self._client = await HttpClient(http, resolver=self._resolver).__aenter__()
        return self._client

    async def hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(None, None, None)
