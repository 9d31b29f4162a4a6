"""The engine's thread: an asyncio loop in a plain thread; submit, cancel, drain. Knows no room."""

import asyncio
import concurrent.futures
import logging
import threading
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class WorkerClosed(RuntimeError):
    """Work was handed to a worker that has been drained."""


def describe_exception(error: BaseException) -> str:
    """Return an exception's type and the places it passed, not its text: that may hold secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    places = ", ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {places or 'an unknown place'}"


class Handle(Generic[T]):
    """One piece of work on the engine's loop; every method may be called from any thread.

    It is done only when the work has really ended: after ``cancel`` that is when the work has
    cleaned up after itself, not at once.
    """

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._task: asyncio.Task[T] | None = None
        self._cancel_asked = False

    def cancel(self) -> None:
        """Ask the work to stop. Does nothing when it has ended already."""
        self._cancel_asked = True
        self._worker.call_soon(self._cancel_task)

    def done(self) -> bool:
        """Return whether the work has ended, in whatever way."""
        return self._future.done()

    def cancelled(self) -> bool:
        """Return whether the work ended because it was cancelled."""
        return self._future.cancelled()

    def result(self, timeout: float | None = None) -> T:
        """Wait at most ``timeout`` seconds and return the result, or raise what the work raised.

        Raises concurrent.futures.CancelledError after a cancellation. Never call it on the
        window's thread.
        """
        return self._future.result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait at most ``timeout`` seconds and return what the work raised, or None."""
        return self._future.exception(timeout)

    def add_done_callback(self, callback: Callable[["Handle[T]"], None]) -> None:
        """Call ``callback`` with this handle when the work has ended, on the engine's thread.

        When it has ended already, the call happens here and now.
        """
        self._future.add_done_callback(lambda _future: callback(self))

    def _start(self, coroutine: Coroutine[Any, Any, T]) -> None:
        """Make the task; runs on the loop."""
        self._task = asyncio.get_running_loop().create_task(coroutine)
        self._worker._tasks.add(self._task)  # noqa: SLF001 - one module, one machine
        self._task.add_done_callback(self._ended)
        if self._cancel_asked:
            self._task.cancel()

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _ended(self, task: asyncio.Task[T]) -> None:
        self._worker._tasks.discard(task)  # noqa: SLF001
        if task.cancelled():
            self._give_up()
            return
        error = task.exception()
        self._future.set_running_or_notify_cancel()
        if error is None:
            self._future.set_result(task.result())
            return
        _log.warning("Work on the engine's thread failed: %s", describe_exception(error))
        self._future.set_exception(error)

    def _give_up(self) -> None:
        self._future.cancel()
        self._future.set_running_or_notify_cancel()


class Worker:
    """Runs coroutines on a loop in a thread of its own, which starts when it is first needed.

    The thread is no daemon: whoever makes a worker drains it before the process ends.
    """

    def __init__(self, name: str = "mailgui-engine") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Start the thread; does nothing when it runs. Raises WorkerClosed after ``drain``."""
        with self._lock:
            self._running_loop()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def submit(
        self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any
    ) -> Handle[T]:
        """Run ``function(*args, **kwargs)`` on the loop and return its handle at once.

        The coroutine is made here, so that wrong arguments raise TypeError at the caller.
        Raises WorkerClosed after ``drain``.
        """
        handle: Handle[T] = Handle(self)
        with self._lock:
            loop = self._running_loop()
            coroutine = function(*args, **kwargs)
            loop.call_soon_threadsafe(handle._start, coroutine)  # noqa: SLF001
        return handle

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        """Call a plain function on the loop's thread, soon; silently nothing where no loop runs."""
        with self._lock:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(function, *args)

    def drain(self, timeout: float = 3.0) -> bool:
        """Cancel everything, wait until it has ended, and stop the thread.

        Waits ``timeout`` seconds at most. Returns whether all ended in time; if not, something
        blocks the loop or ignores its cancellation. No work is taken from here on.
        """
        with self._lock:
            first, self._closed = not self._closed, True
            loop, thread = self._loop, self._thread
            if loop is None or thread is None:
                return True
            if first:
                loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout)
        if thread.is_alive():
            _log.warning("The engine's thread did not end within %.1f s.", timeout)
            return False
        return True

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise WorkerClosed("The engine has been stopped; start MailGUI again.")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name=self._name)
            self._thread.start()
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(_log_loop_fault)
        try:
            loop.run_forever()
        finally:
            try:
                loop.run_until_complete(_wind_up(loop))
            finally:
                with self._lock:
                    asyncio.set_event_loop(None)
                    loop.close()


async def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel every task until none is left, then close generators and the executor."""
    me = asyncio.current_task()
    await asyncio.sleep(0)  # lets work that was handed in last become a task
    while pending := [task for task in asyncio.all_tasks(loop) if task is not me]:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def _log_loop_fault(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    what = describe_exception(error) if isinstance(error, BaseException) else "no exception"
    _log.error("The engine's loop reports a fault: %s", what)
