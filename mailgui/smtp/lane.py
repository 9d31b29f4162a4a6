"""Messages back to back over one connection, at full speed as long as all goes well.

With PIPELINING (RFC 2920) one round trip a message is enough: behind the end of each go MAIL, RCPT
and DATA of the next. The lane does this for what is common: small messages in memory, and a server
that says yes in single lines. It records every line like the general way (``Transaction``), to
which it leaves the rest: a refusal, a reply of many lines, answers that come in parts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from mailgui.message.outgoing import Envelope, Outgoing
from mailgui.smtp import commands
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.content import BATCH, END_OF_DATA, Parcel, Shared, describe, parcel
from mailgui.smtp.faults import Refusal, SessionEnd, SmtpFault
from mailgui.smtp.outcome import doubtful
from mailgui.smtp.parameters import parameters_for
from mailgui.smtp.plan import Plan
from mailgui.smtp.protocol import Verdict
from mailgui.smtp.steps import Greeting
from mailgui.smtp.transaction import WINDOW
from mailgui.smtp.wire import Group, Wire, group_of
from mailgui.transcript import Recorder, Stage

_END = commands.message()
_NONE = Group()
_YES = rb"2\d\d [^\r\n]{0,500}\r\n"
_GO_ON = rb"3\d\d [^\r\n]{0,500}\r\n"


@dataclass(slots=True, eq=False)
class Load:
    """One message on its way, and where it is recorded. ``begun``: some of its content is out.

    ``number`` is the caller's own.
    """

    message: Outgoing
    recorder: Recorder
    number: int = 0
    begun: bool = False


Landed = Callable[[Load, SessionEnd | None, bytes], None]
_Key = tuple[Envelope, int, bool, bool]


class Lane:
    """One connection's messages in a row.

    Attributes:
        waiting: the message whose end is out and whose answer is due.
        current: the message after it, whose commands are out; of its content nothing is.
        in_flight: how many of these are unanswered when ``run`` returns.
        wire: the connection.
    """

    def __init__(self, wire: Wire, plan: Plan, offers: Capabilities) -> None:
        self.waiting: Load | None = None
        self.current: Load | None = None
        self.in_flight = 0
        self.wire = wire
        self._plan = plan
        self._offers = offers
        self._shared = Shared()
        self._key: _Key | None = None
        self._group = _NONE

    def takes(self, message: Outgoing) -> bool:
        """Whether a message can go this way. Raises SmtpFault as ``parameters_for`` does."""
        plan = self._plan
        envelope = message.envelope
        key = (envelope, message.size, message.needs_smtputf8, message.needs_8bitmime)
        known = self._key
        if known is not None and envelope is known[0] and key[1:] == known[1:]:
            return True
        fits = (
            plan.pipelining
            and plan.stop_after is None
            and plan.steps is None
            and plan.greeting is not Greeting.LHLO
            and not plan.breaks
            and not plan.reset_between
            and not plan.wanted.binary
            and "PIPELINING" in self._offers
            and not (plan.chunking and "CHUNKING" in self._offers)
            and bool(getattr(message, "in_memory", False))
            and message.size < BATCH
            and len(envelope.recipients) + 2 <= WINDOW
        )
        if not fits:
            return False
        tls = self.wire.stream.tls
        verified = tls is not None and tls.verified
        parameters = parameters_for(message, plan, self._offers, tls=verified)
        if parameters.remarks:
            return False
        self._group = group_of(
            commands.mail(envelope.sender, parameters.mail),
            *(commands.rcpt(to, parameters.rcpt(to)) for to in envelope.recipients),
            commands.DATA,
        )
        self._key = key
        return True

    async def run(
        self,
        first: Load,
        following: Callable[[], Load | None],
        landed: Landed,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Carry ``first``, which ``takes`` has agreed to, and what ``following`` gives after it.

        ``landed`` is told what became of each: None in place of an ending where the server
        accepted it for all its recipients, with the line that said so. ``meanwhile`` is called
        while the server is at work. Ends when ``following`` gives none, or where ``current`` must
        go on in the general way, its replies yet unread.
        Raises SessionEnd when the connection is of no more use; ``waiting`` and ``current``
        then say which messages are undecided.
        """
        wire, group = self.wire, self._group
        self.current = load = first
        await wire.check_quiet()
        begun = sent = load.recorder.now()
        await wire.send(*group.commands)
        while True:
            due = len(group.commands)
            packed = parcel(load.message, self._shared) if due else None
            meanwhile()
            lines = await wire.sweep(_answers(self.waiting is not None, due))
            if lines is None:
                await self._settle(landed)
                if due and not await wire.all_good(due):
                    self.in_flight = due
                    return
            elif self.waiting is not None:
                self._accepted(self.waiting, sent, lines[0], landed)
            if packed is None:
                return
            sent = self._record(packed, load, begun)
            next_load = following()
            self.waiting, self.current = load, next_load
            if next_load is None:
                group = _NONE
                await wire.row(_END, packed.octets, None, group)
            else:
                load, group = next_load, self._group
                begun = load.recorder.now()
                await wire.row(_END, packed.octets, load.recorder, group)

    def _accepted(self, load: Load, sent: float, line: bytes, landed: Landed) -> None:
        load.recorder.timed(("message", sent, load.recorder.now() - sent))
        self.waiting = None
        landed(load, None, line)

    def _record(self, packed: Parcel, load: Load, begun: float) -> float:
        """Record that a message goes out now; returns when."""
        recorder = load.recorder
        load.begun = True
        now = recorder.now()
        recorder.message(
            describe(packed.length, packed.lines),
            length=packed.length,
            digest=packed.digest,
            end=END_OF_DATA,
            stage=Stage.DATA,
        )
        recorder.timed(("mail", begun, now - begun), ("rcpt", now, 0.0), ("data", now, 0.0))
        return now

    async def _settle(self, landed: Landed) -> None:
        """Learn in the general way what became of the message whose end is out."""
        load = self.waiting
        if load is None:
            return
        received = await self.wire.reply()
        self.waiting = None
        if received.verdict is Verdict.OK:
            landed(load, None, b"%d %s" % (received.reply.code, b" ".join(received.reply.texts)))
            return
        refusal = Refusal(received, "The server refused the message")
        if received.verdict is Verdict.UNEXPECTED:
            landed(load, doubtful(refusal), b"")
            # Nor is it known what the next replies answer; of the next message nothing is out.
            raise SmtpFault(
                Stage.MAIL,
                "unexpected_reply",
                f"This message was not sent, since the dialogue broke at the one before it. "
                f"{refusal.sentence}",
            )
        landed(load, refusal, b"")
        if not refusal.usable:
            raise refusal


@cache
def _answers(end: bool, commands_due: int) -> re.Pattern[bytes]:
    """Return what a server says when all goes well: to the end of a message, and to a group."""
    lines = [_YES] * end
    if commands_due:
        lines += [_YES] * (commands_due - 1) + [_GO_ON]
    return re.compile(b"".join(lines))
