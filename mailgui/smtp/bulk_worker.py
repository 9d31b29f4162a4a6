"""One connection's share of a bulk run: open, send while there is something, open again."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from mailgui.message.outgoing import Outgoing
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.bulk_tally import Tally, whole_outcome
from mailgui.smtp.cancellation import Canceller
from mailgui.smtp.faults import SessionEnd
from mailgui.smtp.lane import Lane, Load
from mailgui.smtp.limits import fits, limit, portions
from mailgui.smtp.protocol import SERVICE_CLOSING
from mailgui.smtp.session import Session
from mailgui.transcript import Kind, Outcome, RecipientResult, Recorder

_TRIES = 3  # of one message, and of connections in a row that carried nothing
_PATIENCE = 0.5  # seconds before a connection is tried again; doubled with each
_GONE = ("lost", "reset", "timed_out")
_TAKEN = (Outcome.ACCEPTED, Outcome.PARTIAL)


class BulkWorker:
    """Sends messages from the common queue over its session until the queue is empty.

    Attributes:
        gave_up: why it ended before that, where the server was the cause.
        session: what it sends over.
        remote: the server's address that the last connection went to; empty where none came about.
    """

    def __init__(
        self,
        session: Session,
        message: Callable[[int], Outgoing],
        waiting: deque[int],
        tally: Tally,
        control: BulkControl,
        *,
        elsewhere: bool = False,
    ) -> None:
        """``elsewhere``: what this server surely does not have may go to another one, so that it
        is left waiting in place of being given up.
        """
        self.gave_up: SessionEnd | None = None
        self.remote = ""
        self._elsewhere = elsewhere
        self.session = session
        self._message = message
        self._waiting = waiting
        self._tally = tally
        self._control = control
        self._masker = tally.recorder.masker  # a copy of it for each connection
        self._canceller = Canceller()
        self._overlap = True
        self._transactions = 0  # on this connection
        self._most: int | None = None  # of them
        self._fruitless = 0  # connections in a row that carried nothing
        self._reserved: Load | None = None
        self._tries: dict[int, int] = {}
        self._again: SessionEnd | None = None  # the last that led to another try

    def stop(self) -> None:
        """End at once."""
        self._canceller.cancel()

    async def run(self) -> None:
        """Work until nothing is left to do, or no connection is to be had."""
        async with self.session:
            try:
                while self._has_more and await self._control.turn():
                    if not await self._ready():
                        return
                    if self._has_more:
                        await self._send(self._take())
                    if self.gave_up is not None:
                        return
            finally:
                self.remote = self.session.remote or self.remote
                if self._reserved is not None:
                    self._waiting.appendleft(self._reserved.number)

    # Connections.

    async def _ready(self) -> bool:
        """Have a connection that may carry one more message; False where none is to be had."""
        session = self.session
        if session.is_open and self._room:
            return True
        await session.hang_up()
        if self._fruitless:
            if self._fruitless >= _TRIES:
                self.gave_up = self._again
                return False
            await self._control.sleep(_pause(self._fruitless))
        for attempt in range(1, _TRIES + 1):
            self._masker = self._tally.recorder.masker.copy()
            opening = self._recorder()
            ending = await session.carry(None, recorder=opening, cancel=self._canceller)
            if ending.outcome is Outcome.COMPLETED:
                self._opened(opening, ending)
                return True
            if ending.outcome is not Outcome.TEMPORARY or attempt == _TRIES:
                break
            await self._control.sleep(_pause(attempt))
        self.gave_up = self._masked(ending)
        self._tally.not_opened(opening, ending)
        return False

    def _opened(self, opening: Recorder, ending: SessionEnd) -> None:
        self._tally.opened(opening, self.session.transcript(None, opening, ending))
        self._fruitless += 1
        self.remote = self.session.remote
        self._transactions = 0
        self._most = limit(self.session.offers, "MAILMAX")

    @property
    def _room(self) -> bool:
        return self._most is None or self._transactions < self._most

    # Messages.

    @property
    def _has_more(self) -> bool:
        return self._reserved is not None or bool(self._waiting)

    def _take(self) -> Load:
        load, self._reserved = self._reserved, None
        return load or self._load(self._waiting.popleft())

    def _load(self, index: int) -> Load:
        return Load(self._message(index), self._recorder(), index)

    def _reserve(self) -> None:
        """Get the next message ready while there is time."""
        if self._reserved is None and self._waiting and self._control.free:
            self._reserved = self._load(self._waiting.popleft())

    async def _send(self, load: Load) -> None:
        message = load.message
        if not fits(message, self.session.offers):
            await self._send_in_portions(message)
            return
        lane = self.session.lane()
        self._transactions += 1
        if self._takes(lane, message):
            await self.session.drive(
                lane,
                load,
                following=lambda: self._following(lane),
                landed=self._landed,
                meanwhile=self._reserve,
                cancel=self._canceller,
            )
            return
        ending = await self.session.carry(message, recorder=load.recorder, cancel=self._canceller)
        load.begun = not self.session.nothing_sent
        self._landed(load, ending, b"")

    def _following(self, lane: Lane) -> Load | None:
        """Return the next message if it may follow at once, in the same row."""
        if self.gave_up is not None:
            return None
        if not (self._has_more and self._control.free and self._overlap and self._room):
            return None
        load = self._take()
        message = load.message
        if fits(message, self.session.offers) and self._takes(lane, message):
            self._transactions += 1
            return load
        self._reserved = load
        return None

    def _takes(self, lane: Lane, message: Outgoing) -> bool:
        try:
            return lane.takes(message)
        except SessionEnd:
            return False  # the general way says why

    def _recorder(self) -> Recorder:
        return Recorder(Kind.SMTP, self._tally.recorder.title, masker=self._masker)

    def _masked(self, ending: SessionEnd) -> SessionEnd:
        """Return ``ending`` without what this connection's sign-in derived from the secret."""
        ending.sentence = self._masker.text(ending.sentence)
        ending.reply = self._masker.masked(ending.reply)
        return ending

    def _landed(self, load: Load, ending: SessionEnd | None, line: bytes) -> None:
        if ending is None:
            self._fruitless = 0
            self._tally.accepted(load.recorder, load.message.envelope, line)
            return
        index = load.number
        if self._may_try_again(index, load, ending):
            self._tries[index] = self._tries.get(index, 0) + 1
            self._overlap = self._overlap and ending.slug != "timed_out"
            self._waiting.appendleft(index)
            self._again = self._masked(ending)
            if self._tries[index] < _TRIES:
                self._tally.sent_again(ending)
            else:
                self.gave_up = ending
                self._tally.because(ending)
            return
        if ending.outcome in _TAKEN:
            self._fruitless = 0
        transcript = self.session.transcript(load.message, load.recorder, ending)
        self._tally.ended(load.recorder, self._masked(ending), transcript)

    def _may_try_again(self, index: int, load: Load, ending: SessionEnd) -> bool:
        """Whether the server surely has not taken the message, and it may be sent once more."""
        if self._control.cancelled:
            return False
        if self._tries.get(index, 0) + 1 >= _TRIES and not self._elsewhere:
            return False
        if ending.reply is not None and ending.outcome is Outcome.TEMPORARY:
            return ending.reply.code == SERVICE_CLOSING
        return not load.begun and ending.slug in _GONE

    async def _send_in_portions(self, message: Outgoing) -> None:
        """Send a message in several transactions, each within the server's limits."""
        recorder = self._recorder()
        results: list[RecipientResult] = []
        for portion in portions(message, self.session.offers):
            self._transactions += 1
            ending = await self.session.carry(portion, recorder=recorder, cancel=self._canceller)
            transcript = self.session.transcript(portion, recorder, ending)
            results += transcript.recipients
        outcome = whole_outcome({result.outcome for result in results})
        if outcome in _TAKEN:
            self._fruitless = 0
        whole = replace(transcript, recipients=tuple(results), outcome=outcome)
        self._tally.ended(recorder, self._masked(ending), whole)


def _pause(attempt: int) -> float:
    """Return seconds to wait, spread so that connections do not come back all at once."""
    return float(_PATIENCE * 2 ** (attempt - 1) * random.uniform(0.75, 1.25))  # noqa: S311
