"""Walks a plan over a real connection; each message's way becomes a transcript.

Faults of network and server are outcomes here, never exceptions.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from mailgui.message.outgoing import Outgoing
from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.tls import PeerCheck
from mailgui.smtp.cancellation import Cancel, Cancelled, guard
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.dialogue import Dialogue
from mailgui.smtp.faults import SessionEnd
from mailgui.smtp.lane import Landed, Lane, Load
from mailgui.smtp.outcome import (
    accepted_ending,
    cancelled_ending,
    doubtful,
)
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
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
    connect: ConnectSettings | None = None,
    check: PeerCheck | None = None,
) -> Transcript:
    """Carry out ``plan`` on a connection of its own and return what happened.

    ``connect``: how to get there; as the settings say unless given. ``check``: as in ``start_tls``.

    Without a message it ends after the sign-in. When ``cancel`` is set, it ends at once, with
    the outcome ``cancelled``, or ``unknown`` where the server may have the message by then.
    """
    async with Session(
        settings,
        plan=plan,
        password=password,
        resolver=resolver,
        connect=connect,
        check=check,
    ) as session:
        return await session.send(message, recorder=recorder, cancel=cancel, last=True)


class Session(Dialogue):
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
        connect: ConnectSettings | None = None,
        check: PeerCheck | None = None,
    ) -> None:
        super().__init__(
            settings,
            plan=plan,
            password=password,
            resolver=resolver,
            connect=connect,
            check=check,
        )

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
        await self._hang_up()

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
            self._allow_names(message, recorder)
        self._before, self._delivery, self._row = self._transaction, None, None
        try:
            ending = await self._until_decided(
                lambda: self._walk(message, recorder), recorder, cancel
            )
            return await self._part(ending, cancel, last=last)
        except BaseException:
            await self._discard()
            raise

    def _allow_names(self, message: Outgoing | None, recorder: Recorder) -> None:
        """Keep host and mailboxes readable where the password happens to be a part of them."""
        names = [self.settings.host, self.settings.helo or ""]
        if message is not None:
            names += [message.envelope.sender, *message.envelope.recipients]
        recorder.masker.allow(*names)

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
        before = self._transaction
        self._before, self._delivery, self._row = None, None, None

        def introduced() -> Load | None:
            load = following()
            if load is not None:
                connection.introduce(load.recorder)
            return load

        async def carry_on() -> SessionEnd:
            load = lane.current or first
            self._row = transaction = Transaction(
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
