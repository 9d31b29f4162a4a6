"""What the embedded SMTP server decides: who may sign in, what is taken, which faults it shows."""

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgui.sandbox.budget import Budget
from mailgui.sandbox.faults import Fault, Moment, provoked, recipient_fault, sender_fault
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now, summarise_headers
from mailgui.transcript import visible

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

MAX_RECIPIENTS = 1_000


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in."""

    username: str
    password: str = field(repr=False)

    def fits(self, username: bytes, password: bytes) -> bool:
        """Return whether these are right; takes as long whether they are or not."""
        same_user = hmac.compare_digest(username, self.username.encode())
        return hmac.compare_digest(password, self.password.encode()) and same_user


class SmtpHandler:
    """aiosmtpd's hooks. A hook returns the reply, or closes the connection and never returns."""

    def __init__(
        self, mailbox: Mailbox, account: Account, delay: float, budget: Budget | None = None
    ) -> None:
        self.budget = budget or Budget()
        self._mailbox = mailbox
        self._account = account
        self._delay = delay

    def authenticate(
        self, server: "SMTP", session: "Session", envelope: "Envelope", mechanism: str, data: Any
    ) -> "AuthResult":
        """Check a user name and password, however they came."""
        from aiosmtpd.smtp import AuthResult

        fits = self._account.fits(data.login, data.password)
        message = None if fits else "535 5.7.8 Authentication failed: wrong user name or password"
        return AuthResult(success=fits, handled=False, message=message, auth_data=data)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        # Commands are read from one stream and answered in order, whatever arrives at once.
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        address: str,
        options: list[str],
    ) -> str:
        sender = "" if address == "<>" else address
        refusal = await self._show(server, sender_fault(sender), Moment.MAIL)
        if refusal is not None:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender accepted"

    async def handle_RCPT(  # noqa: N802
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        address: str,
        options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        refusal = await self._show(server, recipient_fault(address), Moment.RCPT)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def take(
        self, server: "SMTP", session: "Session", envelope: "Envelope", octets: bytes
    ) -> str:
        """Take a message that has come in whole, or show a fault in place of that."""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        faults = provoked(sender, envelope.rcpt_tos)
        for _, fault in faults:
            refusal = await self._show(server, fault, Moment.MESSAGE)
            if refusal is not None:
                return refusal
        message = CapturedMessage(
            id=new_id(),
            received=now(),
            road="smtp",
            envelope_from=visible(sender),
            recipients=tuple(visible(address) for address in envelope.rcpt_tos),
            size=len(octets),
            peer=_peer(session),
            headers=summarise_headers(octets),
            tls=session.ssl is not None,
            user=self._account.username if session.authenticated else "",
            greeting=visible(session.host_name or ""),
            faults=tuple(name for name, _ in faults),
        )
        self._mailbox.add(message, octets)
        return f"250 2.0.0 Taken by the sandbox as {message.id}"

    async def handle_exception(self, error: Exception) -> str:
        """Answer where aiosmtpd trips over what it was sent."""
        return "500 5.5.2 The command could not be understood"

    async def _show(self, server: "SMTP", fault: Fault | None, moment: Moment) -> str | None:
        """Return the refusal that ``fault`` asks for at this moment, None to go on as usual."""
        if fault is None or fault.moment is not moment:
            return None
        if fault.slow:
            await asyncio.sleep(self._delay)
        reply = fault.reply.replace("\n", "\r\n") if fault.reply else None
        if fault.drop:
            if reply:
                await server.push(reply)
            await _hang_up(server, abruptly=reply is None)
        return reply


async def _hang_up(server: "SMTP", *, abruptly: bool) -> None:
    """Close the connection; what serves it is cancelled as soon as that is done."""
    transport = server.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort() if abruptly else transport.close()
    await asyncio.get_running_loop().create_future()


def _peer(session: "Session") -> str:
    peer = session.peer
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer)
