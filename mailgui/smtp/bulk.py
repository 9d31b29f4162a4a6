"""Many messages over a few connections: reused, pipelined, steered, and counted.

Every line of every message is recorded as it travels; of what went well only the count is kept, of
what did not the whole detail, up to a bound.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailgui.message.outgoing import Outgoing
from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.smtp.bulk_control import BulkControl
from mailgui.smtp.bulk_tally import Tally
from mailgui.smtp.bulk_worker import BulkWorker
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome, Recorder, Transcript


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of all messages.

    Attributes:
        transcript: that of the whole: the opening of the first connection, the first message, and
            all that did not go well, up to a bound.
        failures: the transcripts of the first messages that were not accepted.
        outcomes: how many messages ended how.
        seconds: from the moment the first connection was ready to the last answer.
    """

    transcript: Transcript
    failures: tuple[Transcript, ...]
    outcomes: Counter[Outcome]
    seconds: float

    @property
    def count(self) -> int:
        """How many messages there were."""
        return self.outcomes.total()

    @property
    def messages_per_second(self) -> float:
        """How many messages were accepted in a second."""
        taken = self.outcomes[Outcome.ACCEPTED] + self.outcomes[Outcome.PARTIAL]
        return taken / self.seconds if self.seconds > 0 else 0.0


async def send_bulk(
    settings: SmtpSettings,
    message: Callable[[int], Outgoing],
    *,
    count: int,
    connections: int = 1,
    plan: Plan,
    password: str | None,
    recorder: Recorder,
    control: BulkControl | None = None,
    resolver: Resolver | None = None,
    connect: ConnectSettings | None = None,
) -> BulkResult:
    """Send ``message(0)`` to ``message(count - 1)``, each called on the event loop when its turn
    has come, over ``connections`` connections.

    A server's 421, or a connection lost before anything of a message's content went out, leads to
    a new connection and another try; what the server may have taken is never sent again.
    Messages that nobody could be asked about, such as after a refused sign-in, end as that did.
    """
    if plan.stop_after is not None or plan.steps is not None:
        raise ValueError("Many messages are sent by an ordinary plan, without a stop point.")
    control = control or BulkControl()
    tally = Tally(count, recorder, control)
    waiting = deque(range(count))
    workers = [
        BulkWorker(
            Session(settings, plan=plan, password=password, resolver=resolver, connect=connect),
            message,
            waiting,
            tally,
            control,
        )
        for _ in range(min(connections, count))
    ]
    await run_workers(workers, control)
    if waiting:
        tally.leave(len(waiting), message(0).envelope, cancelled=control.cancelled)
    return result_of(tally)


async def run_workers(workers: Sequence[BulkWorker], control: BulkControl) -> None:
    """Let them work, steered by ``control``, until each has ended."""
    with control.running(workers):
        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(worker.run())


def result_of(tally: Tally) -> BulkResult:
    """Return what a run came to that has ended."""
    return BulkResult(tally.transcript(), tuple(tally.failures), tally.outcomes, tally.seconds)
