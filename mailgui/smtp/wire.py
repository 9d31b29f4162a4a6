"""Joins a stream, the protocol and the recorder: commands out, replies in, every octet recorded."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from mailgui.net.errors import NetworkFault
from mailgui.net.stream import Stream
from mailgui.smtp.deadline import Deadline
from mailgui.smtp.faults import SessionEnd, SmtpFault, show
from mailgui.smtp.line_faults import before, fault_of, handshake_due, timed_out
from mailgui.smtp.protocol import (
    Command,
    ConnectionLost,
    LineReceived,
    Protocol,
    ProtocolEvent,
    ReplyReceived,
    ServiceClosing,
    Verdict,
)
from mailgui.smtp.reply import ProtocolFault, Remark
from mailgui.smtp.scattered import HeldLines, Trail, hidden, without_text
from mailgui.transcript import Direction, Layer, Outcome, Recorder, Stage

T = TypeVar("T")

_SALVAGE = 1.0  # seconds for what the server said before it closed, once writing has failed


class Group(Struct, frozen=True):
    """Commands that go out together, as they are written and as they are recorded."""

    commands: tuple[Command, ...] = ()
    lines: tuple[tuple[bytes, Stage], ...] = ()
    octets: bytes = b""


def group_of(*commands: Command) -> Group:
    """Return commands as a group; none of them may be secret."""
    return Group(
        commands,
        tuple((command.octets, command.stage) for command in commands),
        b"".join(command.octets for command in commands),
    )


class Wire:
    """One connection, spoken to in commands.

    Attributes:
        stream: what carries it; replaced when TLS begins.
        recorder: where everything is recorded; may be changed between messages.
        protocol: the dialogue's state.
        timeout: seconds for each reply, and for each write to get off.
        last: the last reply that ``reply`` gave out.
    """

    def __init__(self, stream: Stream, recorder: Recorder, timeout: float) -> None:
        self.stream = stream
        self.recorder = recorder
        self.timeout = timeout
        self.last: ReplyReceived | None = None
        self.protocol = Protocol(recorder.masker.octets)
        self._held = HeldLines(recorder.masker.octets)
        self._trail = Trail(recorder.masker.octets)
        self._tainted = False  # a line of the reply under way completes a secret
        self._replies: deque[ReplyReceived] = deque()
        self._broken: SessionEnd | None = None
        self._deadline = Deadline()
        self._next_recorder: Recorder | None = None
        self._due_before = 0  # replies that still belong to this recorder, not to the next one

    @property
    def peer(self) -> str:
        """The other side, for sentences."""
        return str(self.recorder.peer or self.stream.peer)

    async def exchange(self, command: Command) -> ReplyReceived:
        """Send one command and return its reply.

        Looks first whether the line is quiet, so that a reply too many is noticed before it can
        be taken for this command's. Raises SessionEnd.
        """
        await self.check_quiet()
        await self.send(command)
        return await self.reply()

    async def send(self, *commands: Command, payload: bytes = b"") -> None:
        """Write commands together, and ``payload`` (which the caller recorded) behind them.

        Raises SessionEnd when the connection is broken, unless replies came in before it broke:
        these are still to be had from ``reply``.
        """
        self._check()
        if self.protocol.awaiting_tls:
            raise handshake_due(commands[0])
        octets = self.protocol.send(*commands)
        shown = [
            (command.octets if command.twin is None else command.twin, command.stage)
            for command in commands
            if command.octets
        ]
        if shown:
            self.recorder.lines(Direction.SENT, shown, Layer.SMTP)
        if payload:
            octets = octets + payload if octets else payload
        if octets:
            await self.write(octets)

    async def reply(self) -> ReplyReceived:
        """Return the reply to the oldest command in flight. Raises SessionEnd."""
        if not self._replies:
            await self._timed(self._read_until_reply())
        self.last = self._replies.popleft()
        return self.last

    async def sweep(self, answers: "re.Pattern[bytes]") -> list[bytes] | None:
        """Wait for octets; where they are just ``answers``, record and return their lines.

        ``answers`` must match one line for each command in flight, all of them good. Whatever else
        comes is taken in as usual and None is returned: ``reply`` tells the rest. It is for a
        dialogue at full speed that goes well. Raises SessionEnd.
        """
        self._check()
        if self._replies or self.protocol.inside_reply or self.protocol.dead:
            return None
        try:  # as _timed(_read()), in fewer steps
            with self._deadline.within(self.timeout):
                data = await self.stream.read()
        except TimeoutError as error:
            raise self._ran_out(writing=False) from error
        except (OSError, NetworkFault) as error:
            self._fail(self._lost(error))
            return None
        if not data or not answers.fullmatch(data):
            self._take(data)
            return None
        lines = data.splitlines(keepends=True)
        due = [
            (line, command.stage) for line, command in zip(lines, self.protocol.flight, strict=True)
        ]
        if self._next_recorder is not None:
            mine, due = due[: self._due_before], due[self._due_before :]
            self.recorder.lines(Direction.RECEIVED, mine, Layer.SMTP, expected=True)
            self.recorder, self._next_recorder = self._next_recorder, None
        self.recorder.lines(Direction.RECEIVED, due, Layer.SMTP, expected=True)
        self.protocol.all_answered()
        return lines

    async def row(
        self, end: Command, payload: bytes, following: Recorder | None, group: "Group"
    ) -> None:
        """Write a message (which the caller recorded) and the ``group`` of the one after it.

        From the reply to ``end`` on everything is recorded with ``following``.
        """
        self._check()
        self.protocol.send(end, *group.commands)
        if following is not None:
            self._next_recorder, self._due_before = following, 1
            following.lines(Direction.SENT, group.lines, Layer.SMTP)
            payload += group.octets
        write_now = getattr(self.stream, "write_now", None)
        if write_now is None or not write_now(payload):
            await self.write(payload)

    async def all_good(self, count: int) -> bool:
        """Wait for ``count`` replies; take them if each is a yes, else leave all to ``reply``.

        Raises SessionEnd when something is wrong behind them all the same.
        """
        replies = self._replies
        while len(replies) < count and all(r.verdict is Verdict.OK for r in replies):
            self._check()
            self._take(await self._timed(self._read()))
        good = len(replies) >= count and all(r.verdict is Verdict.OK for r in replies)
        if good:
            replies.clear()
            self._check()
        return good

    async def check_quiet(self, *, but_for_its_end: bool = False) -> None:
        """Take in what has already arrived; raise SessionEnd if the server spoke out of turn.

        ``but_for_its_end``: do not look whether the connection has ended.
        """
        if self._broken is None and not self.protocol.flight:
            await self._glance(but_for_its_end=but_for_its_end)
        self._check()

    async def linger(self, seconds: float) -> None:
        """Read on until the server closes, for at most ``seconds``; raises SessionEnd if broken."""
        try:
            async with asyncio.timeout(seconds):
                while self._broken is None:
                    self._take(await self._read())
        except TimeoutError:
            return
        self._check()

    async def write_watching(self, octets: bytes) -> bool:
        """Write message data; return False, at once, when the server speaks before its end."""
        await self._glance()
        if not self._interrupted:
            await self._timed(self._write_or_listen(octets), writing=True)
        return not self._interrupted

    async def write(self, octets: bytes) -> None:
        """Write octets that the caller recorded, as the end of message data."""
        self._check()
        await self._timed(self._write(octets), writing=True)
        if not self._replies:
            self._check()

    def tls_started(self, stream: Stream) -> None:
        """Go on over ``stream``, forgetting what was said before."""
        self.stream = stream
        self.protocol.tls_started()

    async def close(self, *, politely: bool) -> None:
        """Close the connection; not ``politely``: at once, without TLS's farewell."""
        self.protocol.give_up()
        self._release()
        self._deadline.close()
        if politely:
            await self.stream.close()
        else:
            self.stream.abort()

    async def _write_or_listen(self, octets: bytes) -> None:
        writing = asyncio.ensure_future(self.stream.write(octets))
        listening = asyncio.ensure_future(self._read_until_reply())
        try:
            await asyncio.wait(
                cast("set[asyncio.Future[None]]", {writing, listening}),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            writing.cancel()
            listening.cancel()
            failure, _ = await asyncio.gather(writing, listening, return_exceptions=True)
        if isinstance(failure, OSError | NetworkFault):
            await self._write_failed(failure)

    async def _glance(self, *, but_for_its_end: bool = False) -> None:
        """Take in what has arrived, without waiting for more."""
        await asyncio.sleep(0)  # lets the loop look at the socket
        if self.stream.waiting or (self.stream.ended and not but_for_its_end):
            # What waits inside TLS may be no more than a session ticket: then there is nothing.
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    self._take(await self._read())

    def _check(self) -> None:
        if self._broken is not None:
            raise self._broken

    @property
    def _interrupted(self) -> bool:
        return bool(self._replies) or self._broken is not None

    async def _write(self, octets: bytes) -> None:
        try:
            await self.stream.write(octets)
        except (OSError, NetworkFault) as error:
            await self._write_failed(error)

    async def _write_failed(self, error: OSError | NetworkFault) -> None:
        """Read what the server said before it closed; failing that, it is lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SALVAGE):
                while self._broken is None:
                    self._take(await self._read())
        if not self._interrupted:
            self._fail(self._lost(error))

    async def _read_until_reply(self) -> None:
        while not self._replies:
            self._check()
            self._take(await self._read())

    async def _timed(self, work: Awaitable[T], *, writing: bool = False) -> T:
        try:
            with self._deadline.within(self.timeout):
                return await work
        except TimeoutError as error:
            raise self._ran_out(writing=writing) from error

    def _ran_out(self, *, writing: bool) -> SessionEnd:
        self.protocol.give_up()  # a late reply must not be taken for another command's
        self._release()
        self._broken = timed_out(
            self.protocol, self.peer, self.timeout, tls=self.recorder.tls, writing=writing
        )
        self.recorder.error(self._broken.sentence, layer=Layer.SMTP, stage=self._broken.stage)
        return self._broken

    async def _read(self) -> bytes | None:
        """Return more octets, b"" at the end, None when the connection broke instead."""
        try:
            return await self.stream.read()
        except (OSError, NetworkFault) as error:
            self._fail(self._lost(error))
            return None

    def _take(self, data: bytes | None) -> None:
        if data is None:
            return
        events = self.protocol.receive(data) if data else self.protocol.receive_eof()
        for event in events:
            self._handle(event)

    def _handle(self, event: ProtocolEvent) -> None:
        if isinstance(event, LineReceived):
            if event.stage is Stage.AUTH:
                self._held.hold(event)
            else:
                self._record(event)
            return
        self._release()
        if isinstance(event, ReplyReceived):
            if event.command.stage is Stage.AUTH:
                event = msgspec.structs.replace(event, reply=self._held.cleaned(event.reply))
            if self._tainted:
                event = msgspec.structs.replace(event, reply=without_text(event.reply))
                self._tainted = False
            self._replies.append(event)
            if self._next_recorder is not None:
                self._hand_over(self._next_recorder)
        elif isinstance(event, Remark):
            stage = self.protocol.stage
            self.recorder.info(event.sentence, layer=Layer.SMTP, stage=stage, note=event.slug)
        elif isinstance(event, ProtocolFault):
            self._unexpected(event.octets, event.stage)
            self._fail(fault_of(event, self.protocol))
        elif isinstance(event, ServiceClosing):
            notice = event.reply.to_reply()
            sentence = f"The server ended the session on its own: {show(notice)}"
            ending = SessionEnd(event.stage, sentence, outcome=Outcome.TEMPORARY, reply=notice)
            self._fail(ending)
        else:
            self._unexpected(event.partial, event.stage)
            self._closed(event)

    def _release(self) -> None:
        for line in self._held.release():
            self._record(line)

    def _record(self, line: LineReceived) -> None:
        if self.recorder.masker.knows_any and (pieces := self._trail.completed_by(line)):
            for piece in pieces:
                self.recorder.masker.add(piece)
            self.recorder.mask_again()
            line, self._tainted = hidden(line), True
        self.recorder.line(Direction.RECEIVED, line.octets, Layer.SMTP, line.stage, line.expected)

    def _hand_over(self, following: Recorder) -> None:
        self._due_before -= 1
        if not self._due_before:
            self.recorder, self._next_recorder = following, None

    def _unexpected(self, octets: bytes, stage: Stage | None) -> None:
        if octets:
            self.recorder.received(octets, layer=Layer.SMTP, expected=False, stage=stage)

    def _fail(self, ending: SessionEnd) -> None:
        self._release()
        self._broken = ending if self._broken is None else self._broken
        self.recorder.error(ending.sentence, layer=Layer.SMTP, stage=ending.stage)

    def _closed(self, event: ConnectionLost) -> None:
        if event.unanswered:
            when = before(event.unanswered[0], tls=self.recorder.tls)
            sentence = f"{self.peer} closed the connection {when}."
            self._fail(SmtpFault(event.stage, "lost", sentence))
            return
        sentence = f"{self.peer} closed the connection."
        if event.stage is Stage.QUIT:  # as it should
            self._broken = SmtpFault(event.stage, "lost", sentence)
        else:
            self._fail(SmtpFault(event.stage, "lost", sentence))

    def _lost(self, error: Exception) -> SmtpFault:
        flight = self.protocol.flight
        stage = flight[0].stage if flight else self.protocol.stage
        self.protocol.give_up()
        kind = error.kind if isinstance(error, NetworkFault) else "lost"
        when = before(flight[0], tls=self.recorder.tls) if flight else "between two commands"
        sentence = f"The connection to {self.peer} was lost {when}."
        if isinstance(error, NetworkFault) and kind not in ("lost", "reset", "timed_out"):
            sentence = error.sentence  # such as a client certificate that TLS 1.3 refuses late
        return SmtpFault(stage, kind, sentence)
