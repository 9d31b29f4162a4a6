"""What the embedded SMTP server decides: who may sign in, what is taken, which faults it shows."""

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from mailgui.sandbox.budget import Budget
from mailgui.sandbox.conduct import Conduct
from mailgui.sandbox.faults import Fault, Moment, provoked, recipient_fault, sender_fault
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now, summarise_headers
from mailgui.sandbox.stage_replies import Stage
from mailgui.transcript import visible

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

MAX_RECIPIENTS = 1_000  # of one message
MAX_RECIPIENT_OCTETS = 256 * 1024  # of all of them: each may be as long as a line
MAX_FAILED_SIGN_INS = 10  # of one connection, which is closed then


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
        self,
        mailbox: Mailbox,
        account: Account,
        delay: float,
        budget: Budget | None = None,
        conduct: Conduct | None = None,
    ) -> None:
        self.budget = budget or Budget()
        self.conduct = conduct or Conduct()
        self._mailbox = mailbox
        self._account = account
        self._delay = delay

    def authenticate(
        self, server: "SMTP", session: "Session", envelope: "Envelope", mechanism: str, data: Any
    ) -> "AuthResult":
        """Check a user name and password, however they came."""
        from aiosmtpd.smtp import AuthResult

        fits = self._account.fits(data.login, data.password)
        if not fits:
            failed = getattr(session, "failed_sign_ins", 0) + 1
            session.failed_sign_ins = failed  # type: ignore[attr-defined] # QuietSession's
        message = None if fits else "535 5.7.8 Authentication failed: wrong user name or password"
        return AuthResult(success=fits, handled=False, message=message, auth_data=data)

    async def handle_AUTH(  # noqa: N802 - aiosmtpd's name
        self, server: "SMTP", session: "Session", envelope: "Envelope", args: list[str]
    ) -> Any:
        from aiosmtpd.smtp import MISSING

        reply = await self.ordered(server, Stage.AUTH)
        if reply is None:
            return MISSING  # which says: judge it as usual
        session.authenticated = self.goes_on(Stage.AUTH)
        return reply

    async def handle_EHLO(  # noqa: N802
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        # Commands are read from one stream and answered in order, whatever arrives at once.
        offered = [*responses[1:-1], "250-PIPELINING", responses[-1]]
        reply = await self.ordered(server, Stage.EHLO)
        if reply is not None and not self.goes_on(Stage.EHLO):
            return [reply]
        session.host_name = hostname
        if reply is None:
            return [responses[0], *offered]
        # The capabilities stay, behind the words and under the code that were ordered.
        lines = [line[4:] for line in reply.split("\r\n")] + [line[4:] for line in offered]
        code = reply[:3]
        return [*(f"{code}-{line}" for line in lines[:-1]), f"{code} {lines[-1]}"]

    async def handle_QUIT(  # noqa: N802
        self, server: "SMTP", session: "Session", envelope: "Envelope"
    ) -> str:
        return await self.ordered(server, Stage.QUIT) or "221 2.0.0 Bye"

    async def handle_MAIL(  # noqa: N802
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        address: str,
        options: list[str],
    ) -> str:
        sender = "" if address == "<>" else address
        reply = await self.ordered(server, Stage.MAIL)
        if reply is not None and not self.goes_on(Stage.MAIL):
            return reply
        refusal = await self._too_fast(server)
        refusal = refusal or await self._show(server, sender_fault(sender), Moment.MAIL)
        if refusal is not None:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return reply or "250 2.1.0 Sender accepted"

    async def handle_RCPT(  # noqa: N802
        self,
        server: "SMTP",
        session: "Session",
        envelope: "Envelope",
        address: str,
        options: list[str],
    ) -> str:
        octets = sum(map(len, envelope.rcpt_tos)) + len(address)
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS or octets > MAX_RECIPIENT_OCTETS:
            return "452 4.5.3 Too many recipients"
        reply = await self.ordered(server, Stage.RCPT)
        if reply is not None and not self.goes_on(Stage.RCPT):
            return reply
        refusal = await self._show(server, recipient_fault(address), Moment.RCPT)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 Recipient accepted"

    async def take(
        self, server: "SMTP", session: "Session", envelope: "Envelope", octets: bytes
    ) -> str:
        """Take a message that has come in whole, or show a fault in place of that."""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        faults = provoked(sender, envelope.rcpt_tos)
        reply = await self.ordered(server, Stage.MESSAGE)
        if reply is not None and not self.goes_on(Stage.MESSAGE):
            return reply
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
        return reply or f"250 2.0.0 Taken by the sandbox as {message.id}"

    async def handle_exception(self, error: Exception) -> str:
        """Answer where aiosmtpd trips over what it was sent."""
        return "500 5.5.2 The command could not be understood"

    async def ordered(self, server: "SMTP", stage: Stage) -> str | None:
        """Return the reply on order at ``stage``, or None; one that closes is sent here, and the
        connection with it.
        """
        reply = self.conduct.reply(stage)
        if reply is None:
            return None
        if reply.closes:
            await close_with(server, reply.wire)
        return reply.wire

    def goes_on(self, stage: Stage) -> bool:
        """Return whether the dialogue goes on as usual after the reply on order at ``stage``."""
        reply = self.conduct.reply(stage)
        return reply is None or reply.goes_on(stage)

    async def _too_fast(self, server: "SMTP") -> str | None:
        """Return the refusal of a message beyond the rate, or None."""
        admission = self.conduct.admit("smtp")
        rate = self.conduct.orders.rate
        if admission is None or admission.admitted or rate is None:
            return None
        said = f"{rate.code} 4.7.1 Too many messages: at most {rate.sentence}"
        said += f", try again in {admission.wait} s"
        if rate.code == "421":
            await close_with(server, said)
        return said

    async def _show(self, server: "SMTP", fault: Fault | None, moment: Moment) -> str | None:
        """Return the refusal that ``fault`` asks for at this moment, None to go on as usual."""
        if fault is None or fault.moment is not moment:
            return None
        if fault.slow:
            await asyncio.sleep(self._delay)
        reply = fault.reply.replace("\n", "\r\n") if fault.reply else None
        if fault.drop and reply:
            await close_with(server, reply)
        if fault.drop:
            await _hang_up(server, abruptly=True)
        return reply


async def close_with(server: "SMTP", reply: str) -> NoReturn:
    """Say a last word and close the connection; never returns."""
    await server.push(reply)
    await _hang_up(server, abruptly=False)


async def _hang_up(server: "SMTP", *, abruptly: bool) -> NoReturn:
    """Close the connection; what serves it is cancelled as soon as that is done."""
    transport = server.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort() if abruptly else transport.close()
    await asyncio.get_running_loop().create_future()
    raise AssertionError  # nobody sets that future


def _peer(session: "Session") -> str:
    peer = session.peer
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer)
