"""Steering a bulk run while it goes: pause, resume, cancel, a rate, and word of its progress."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``per_second`` counts the accepted ones from the first connection on."""

    done: int
    accepted: int
    count: int
    per_second: float


class _Stoppable(Protocol):
    def stop(self) -> None: ...


class BulkControl:
    """Belongs to the event loop of the run.

    Attributes:
        rate: at most so many messages a second over all connections together; None for no limit.
        on_progress: told of the progress after each message; must not block.
        cancelled: whether ``cancel`` was called.
        stopping: set from then on.
    """

    def __init__(
        self,
        *,
        rate: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        if rate is not None and rate <= 0:
            raise ValueError("A rate is a number of messages a second above 0.")
        self.rate = rate
        self.on_progress = on_progress
        self.cancelled = False
        self._may_go = asyncio.Event()
        self._may_go.set()
        self.stopping = asyncio.Event()
        self._workers: Sequence[_Stoppable] = ()
        self._next_at = 0.0

    def pause(self) -> None:
        """Begin no further message until ``resume``; those under way end first."""
        self._may_go.clear()

    def resume(self) -> None:
        """Go on after ``pause``."""
        self._may_go.set()

    def cancel(self) -> None:
        """End every connection at once; what the server may have by then is ``unknown``."""
        self.cancelled = True
        self.stopping.set()
        self._may_go.set()
        for worker in self._workers:
            worker.stop()

    @contextmanager
    def running(self, workers: Sequence[_Stoppable]) -> Iterator[None]:
        """Steer ``workers`` while the block runs."""
        self._workers = workers
        if self.cancelled:
            self.cancel()
        try:
            yield
        finally:
            self._workers = ()

    @property
    def free(self) -> bool:
        """Whether the next message may begin at once, without a look at the clock."""
        return self.rate is None and self._may_go.is_set() and not self.cancelled

    async def turn(self) -> bool:
        """Wait until the next message may begin; False when there is to be none."""
        await self._may_go.wait()
        if self.rate is not None and not self.cancelled:
            now = asyncio.get_running_loop().time()
            at = max(self._next_at, now)
            self._next_at = at + 1 / self.rate
            await self.sleep(at - now)
            await self._may_go.wait()
        return not self.cancelled

    async def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the run is cancelled."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
