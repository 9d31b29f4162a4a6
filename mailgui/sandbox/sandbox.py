"""The sandbox: embedded SMTP, HTTP and DNS servers on loopback, and the mailbox behind them."""

import asyncio
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mailgui.net.stream import Endpoint
from mailgui.sandbox.conduct import Conduct, Orders
from mailgui.sandbox.listening import parse_listening
from mailgui.sandbox.mailbox import Mailbox
from mailgui.sandbox.webhook_endpoint import WebhookEndpoint

if TYPE_CHECKING:
    from mailgui.sandbox.dns_server import DnsServer
    from mailgui.sandbox.http_server import HttpServer
    from mailgui.sandbox.smtp_server import SmtpServer

USERNAME = "sandbox-user"
_ANYWHERE = "127.0.0.1:0"
_Part = TypeVar("_Part")


class SandboxStopped(RuntimeError):
    """Something was asked of the sandbox that it has only while it runs."""


class Sandbox:
    """The embedded servers of one process; belongs to one event loop while it runs.

    ``start`` and ``stop`` may be called again and again. Password, API key and certificates are
    made anew at each start; the mailbox outlives a stop.

    Attributes:
        mailbox: what was received.
        webhooks: where webhooks are taken; its handler may be set.
        delay: how many seconds late an answer is where a fault asks for that.
        username: who may sign in by SMTP; nobody has to.
    """

    def __init__(self, *, mailbox: Mailbox | None = None, delay: float = 5.0) -> None:
        self.mailbox = mailbox if mailbox is not None else Mailbox()
        self.webhooks = WebhookEndpoint()
        self.delay = delay
        self.username = USERNAME
        self._conduct = Conduct()
        self._password = self._api_key = ""
        self._guard = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._smtp: SmtpServer | None = None
        self._http: HttpServer | None = None
        self._dns: DnsServer | None = None

    def __repr__(self) -> str:
        return f"<Sandbox {'running' if self.running else 'stopped'}>"

    @property
    def running(self) -> bool:
        """Whether the servers are listening."""
        return self._folder is not None

    @property
    def orders(self) -> Orders:
        """What the servers were told to say to everyone; may be set while they run, on their loop.
        It outlives a stop.
        """
        return self._conduct.orders

    @orders.setter
    def orders(self, orders: Orders) -> None:
        self._conduct.orders = orders

    @property
    def smtp(self) -> Endpoint:
        """Where the SMTP server listens. Raises SandboxStopped, as the other three do."""
        return _of(self._smtp).endpoint

    @property
    def http(self) -> Endpoint:
        """Where the HTTP server listens."""
        return _of(self._http).endpoint

    @property
    def dns(self) -> Endpoint:
        """Where the DNS server listens, UDP and TCP."""
        return _of(self._dns).endpoint

    @property
    def ca_pem_path(self) -> Path:
        """The certificate of the authority that signed the SMTP server's."""
        return Path(_of(self._folder).name) / "sandbox-ca.pem"

    @property
    def password(self) -> str:
        """The password of ``username``, for this start only."""
        return self._password

    @property
    def api_key(self) -> str:
        """The key that every embedded API takes, for this start only."""
        return self._api_key

    def base_url(self, provider_id: str = "") -> str:
        """Return the base URL of a provider's API here; without an id, the one that all share."""
        base = f"http://{self.http}"
        return f"{base}/{provider_id}" if provider_id else base

    def webhook_url(self, provider_id: str) -> str:
        """Return where a provider's webhooks are taken here."""
        return f"http://{self.http}/webhooks/{provider_id}"

    async def start(
        self, smtp: str = _ANYWHERE, http: str = _ANYWHERE, dns: str = _ANYWHERE
    ) -> None:
        """Start the three servers, unless they run already (the addresses then do not matter).

        Each address is ``HOST:PORT`` on loopback; port 0 is a free one. Raises ValueError with a
        sentence for others, and OSError where a port is taken; nothing runs then.
        """
        smtp_at = parse_listening(smtp, "SMTP")
        http_at = parse_listening(http, "HTTP")
        dns_at = parse_listening(dns, "DNS")
        async with self._lock():
            if self.running:
                return
            try:
                await self._start(smtp_at, http_at, dns_at)
            except BaseException:
                await self._stop()
                raise

    async def stop(self) -> None:
        """Stop the servers, within some seconds; safe to call when they do not run."""
        async with self._lock():
            await self._stop()

    def _lock(self) -> asyncio.Lock:
        """Return the lock of the running loop: one that was waited for belongs to its loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._guard = loop, asyncio.Lock()
        return self._guard

    async def _start(self, smtp_at: Endpoint, http_at: Endpoint, dns_at: Endpoint) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mailgui-sandbox-")
        # Hex: a person pastes them into a command line, where a leading hyphen would be an option.
        self._password = secrets.token_hex(12)
        self._api_key = f"sandbox_{secrets.token_hex(16)}"
        folder = Path(self._folder.name)
        # Imports, keys and zone files take some tenths of a second: not on the event loop.
        making = asyncio.ensure_future(asyncio.to_thread(self._make, folder, (smtp_at.host,)))
        try:
            parts = await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.wait({making})  # it writes into the folder that is about to go
            raise
        self._smtp, self._http, self._dns = parts
        await self._smtp.start(smtp_at)
        await self._http.start(http_at)
        await self._dns.start(dns_at)

    def _make(
        self, folder: Path, addresses: tuple[str, ...]
    ) -> "tuple[SmtpServer, HttpServer, DnsServer]":
        """Make the servers, not yet listening. Runs in a thread."""
        import hypercorn.asyncio.run  # noqa: F401 - slow to import, as aiosmtpd is

        import mailgui.sandbox.smtp_session  # noqa: F401
        from mailgui.api.provider import load_providers
        from mailgui.sandbox.api_service import ApiService
        from mailgui.sandbox.budget import Budget
        from mailgui.sandbox.certificates import make_certificates
        from mailgui.sandbox.dns_server import DnsServer
        from mailgui.sandbox.dns_zones import ZoneAnswerer, load_zones
        from mailgui.sandbox.http_app import SandboxApp
        from mailgui.sandbox.http_server import HttpServer
        from mailgui.sandbox.smtp_handler import Account, SmtpHandler
        from mailgui.sandbox.smtp_server import SmtpServer

        certificates = make_certificates(folder, addresses)
        _write_private(folder / "sandbox-ca.pem", certificates.ca_pem)
        account = Account(self.username, self._password)
        budget = Budget()
        handler = SmtpHandler(self.mailbox, account, self.delay, budget, self._conduct)
        service = ApiService(
            load_providers(), self.mailbox, self._api_key, self.delay, self._conduct
        )
        return (
            SmtpServer(handler, certificates.context),
            HttpServer(SandboxApp(service, self.webhooks, budget)),
            DnsServer(ZoneAnswerer(load_zones())),
        )

    async def _stop(self) -> None:
        servers = [server for server in (self._smtp, self._http, self._dns) if server is not None]
        folder, self._folder = self._folder, None
        self._smtp = self._http = self._dns = None
        self._password = self._api_key = ""
        try:
            await asyncio.gather(*(server.stop() for server in servers))
        finally:
            if folder is not None:
                folder.cleanup()


def _of(part: _Part | None) -> _Part:
    if part is None:
        raise SandboxStopped("The sandbox does not run; start it first.")
    return part


def _write_private(path: Path, octets: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
