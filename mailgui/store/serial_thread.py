"""A daemon thread of its own for calls that block: one after another, awaited from the loop.

Neither a database nor a keyring that waits for a person may hold up the event loop, and a call
that never returns must not hold up quitting: hence a daemon thread, and not the executor.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_Job = tuple[Callable[[], Any], "Future[Any]"]
_Jobs = queue.SimpleQueue[_Job | None]


class SerialThread:
    """Runs functions in the order in which they are given. The thread starts with the first one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._guard = threading.Lock()
        self._jobs: _Jobs | None = None
        self._thread: threading.Thread | None = None
        self._unfinished = 0

    @property
    def unfinished(self) -> int:
        """How many of the given functions have not ended."""
        return self._unfinished

    async def run(
        self, function: Callable[[], _Result], *, timeout: float | None = None
    ) -> _Result:
        """Run ``function`` in the thread and return its result.

        Raises what it raises; TimeoutError after ``timeout`` seconds, while the function runs on
        (one that has not begun is dropped). The same holds for cancellation.
        """
        future: Future[_Result] = Future()
        self._put((function, future))
        async with asyncio.timeout(timeout):
            return await asyncio.wrap_future(future)

    async def close(self, timeout: float = 5.0) -> None:
        """Let the thread end after what it was given; waits at most ``timeout`` seconds.

        ``run`` may be used again afterwards, on a new thread.
        """
        if self._thread is None:
            return
        ended: Future[None] = Future()
        self._put((lambda: None, ended))
        with self._guard:
            jobs, thread = self._jobs, self._thread
            self._jobs = self._thread = None
        if jobs is None or thread is None:
            return
        jobs.put(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await asyncio.wrap_future(ended)
            thread.join(timeout)

    def _put(self, job: _Job) -> None:
        with self._guard:
            if self._jobs is None:
                self._jobs = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=self._work, args=(self._jobs,), name=self._name, daemon=True
                )
                self._thread.start()
            self._unfinished += 1
            self._jobs.put(job)

    def _work(self, jobs: _Jobs) -> None:
        while (job := jobs.get()) is not None:
            function, future = job
            if future.set_running_or_notify_cancel():
                try:
                    result = function()
                except BaseException as fault:  # noqa: BLE001 - handed to whoever awaits it
                    self._count_down()
                    future.set_exception(fault)
                else:
                    self._count_down()
                    future.set_result(result)
                    del result
            else:
                self._count_down()
            del job, function, future  # a big result must not live until the next job

    def _count_down(self) -> None:
        with self._guard:
            self._unfinished -= 1
