"""A time limit for many waits in turn: one timer for all of them, not one for each."""

import asyncio
from types import TracebackType


class Deadline:
    """``with deadline.within(30):`` raises TimeoutError when the block takes longer, in seconds.

    It does what ``asyncio.timeout`` does, for blocks that follow one another in a dialogue of
    short waits, where setting and clearing a timer costs more than the rest of the wait. The
    timer stays set between blocks and looks, when it fires, whether one is overdue.
    """

    __slots__ = ("_at", "_cancelling", "_fired", "_loop", "_seconds", "_task", "_timer")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seconds = 0.0
        self._at: float | None = None
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._cancelling = 0
        self._fired = False

    def within(self, seconds: float) -> "Deadline":
        """Set the limit for the block that this begins. Blocks must not overlap."""
        self._seconds = seconds
        return self

    def close(self) -> None:
        """Clear the timer. Needed once, at the end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        loop = self._loop or asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None or self._at is not None:
            raise RuntimeError("A deadline is for one block at a time, in a task.")
        self._loop, self._task, self._fired = loop, task, False
        self._cancelling = task.cancelling()
        self._at = at = loop.time() + self._seconds
        timer = self._timer
        if timer is None or timer.when() > at:
            self.close()
            self._timer = loop.call_at(at, self._look)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        task, self._task, self._at = self._task, None, None
        if not self._fired or task is None:
            return
        others = task.uncancel() > self._cancelling
        if kind is not None and issubclass(kind, asyncio.CancelledError) and not others:
            raise TimeoutError from error

    def _look(self) -> None:
        self._timer = None
        if self._at is None or self._task is None or self._loop is None:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._look)
        else:
            self._fired = True
            self._task.cancel()
