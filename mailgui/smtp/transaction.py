"""One mail transaction: MAIL, RCPT for each recipient, the message, and what became of it.

Lock-step and PIPELINING (RFC 2920) differ only in how many commands may be in flight.
"""

from collections import deque

from mailgui.message.outgoing import Outgoing
from mailgui.smtp import commands
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.content import END_OF_DATA, Content, describe
from mailgui.smtp.faults import Refusal, SessionEnd, SmtpFault
from mailgui.smtp.parameters import on_purpose, parameters_for
from mailgui.smtp.plan import ORDER, Plan
from mailgui.smtp.protocol import Command, ReplyReceived, Verdict
from mailgui.smtp.steps import Greeting
from mailgui.smtp.wanted import Breaks
from mailgui.smtp.wire import Wire
from mailgui.transcript import Direction, Layer, Outcome, Recorder, Stage

WINDOW = 50  # commands in flight: their replies fit any socket buffer, so neither side blocks


class Transaction:
    """Carries one message over a wire, as far as ``until``.

    Attributes:
        message: what it carries.
        recorder: where its own share of the dialogue is recorded.
        verdicts: the reply that decided on each recipient so far.
        final: the server's yes to the whole message.
        undecided: how many answers are due on a message whose end went out (or may have): without
            them nobody knows whether the server took it.
        begun: some of the message's content went out.
        open: the server holds a transaction that only RSET or QUIT ends.
    """

    def __init__(
        self,
        wire: Wire,
        message: Outgoing,
        plan: Plan,
        offers: Capabilities,
        *,
        until: Stage = Stage.MESSAGE,
        recorder: Recorder | None = None,
    ) -> None:
        self.message = message
        self.recorder = recorder or wire.recorder
        self.verdicts: dict[str, ReplyReceived] = {}
        self.final: ReplyReceived | None = None
        self.undecided = 0
        self.begun = False
        self.open = False
        self._wire = wire
        self._until = ORDER.index(until)
        self._lmtp = plan.greeting is Greeting.LHLO
        breaks = plan.breaks
        wanted = plan.chunking or plan.wanted.binary
        self._chunking = wanted and ("CHUNKING" in offers or breaks.extensions_not_offered)
        together = "PIPELINING" in offers or breaks.pipelining_not_offered
        self._window = WINDOW if plan.pipelining and together else 1
        self._breaks = breaks
        self._pushing = self._window > 1 and "PIPELINING" not in offers
        tls = wire.stream.tls
        verified = tls is not None and tls.verified
        self._parameters = parameters_for(message, plan, offers, tls=verified)
        self._unsent: deque[Command] = deque()
        self._in_flight = 0

    @property
    def accepted(self) -> list[str]:
        """The recipients that the server takes, in order."""
        return [a for a, received in self.verdicts.items() if received.verdict is Verdict.OK]

    async def run(self, in_flight: int = 0) -> None:
        """Do it. Raises SessionEnd where it ends early, with the connection in step if usable.

        ``in_flight``: so many commands, MAIL to DATA, went out before (see ``lane``).
        """
        self._in_flight = in_flight
        self._remark()
        if not self._reaches(Stage.MESSAGE):
            await self._envelope()
            if self._reaches(Stage.DATA) and not self._chunking:
                with self.recorder.phase("data"):
                    await self._ask_for_data()
            return
        content = self._content()
        try:
            await self._prefetch(content)
            await self._envelope()
            if self._chunking:
                await self._send_by_bdat(content)
            else:
                await self._send_by_data(content)
        finally:
            content.close()

    def _remark(self) -> None:
        """Tell what a person should know, and what is broken on purpose."""
        for each in self._parameters.remarks:
            self.recorder.info(each.sentence, layer=Layer.SMTP, stage=Stage.MAIL, note=each.slug)
        if self._pushing:
            remark = on_purpose("commands sent together, although PIPELINING is not offered")
            self.recorder.info(remark, layer=Layer.SMTP, stage=Stage.MAIL)

    def _content(self) -> Content:
        return Content(self.message, stuff=not self._chunking, breaks=self._breaks)

    # The envelope.

    def _prepare(self) -> None:
        envelope = self.message.envelope
        self._unsent.append(commands.mail(envelope.sender, self._parameters.mail))
        if self._reaches(Stage.RCPT):
            rcpt = self._parameters.rcpt
            self._unsent.extend(commands.rcpt(to, rcpt(to)) for to in envelope.recipients)
        if self._reaches(Stage.DATA) and not self._chunking:
            self._unsent.append(commands.DATA)

    async def _envelope(self) -> None:
        envelope = self.message.envelope
        if not self._in_flight:
            self._prepare()
        with self.recorder.phase("mail"):
            received = await self._next()
            if received.verdict is not Verdict.OK:
                sender = envelope.sender or "<> (the null sender)"
                await self._give_up(Refusal(received, f"The server refused the sender {sender}"))
            self.open = True
        if self._reaches(Stage.RCPT):
            with self.recorder.phase("rcpt"):
                await self._recipients()

    async def _recipients(self) -> None:
        for recipient in self.message.envelope.recipients:
            received = await self._next()
            self.verdicts[recipient] = received
            if received.closing or received.verdict is Verdict.UNEXPECTED:
                raise Refusal(received, f"The server broke off at the recipient {recipient}")
        if not self.accepted:
            await self._give_up(self._all_refused())

    def _all_refused(self) -> Refusal:
        refused = list(self.verdicts.values())
        temporary = [r for r in refused if r.verdict is Verdict.TEMPORARY]
        decisive = (temporary or refused)[0]
        if len(refused) == 1:
            whom = f"the recipient {decisive.command.recipient}"
        else:
            whom = f"all {len(refused)} recipients"
        verb = "put off" if temporary else "refused"
        return Refusal(decisive, f"The server {verb} {whom}")

    async def _next(self) -> ReplyReceived:
        """Return the next reply, sending the next group of commands where none is in flight."""
        if not self._in_flight:
            if self._window == 1:
                await self._wire.check_quiet()
            group = [self._unsent.popleft() for _ in range(min(self._window, len(self._unsent)))]
            await self._wire.send(*group)
            self._in_flight = len(group)
        received = await self._wire.reply()
        self._in_flight -= 1
        return received

    async def _give_up(self, refusal: Refusal) -> None:
        """Take in what is still in flight, so that the dialogue stays in step; then raise."""
        self._unsent.clear()
        try:
            while self._in_flight and refusal.usable:
                received = await self._next()
                if received.command is commands.DATA and received.verdict is Verdict.OK:
                    await self._lone_dot()
        except SessionEnd:
            refusal.usable = False
        raise refusal

    async def _lone_dot(self) -> None:
        """End data that the server asked for although nobody is to get it (RFC 2920, 3.1)."""
        end = commands.message()
        self.recorder.sent(END_OF_DATA, layer=Layer.SMTP, stage=Stage.DATA)
        await self._wire.send(end, payload=END_OF_DATA)
        await self._wire.reply()
        self.open = False

    # The message by DATA.

    async def _ask_for_data(self) -> None:
        received = await self._next()
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused DATA")

    async def _send_by_data(self, content: Content) -> None:
        with self.recorder.phase("data"):
            await self._ask_for_data()
            await self._wire.check_quiet()
            ends = await self._write_content(content)
        await self._decide(ends)

    async def _write_content(self, content: Content) -> list[Command]:
        """Send the message and its end; return the replies that are due."""
        for broken in _broken_in_content(self._breaks):
            self.recorder.info(on_purpose(broken), layer=Layer.SMTP, stage=Stage.DATA)
        batch = await self._read(content)
        ends = self._ends()
        self.begun = True
        if content.complete:
            self._record(content)
            await self._wire.send(*ends, payload=batch + content.end)
        else:
            await self._wire.send(*ends)
            await self._stream(content, batch)
        return ends

    async def _decide(self, ends: list[Command]) -> None:
        with self.recorder.phase("message"):
            for end in ends:
                await self._verdict(end)

    async def _stream(self, content: Content, batch: bytes) -> None:
        """Send a message of several batches, listening for a refusal all the while."""
        while not content.complete:
            if not await self._wire.write_watching(batch):
                await self._interrupted(content)
            batch = await self._read(content)
        self._record(content)
        await self._wire.write(batch + content.end)

    def _ends(self) -> list[Command]:
        """The replies due after the message: LMTP gives one for each recipient taken."""
        if self._lmtp:
            return [commands.message(recipient) for recipient in self.accepted]
        return [commands.message()]

    async def _verdict(self, end: Command) -> None:
        received = await self._wire.reply()
        self.open = False
        if received.verdict is not Verdict.UNEXPECTED:
            self.undecided -= 1
        if end.recipient is not None:
            self.verdicts[end.recipient] = received
            if received.verdict is Verdict.OK:
                self.final = received
            elif not self.accepted:
                raise Refusal(received, "The server refused the message")
            return
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused the message")
        self.final = received

    async def _interrupted(self, content: Content) -> None:
        """The server spoke before the end of the message: say what that means, and end."""
        text = f"{describe(content.length, content.lines)[:-1]}, not all of it sent]"
        self.recorder.data(
            Direction.SENT, text, layer=Layer.SMTP, length=content.length, stage=Stage.DATA
        )
        received = await self._wire.reply()
        if received.verdict is not Verdict.OK:
            refusal = Refusal(
                received, "The server refused the message while it was still being sent"
            )
            refusal.usable = False
            raise refusal
        raise SessionEnd(
            Stage.MESSAGE,
            "The server accepted the message before all of it was sent; it may have kept a part.",
            outcome=Outcome.UNKNOWN,
            slug="premature_reply",
            reply=received.reply.to_reply(),
        )

    # The message by BDAT (RFC 3030).

    async def _send_by_bdat(self, content: Content) -> None:
        recorder = self.recorder
        with recorder.phase("data"):
            while True:
                batch = await self._read(content)
                await self._wire.check_quiet()
                if content.complete:
                    break
                self.begun = True
                chunk = commands.bdat(len(batch), last=False)
                await self._wire.send(chunk, payload=batch)
                received = await self._wire.reply()
                if received.verdict is not Verdict.OK:
                    raise Refusal(received, "The server refused a part of the message")
            ends = self._ends()
            last = commands.bdat(len(batch), last=True, recipient=ends[0].recipient)
            self.undecided = len(ends)
            self.begun = True
            try:
                await self._wire.send(last, *ends[1:], payload=batch)
            finally:  # where the connection breaks by then, the server may still have it
                self._record_data(content)
        await self._decide([last, *ends[1:]])

    # Reading and recording.

    async def _prefetch(self, content: Content) -> None:
        try:
            await content.prefetch()
        except OSError as error:
            raise _unreadable(error, usable=not self._in_flight) from error

    async def _read(self, content: Content) -> bytes:
        try:
            return await content.next()
        except OSError as error:
            raise _unreadable(error, usable=False) from error

    def _record(self, content: Content) -> None:
        """Record the message and its end, and that from here on the server may have it."""
        self._record_data(content)
        self.recorder.sent(content.end, layer=Layer.SMTP, stage=Stage.DATA)
        self.undecided = len(self.accepted) if self._lmtp else 1

    def _record_data(self, content: Content) -> None:
        self.recorder.data(
            Direction.SENT,
            describe(content.length, content.lines),
            layer=Layer.SMTP,
            length=content.length,
            digest=content.digest,
            stage=Stage.DATA,
        )

    def _reaches(self, stage: Stage) -> bool:
        return self._until >= ORDER.index(stage)


def _broken_in_content(breaks: Breaks) -> list[str]:
    words = []
    if breaks.bare_lf:
        words.append("the message's lines end with LF alone")
    if breaks.no_dot_stuffing:
        words.append("dots at the start of lines are not doubled")
    if breaks.end_of_data is not None:
        shown = breaks.end_of_data.decode("latin-1").encode("unicode_escape").decode()
        words.append(f"“{shown}” in place of CRLF, dot, CRLF")
    return words


def _unreadable(error: OSError, *, usable: bool) -> SmtpFault:
    reason = error.strerror or str(error)
    where = f" ({error.filename})" if error.filename else ""
    sentence = f"The message could not be read{where}: {reason.rstrip('.')}."
    return SmtpFault(Stage.DATA, "message_unreadable", sentence, usable=usable)
