"""The embedded SMTP server: listens, keeps count of its connections, and ends them all."""

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING

from mailgui.net.stream import Endpoint
from mailgui.sandbox.listening import bind, bound_to

if TYPE_CHECKING:
    from mailgui.sandbox.smtp_handler import SmtpHandler
    from mailgui.sandbox.smtp_session import SandboxSmtp

MAX_CONNECTIONS = 200
STALE = 60.0  # seconds without a command; where there is no room left, such a one makes some
_BACKLOG = 128
_ENDING = 2.0  # seconds


class SmtpServer:
    """Serves SMTP inside the running loop. ``endpoint`` is where, once started."""

    def __init__(self, handler: "SmtpHandler", context: ssl.SSLContext) -> None:
        self._handler = handler
        self._context = context
        self._server: asyncio.Server | None = None
        self._sessions: set[SandboxSmtp] = set()
        self.endpoint = Endpoint("", 0)

    async def start(self, endpoint: Endpoint) -> None:
        """Listen on ``endpoint``. Raises OSError."""
        from mailgui.sandbox import smtp_session  # noqa: F401 - imports aiosmtpd, before a client waits

        # A library's log has no reader here; without a handler Python prints its warnings, and on
        # DEBUG it would hold the passwords that clients sign in with.
        log = logging.getLogger("mail.log")
        log.addHandler(logging.NullHandler())
        log.setLevel(logging.WARNING)
        bound = bind(endpoint)
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connection, sock=bound, backlog=_BACKLOG)
        except BaseException:
            bound.close()
            raise
        self.endpoint = bound_to(bound)

    async def stop(self) -> None:
        """Stop listening and abort what is connected; bounded, and safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        tasks: list[asyncio.Task[None]] = []
        for session in tuple(self._sessions):
            if session.task is not None:
                session.task.cancel()
                tasks.append(session.task)
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=_ENDING)
        async with asyncio.timeout(_ENDING):
            await server.wait_closed()
        self._sessions.clear()

    def _connection(self) -> asyncio.Protocol:
        from mailgui.sandbox.smtp_session import SandboxSmtp

        self._sessions = {s for s in self._sessions if s.task is None or not s.task.done()}
        if len(self._sessions) >= MAX_CONNECTIONS and not self._make_room():
            return _Refusal()
        session = SandboxSmtp(self._handler, self._context, lambda: self._server is not None)
        self._sessions.add(session)
        return session

    def _make_room(self) -> bool:
        """End the session that is idle longest, if that is long enough; return whether it did."""
        idlest = max(self._sessions, key=lambda session: session.idle)
        if idlest.idle < STALE:
            return False
        idlest.time_out()
        self._sessions.discard(idlest)
        return True


class _Refusal(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()
