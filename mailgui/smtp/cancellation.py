"""Ending work early when an event is set, told apart from the task's own cancellation."""

import asyncio
from types import TracebackType
from typing import Self


class Cancelled(Exception):
    """The event was set: a person asked to stop."""


class Canceller:
    """Ends many blocks, one after the other, without a task for each.

    ``async with canceller`` raises Cancelled in the block that is under way when ``cancel`` is
    called, and at once in every later one. The blocks all run in one task.
    """

    def __init__(self) -> None:
        self._fired = False
        self._task: asyncio.Task[object] | None = None

    def cancel(self) -> None:
        """End the block under way. Called from the same event loop."""
        if not self._fired:
            self._fired = True
            if self._task is not None:
                self._task.cancel()

    async def __aenter__(self) -> Self:
        if self._fired:
            raise Cancelled
        self._task = asyncio.current_task()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if not self._fired or task is None:
            return
        others = task.uncancel()
        if kind is not None and issubclass(kind, asyncio.CancelledError) and not others:
            raise Cancelled from error


class CancelOn:
    """``async with CancelOn(event)``: the block is cancelled when the event is set.

    Raises Cancelled then. A CancelledError from elsewhere passes through. Without an event it
    does nothing.
    """

    def __init__(self, event: asyncio.Event | None) -> None:
        self._event = event
        self._fired = False
        self._watcher: asyncio.Task[None] | None = None
        self._task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        if self._event is not None:
            if self._event.is_set():
                raise Cancelled
            self._task = asyncio.current_task()
            self._watcher = asyncio.create_task(self._watch(self._event))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._watcher is None or self._task is None:
            return
        self._watcher.cancel()
        try:
            await asyncio.gather(self._watcher, return_exceptions=True)
        except asyncio.CancelledError:
            if not self._fired:
                raise
        if not self._fired:
            return
        others = self._task.uncancel()
        if kind is not None and issubclass(kind, asyncio.CancelledError) and not others:
            raise Cancelled from error

    async def _watch(self, event: asyncio.Event) -> None:
        await event.wait()
        if self._task is not None:
            self._fired = True
            self._task.cancel()


Cancel = asyncio.Event | Canceller | None


def guard(cancel: Cancel) -> Canceller | CancelOn:
    """Return what ends a block when ``cancel`` says so."""
    return cancel if isinstance(cancel, Canceller) else CancelOn(cancel)
