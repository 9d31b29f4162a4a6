"""aiosmtpd's SMTP protocol, with STARTTLS on asyncio's public API and DATA read in big pieces."""

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import MISSING, SMTP, Session, syntax

from mailgui.sandbox import smtp_handler
from mailgui.sandbox.smtp_handler import close_with
from mailgui.sandbox.stage_replies import Stage

if TYPE_CHECKING:
    from mailgui.sandbox.budget import Share
    from mailgui.sandbox.smtp_handler import SmtpHandler

MAX_MESSAGE = 64 * 1024 * 1024  # octets
IDLE = 300.0  # seconds between two commands (RFC 5321, section 4.5.3.2.7)
MESSAGE_SECONDS = 600.0  # for a message as a whole, however steadily it drips
_PIECE = 64 * 1024
_LINE = 2048  # octets; longer than RFC 5321 asks for, as international addresses are long
_AUTH_LINE = 12_288  # RFC 4954, section 4
_HANDSHAKE = 30.0  # seconds


class QuietSession(Session):
    """A session whose ``login_data`` is a plain attribute: aiosmtpd's own logs a deprecation of its
    own doing whenever someone signs in.
    """

    login_data: Any = None
    failed_sign_ins = 0


class _Answered(Exception):
    """The client was told already; aiosmtpd would answer the same command a second time."""


