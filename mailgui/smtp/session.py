"""Walks a plan over a real connection; each message's way becomes a transcript.

Faults of network and server are outcomes here, never exceptions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from mailgui.message.outgoing import Envelope, Outgoing
from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.tls import SessionCache
from mailgui.smtp.cancellation import Cancel, Cancelled, guard
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.checks import check_before
from mailgui.smtp.connection import Connection
from mailgui.smtp.desync import reconsider
from mailgui.smtp.faults import SessionEnd, SmtpFault
from mailgui.smtp.lane import Landed, Lane, Load
from mailgui.smtp.outcome import (
    accepted_ending,
    cancelled_ending,
    doubtful,
    queue_id,
    recipient_results,
    stopped_ending,
)
from mailgui.smtp.plan import Deliver, Drop, Handshake, Plan, Quit, Step
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.transaction import Transaction
from mailgui.transcript import Layer, Outcome, Recorder, Stage, Transcript

_LAYERS = {Stage.DNS: Layer.DNS, Stage.CONNECT: Layer.TCP, Stage.TLS: Layer.TLS}
_NORMAL = Plan()
_DIRECT = ConnectSettings()
_SECRETLESS = ("EXTERNAL", "ANONYMOUS")
_UNDECIDED = (Outcome.FAILED, Outcome.CANCELLED)


async def send(
    settings: SmtpSettings,
    message: Outgoing | None,
    *,
    plan: Plan = _NORMAL,
    password: str | None,
    recorder: Recorder,
    resolver: Resolver | None = None,
    cancel: asyncio.Event | None = None,
    connect: ConnectSettings = _DIRECT,
) -> Transcript:
    """Carry out ``plan`` on a connection of its own and return what happened.

    Without a message it ends after the sign-in. When ``cancel`` is set, it ends at once, with
    the outcome ``cancelled``, or ``unknown`` where the server may have the message by then.
    """
    async with Session(
        settings, plan=plan, password=password, resolver=resolver, connect=connect
    ) as session:
        return await session.send(message, recorder=recorder, cancel=cancel, last=True)


class Session:
    """Sends messages one after the other over one connection, opened when first needed.

    Use it as an asynchronous context manager: leaving it says QUIT where a connection is open.

    Attributes:
        settings, plan: as given.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        plan: Plan = _NORMAL,
        password: str | None,
        resolver: Resolver | None = None,
        connect: ConnectSettings = _DIRECT,
    ) -> None:
        self.settings = settings
        self.plan = plan
        self._password = password
        self._resolver = resolver
        self._connect = connect
        self._sessions = SessionCache()
        self._connection: Connection | None = None
        self._transaction: Transaction | None = None
        self._before: Transaction | None = None
        self._checked: Envelope | None = None
        self._step: Step | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.hang_up()
        else:
            await self._discard()

    async def hang_up(self) -> None:
        """Say QUIT where a connection is open; the next message opens another one."""
        connection, self._connection = self._connection, None
        if connection is None or connection.wire is None:
            return
        if self.plan.drop:
            await connection.close(politely=False)
        else:
            await connection.quit()

    @property
    def is_open(self) -> bool:
        """Whether a connection is ready for another message."""
        return self._connection is not None and self._connection.wire is not None

    async def send(
        self,
        message: Outgoing | None,
        *,
        recorder: Recorder,
        cancel: Cancel = None,
        last: bool = False,
    ) -> Transcript:
        """Send one message and return its transcript, which holds the opening if it needed one.

        ``last``: say goodbye afterwards, within the same transcript.
        """
        ending = await self.carry(message, recorder=recorder, cancel=cancel, last=last)
        return self.transcript(message, recorder, ending)

    async def carry(
        self,
        message: Outgoing | None,
        *,
        recorder: Recorder,
        cancel: Cancel = None,
        last: bool = False,
    ) -> SessionEnd:
        """Send one message as ``send`` does and return only how that ended.

        Without a message it opens the connection, where the plan has no stop point before.
        """
        if self._password:
            recorder.masker.add(self._password)
        self._before, self._transaction = self._transaction, None
        try:
            ending = await self._until_decided(
                lambda: self._walk(message, recorder), recorder, cancel
            )
            return await self._part(ending, cancel, last=last)
        except BaseException:
            await self._discard()
            raise

    @property
    def offers(self) -> Capabilities:
        """What the server said it can do; nothing while there is no connection."""
        return self._connection.offers if self._connection is not None else Capabilities()

    @property
    def nothing_sent(self) -> bool:
        """Whether nothing of the last message's content went out: sending it again is safe."""
        return self._transaction is None or not self._transaction.begun

    def lane(self) -> Lane:
        """Return the lane of the connection, which must be open; see ``drive``."""
        connection = self._current()
        return Lane(connection.open_wire(), self.plan, connection.offers)

    async def drive(
        self,
        lane: Lane,
        first: Load,
        *,
        following: Callable[[], Load | None],
        landed: Landed,
        meanwhile: Callable[[], None],
        cancel: Cancel = None,
    ) -> None:
        """Carry messages in a row, each of which ``lane.takes`` agreed to; see ``Lane.run``.

        ``following`` gives the next one, or None to end the row. The recorders of all of them
        share one masker. ``landed`` is told of each how it ended; the row is over, at the latest,
        after one that did not end well.
        """
        connection = self._current()
        before, self._before, self._transaction = self._transaction, None, None

        def introduced() -> Load | None:
            load = following()
            if load is not None:
                connection.introduce(load.recorder)
            return load

        async def carry_on() -> SessionEnd:
            load = lane.current or first
            self._transaction = transaction = Transaction(
                lane.wire, load.message, self.plan, connection.offers, recorder=load.recorder
            )
            await transaction.run(lane.in_flight)
            return accepted_ending(transaction, load.message.envelope)

        try:
            connection.record_with(first.recorder)
            try:
                async with guard(cancel):
                    if before is not None and before.open:
                        lane.current = first
                        await connection.reset()
                    await lane.run(first, introduced, landed, meanwhile)
            except (Cancelled, SessionEnd) as end:
                await self._give_up(lane, end, landed)
                return
            if lane.current is not None:
                load = lane.current
                ending = await self._until_decided(carry_on, load.recorder, cancel)
                ending = await self._part(ending, cancel, last=False)
                load.begun = not self.nothing_sent
                landed(load, ending, b"")
        except BaseException:
            await self._discard()
            raise

    async def _give_up(self, lane: Lane, end: Cancelled | SessionEnd, landed: Landed) -> None:
        """End a row whose connection is of no more use, or that is not wanted any more."""
        ending = cancelled_ending(self._stage()) if isinstance(end, Cancelled) else end
        await self._part(ending, None, last=False)
        for load in (lane.waiting, lane.current):
            if load is not None:
                in_doubt = load is lane.waiting
                if isinstance(end, Cancelled):
                    load.recorder.error(ending.sentence, layer=Layer.SMTP, stage=ending.stage)
                landed(load, doubtful(ending) if in_doubt else ending, b"")

    async def _until_decided(
        self, work: Callable[[], Awaitable[SessionEnd]], recorder: Recorder, cancel: Cancel
    ) -> SessionEnd:
        try:
            async with guard(cancel):
                ending = await work()
        except Cancelled:
            ending = cancelled_ending(self._stage())
            recorder.error(ending.sentence, layer=Layer.SMTP, stage=ending.stage)
        except NetworkFault as fault:
            recorder.error(
                fault.sentence, layer=_LAYERS.get(fault.stage, Layer.TCP), stage=fault.stage
            )
            ending = SmtpFault(fault.stage, fault.kind, fault.sentence)
            if self._connection is not None and fault.tls is not None:
                self._connection.tls = fault.tls
        except SessionEnd as end:
            ending = end
        undecided = self._transaction is not None and self._transaction.undecided > 0
        return doubtful(ending) if undecided and ending.outcome in _UNDECIDED else ending

    async def _walk(self, message: Outgoing | None, recorder: Recorder) -> SessionEnd:
        try:
            self._check(message)
        except SmtpFault as fault:
            recorder.error(fault.sentence, layer=Layer.SMTP, stage=fault.stage)
            raise
        mode = self.settings.tls_mode
        try:
            await self._steps(mode, message, recorder)
        except NetworkFault as fault:
            optional = isinstance(self._step, Handshake) and mode is TlsMode.OPPORTUNISTIC
            if not optional:
                raise
            recorder.error(fault.sentence, layer=Layer.TLS, stage=Stage.TLS)
            recorder.info(
                "TLS was optional: connecting again and going on without it.",
                layer=Layer.SMTP,
                stage=Stage.TLS,
            )
            await self._discard()
            await self._steps(TlsMode.NONE, message, recorder)
        if self._transaction is not None and self._transaction.final is not None:
            assert message is not None  # noqa: S101  # for the type checker
            return accepted_ending(self._transaction, message.envelope)
        return stopped_ending(self.plan.stop_after)

    def _check(self, message: Outgoing | None) -> None:
        envelope = message.envelope if message is not None else None
        if envelope is None or envelope is not self._checked:
            check_before(self.settings, self.plan, message)
            self._checked = envelope

    async def _steps(self, mode: TlsMode, message: Outgoing | None, recorder: Recorder) -> None:
        s = self.settings
        sign_in = bool(s.username) or (s.auth or "").upper() in _SECRETLESS
        steps = self.plan.walk(mode, sign_in=sign_in, deliver=message is not None)
        if self.is_open and await self._still_usable(recorder):
            first = next((i for i, step in enumerate(steps) if isinstance(step, Deliver)), 0)
            steps = steps[first:]
        else:
            await self._discard()
            self._connection = Connection(
                s,
                self._password,
                recorder,
                connect=self._connect,
                resolver=self._resolver,
                sessions=self._sessions,
            )
        for step in steps:
            self._step = step
            if isinstance(step, Quit | Drop):
                return
            if isinstance(step, Deliver):
                await self._deliver(step, message)
            else:
                await self._current().take(step)

    async def _still_usable(self, recorder: Recorder) -> bool:
        """Ready the connection for one more message; False where the server gave it up."""
        connection = self._current()
        connection.record_with(recorder)
        try:
            if self._before is not None and self._before.open:
                await connection.reset()
            elif connection.wire is not None:
                await connection.wire.check_quiet()
        except SessionEnd:
            return False
        return True

    async def _deliver(self, step: Deliver, message: Outgoing | None) -> None:
        connection = self._current()
        if connection.wire is None or message is None:
            raise RuntimeError("The plan delivers without a connection or a message.")
        self._transaction = Transaction(
            connection.wire, message, self.plan, connection.offers, until=step.until
        )
        await self._transaction.run()

    async def _part(self, ending: SessionEnd, cancel: Cancel, *, last: bool) -> SessionEnd:
        """Leave the connection as it should be left after ``ending``, which QUIT may change."""
        connection = self._connection
        if connection is None or connection.wire is None:
            return ending
        if ending.usable and not last:
            return ending
        if not ending.usable or self.plan.drop or isinstance(self._step, Drop):
            await connection.close(politely=ending.reply is not None)
            return ending
        try:
            async with guard(cancel):
                surprise = await connection.quit()
        except Cancelled:
            await connection.close(politely=False)
            return ending
        return reconsider(ending, *surprise) if surprise else ending

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close(politely=False)

    def _current(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("There is no connection.")
        return self._connection

    def _stage(self) -> Stage:
        """Return the stage that the dialogue is in."""
        wire = self._connection.wire if self._connection is not None else None
        if wire is None:
            return Stage.CONNECT
        flight = wire.protocol.flight
        if flight:
            return flight[0].stage
        return self._step.stage if self._step is not None else Stage.CONNECT

    def transcript(
        self, message: Outgoing | None, recorder: Recorder, ending: SessionEnd
    ) -> Transcript:
        """Return the transcript of the message that was carried last, which ended so."""
        connection = self._connection
        envelope = message.envelope if message is not None else Envelope("", ())
        accepted = ending.outcome in (Outcome.ACCEPTED, Outcome.PARTIAL)
        return recorder.finish(
            ending.outcome,
            stage=ending.stage,
            reply=ending.reply,
            summary=ending.sentence,
            recipients=recipient_results(envelope, self._transaction, ending),
            message_id=message.message_id if message is not None else None,
            remote_id=queue_id(ending.reply) if accepted and ending.reply else None,
            fault=ending.slug,
            tls=connection.tls if connection is not None else None,
            ehlo=tuple(connection.answers) if connection is not None else (),
        )