class SandboxSmtp(SMTP):
    """One connection to the embedded SMTP server."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"
    line_length_limit = _PIECE  # the size of the reader's buffer, too

    def __init__(
        self,
        handler: "SmtpHandler",
        context: ssl.SSLContext,
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(
            handler,
            data_size_limit=MAX_MESSAGE,
            enable_SMTPUTF8=True,
            hostname="sandbox.mailgui.example",
            ident="ESMTP MailGUI sandbox, nothing is delivered",
            tls_context=context,
            # Loopback carries passwords, as it does in the rest of MailGUI.
            auth_require_tls=False,
            authenticator=handler.authenticate,
            timeout=IDLE,
            loop=asyncio.get_running_loop(),
        )
        self._sandbox_handler = handler
        self._is_open = is_open
        self._greeted = False
        self.command_size_limits = defaultdict(lambda: _LINE, AUTH=_AUTH_LINE)

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """What serves the connection."""
        return self._handler_coroutine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # A connection may have been accepted just before the server stopped.
        if not self._is_open() and isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def _create_session(self) -> Session:
        return QuietSession(self.loop)

    async def _handle_client(self) -> None:
        # A peer that resets the connection is no fault of the server's.
        with contextlib.suppress(ConnectionError):
            await super()._handle_client()

    @property
    def idle(self) -> float:
        """For how many seconds nothing that counts has come."""
        ends = self._timeout_handle.when() if self._timeout_handle is not None else 0.0
        return self.loop.time() + self._timeout_duration - ends

    def time_out(self) -> None:
        """End the connection as one that was idle for too long."""
        self._timeout_cb()

    def _timeout_cb(self) -> None:
        """Close a connection that was idle, also where the other side has stopped reading: closing
        alone would wait for that without end.
        """
        transport = self.transport
        if not isinstance(transport, asyncio.WriteTransport):
            return
        if not transport.get_write_buffer_size() and not transport.is_closing():
            transport.write(b"421 4.4.2 Nothing came for too long, closing the connection\r\n")
        transport.close()
        if transport.get_write_buffer_size():
            transport.abort()

    async def push(self, status: Any) -> None:
        """Send a reply; the first one is the banner, which may be on order."""
        if not self._greeted:
            self._greeted = True
            status = await self._sandbox_handler.ordered(self, Stage.BANNER) or status
            if not self._sandbox_handler.goes_on(Stage.BANNER):
                # RFC 5321, section 3.1: such a server waits for QUIT and does nothing else.
                quit_ = self._smtp_methods["QUIT"]
                self._smtp_methods = {**dict.fromkeys(self._smtp_methods, self._shut)}
                self._smtp_methods["QUIT"] = quit_
        await super().push(status)

    async def _shut(self, _arg: str | None) -> None:
        await self.push("503 5.5.1 The server said that it takes no mail")

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        self.command_size_limits["MAIL"] = _LINE  # aiosmtpd lets it grow with each EHLO
        await super().smtp_EHLO(hostname)

    @syntax("AUTH <mechanism>")
    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        session = self.session
        most = smtp_handler.MAX_FAILED_SIGN_INS
        if isinstance(session, QuietSession) and session.failed_sign_ins >= most:
            await close_with(self, "421 4.7.0 Too many failed sign-ins, closing the connection")
        with contextlib.suppress(_Answered):
            await super().smtp_AUTH(arg)

    async def challenge_auth(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the client answers to a challenge."""
        answer = await super().challenge_auth(*args, **kwargs)
        if answer is MISSING:
            raise _Answered
        return answer

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """Upgrade the connection (RFC 3207).

        WORKAROUND: aiosmtpd builds ``sslproto.SSLProtocol`` by hand, which since Python 3.11 has no
        transport before the handshake ends; a failed handshake then raises inside its own clean-up.
        """
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
            return
        if self._tls_protocol is not None or self.tls_context is None:
            await self.push("503 5.5.1 TLS is active already")
            return
        ordered = await self._sandbox_handler.ordered(self, Stage.STARTTLS)
        if ordered and not self._sandbox_handler.goes_on(Stage.STARTTLS):
            await self.push(ordered)
            return
        transport = self._writer.transport
        if isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()  # the client's first TLS octets belong to the TLS layer
        self._reader._buffer.clear()  # type: ignore[attr-defined] # noqa: SLF001 - sent before TLS
        await self.push(ordered or "220 2.0.0 Ready to start TLS")
        try:
            await self._writer.start_tls(self.tls_context, ssl_handshake_timeout=_HANDSHAKE)
        except OSError as fault:  # ssl.SSLError is one; there is nobody left to talk to
            raise ConnectionResetError("the TLS handshake failed") from fault
        self._become_encrypted()

    def _become_encrypted(self) -> None:
        """Forget all that was said in plain text (RFC 3207, section 4.2)."""
        secure = self._writer.transport
        self.transport = secure
        self._reader._transport = secure  # type: ignore[attr-defined] # noqa: SLF001
        self._tls_protocol = secure.get_extra_info("ssl_object")
        self.envelope = self._create_envelope()
        self.session = self._create_session()
        self.session.peer = secure.get_extra_info("peername")
        self.session.ssl = {"ssl_object": self._tls_protocol}

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take a message, octet for octet; aiosmtpd's own reads it line by line."""
        if await self.check_helo_needed():
            return
        if self.envelope is None or self.session is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 There is no valid recipient")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        ordered = await self._sandbox_handler.ordered(self, Stage.DATA)
        if ordered and not self._sandbox_handler.goes_on(Stage.DATA):
            self.envelope = self._create_envelope()
            await self.push(ordered)
            return
        await self.push(ordered or "354 End data with <CR><LF>.<CR><LF>")
        with self._sandbox_handler.budget.share() as share:
            try:
                async with asyncio.timeout(MESSAGE_SECONDS):
                    octets = await self._read_message(share)
            except TimeoutError:
                share.give_back()
                await close_with(self, "421 4.4.2 The message took too long, closing")
            if isinstance(octets, bytes):
                reply = await self._sandbox_handler.take(self, self.session, self.envelope, octets)
            else:
                reply = octets
        self.envelope = self._create_envelope()
        await self.push(reply)

    async def _read_message(self, share: "Share") -> bytes | str:
        """Return the message without its dots, or a refusal (it is read to its end anyway)."""
        pieces: list[bytes] = []
        size, tail, room = 0, b"\r\n", True
        while True:
            try:
                piece = await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError as overrun:
                piece = await self._reader.readexactly(overrun.consumed)
            self._reset_timeout()
            size += len(piece)
            room = room and size <= MAX_MESSAGE + 3 and share.take(len(piece))
            if room:
                pieces.append(piece)
            else:
                pieces.clear()
                share.give_back()
            tail = (tail + piece)[-5:]
            if tail == b"\r\n.\r\n":
                break
        if size > MAX_MESSAGE + 3:
            return f"552 5.3.4 The message is bigger than {MAX_MESSAGE} octets"
        if not room:
            return "452 4.3.1 The sandbox holds as much as it may at once, try again"
        # RFC 5321, section 4.5.2: the first of the dots that begin a line is not of the message.
        stuffed = b"".join((b"\r\n", *pieces))[:-3]
        return stuffed.replace(b"\r\n.", b"\r\n")[2:]
