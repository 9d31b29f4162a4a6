"""The only place where the engine's thread and the window meet.

Inwards: ``submit`` hands a coroutine to the worker. Outwards: everything the engine has to say goes
into one locked list with one wake-up signal, and is handed over on the window's thread in batches.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from itertools import groupby
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from mailgui.transcript import Event, Phase
from mailgui.ui.garbage import GarbageInWindowThread
from mailgui.worker import Handle, Worker, WorkerClosed, describe_exception

TICK_MS = 50
ROWS_A_TICK = 2000

_log = logging.getLogger(__name__)

Batch = list[Any]
Function = Callable[..., Coroutine[Any, Any, Any]]


class PhaseStarted:
    """What an Outlet passes on when a phase begins, ``at`` seconds from the start."""

    __slots__ = ("at", "name")

    def __init__(self, name: str, at: float) -> None:
        self.name = name
        self.at = at


class Outlet:
    """Where the engine puts what the window shall see, from any thread. Never blocks.

    It can be called with anything, and is a transcript's Observer: then events, ``PhaseStarted``
    and phases come out at the other end.
    """

    def __init__(self, put: Callable[["Outlet", Any], None]) -> None:
        self._put = put

    def __call__(self, item: Any) -> None:
        self._put(self, item)

    def event(self, event: Event) -> None:
        """Pass on an event."""
        self._put(self, event)

    def phase_started(self, name: str, at: float) -> None:
        """Pass on that a phase began."""
        self._put(self, PhaseStarted(name, at))

    def phase_ended(self, phase: Phase) -> None:
        """Pass on a phase that has ended."""
        self._put(self, phase)


class Job:
    """One piece of work as the window knows it. Belongs to the window's thread.

    Attributes:
        running: False from the moment the last callback is due.
    """

    def __init__(self, bridge: "Bridge", stop: asyncio.Event | None) -> None:
        self.running = True
        self._bridge = bridge
        self._stop = stop
        self._handle: Handle[Any] | None = None

    def cancel(self) -> None:
        """Ask the work to stop: through its ``stop`` event where it has one, else, and when asked
        a second time, by cancelling it.
        """
        if not self.running or self._handle is None:
            return
        if self._stop is not None:
            self._bridge.worker.call_soon(self._stop.set)
            self._stop = None
        else:
            self._handle.cancel()


class Submitter(Protocol):
    """What pages need of the bridge; widget tests put a synchronous stand-in in its place."""

    def submit(
        self,
        function: Function,
        *args: Any,
        on_events: Callable[[Batch], None] | None = None,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[BaseException], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
        stop: asyncio.Event | None = None,
        owner: QObject | None = None,
        **kwargs: Any,
    ) -> Job: ...


class _Callbacks:
    """Who is told what; silent once the owner is gone."""

    def __init__(
        self,
        on_events: Callable[[Batch], None] | None,
        on_done: Callable[[Any], None] | None,
        on_failed: Callable[[BaseException], None] | None,
        on_cancelled: Callable[[], None] | None,
        owner: QObject | None,
    ) -> None:
        self.on_events = on_events
        self.on_done = on_done
        self.on_failed = on_failed
        self.on_cancelled = on_cancelled
        self._owner = owner

    def call(self, callback: Callable[..., None] | None, *args: Any) -> None:
        """Call ``callback`` unless it or its owner is gone; a fault goes to the excepthook."""
        if callback is None:
            return
        receiver = getattr(callback, "__self__", None)
        for thing in (self._owner, receiver):
            if isinstance(thing, QObject) and not shiboken6.isValid(thing):
                return
        try:
            callback(*args)
        except Exception:  # noqa: BLE001 - the rest of the batch must still be delivered
            sys.excepthook(*sys.exc_info())


class _Ending:
    """The last thing a job says."""

    __slots__ = ("callback", "job", "value")

    def __init__(self, job: Job, callback: Callable[..., None] | None, *value: Any) -> None:
        self.job = job
        self.callback = callback
        self.value = value


class Bridge(QObject):
    """Hands work to the engine and its words back to the window, on the window's thread.

    Signals:
        idle: everything the engine said so far has been handed over.
    """

    idle = Signal()
    _wake = Signal()

    def __init__(self, worker: Worker | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = worker or Worker()
        self._lock = threading.Lock()
        self._waiting: list[tuple[_Callbacks, Any]] = []
        self._asleep = True
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._flush)
        self._wake.connect(self._woken, Qt.ConnectionType.QueuedConnection)
        self._garbage = GarbageInWindowThread(self)
        self._garbage.start()

    def submit(
        self,
        function: Function,
        *args: Any,
        on_events: Callable[[Batch], None] | None = None,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[BaseException], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
        stop: asyncio.Event | None = None,
        owner: QObject | None = None,
        **kwargs: Any,
    ) -> Job:
        """Run ``function(*args, **kwargs)`` on the engine's thread and return at once.

        Every callback comes on the window's thread, in the order in which the engine spoke, and
        exactly one of done, failed and cancelled comes last.

        Args:
            function: the coroutine function.
            *args: what it is called with.
            **kwargs: likewise.
            on_events: given this, ``function`` gets an Outlet as its first argument, and what it
                puts there arrives here in lists.
            on_done: told the result.
            on_failed: told the exception.
            on_cancelled: told when the work was cancelled.
            stop: an event that ``function`` watches, for work that answers to it by a result.
            owner: no callback comes once this object is deleted; for bound methods of a QObject
                that holds without it.

        After ``drain`` nothing runs and nobody is told: a page that is about to be deleted may
        still have a timer that fires.
        """
        callbacks = _Callbacks(on_events, on_done, on_failed, on_cancelled, owner)
        job = Job(self, stop)
        if on_events is not None:
            args = (Outlet(lambda _outlet, item: self._put(callbacks, item)), *args)
        try:
            handle = self.worker.submit(function, *args, **kwargs)
        except WorkerClosed:
            job.running = False
            return job
        job._handle = handle  # noqa: SLF001 - one module, one machine
        handle.add_done_callback(lambda ended: self._put(callbacks, _ending(job, callbacks, ended)))
        return job

    def outlet(self, on_events: Callable[[Batch], None], *, owner: QObject | None = None) -> Outlet:
        """Return an Outlet for things that belong to no job, such as mail the sandbox receives."""
        callbacks = _Callbacks(on_events, None, None, None, owner)
        return Outlet(lambda _outlet, item: self._put(callbacks, item))

    def drain(self, timeout: float = 3.0) -> bool:
        """Stop the engine within ``timeout`` seconds; callbacks not yet made are dropped."""
        ended = self.worker.drain(timeout)
        self._timer.stop()
        if ended:
            self._garbage.stop()
        with self._lock:
            self._waiting.clear()
        return ended

    def _put(self, callbacks: _Callbacks, item: Any) -> None:
        """Take an item, on any thread, and wake the window unless it is awake."""
        with self._lock:
            self._waiting.append((callbacks, item))
            must_wake, self._asleep = self._asleep, False
        if must_wake:
            try:
                self._wake.emit()
            except RuntimeError as error:  # the window closed while the engine still spoke
                _log.debug("Nobody listens any more: %s", describe_exception(error))

    @Slot()
    def _woken(self) -> None:
        elapsed = self._since.elapsed() if self._since.isValid() else TICK_MS
        self._timer.start(max(0, TICK_MS - elapsed))

    @Slot()
    def _flush(self) -> None:
        with self._lock:
            batch = self._waiting[:ROWS_A_TICK]
            del self._waiting[:ROWS_A_TICK]
        for callbacks, items in groupby(batch, key=lambda entry: entry[0]):
            self._deliver(callbacks, [item for _, item in items])
        self._since.start()
        with self._lock:
            self._asleep = not self._waiting
        if not self._asleep:
            self._timer.start(TICK_MS)
        else:
            self.idle.emit()

    @staticmethod
    def _deliver(callbacks: _Callbacks, items: Batch) -> None:
        ending = items.pop() if isinstance(items[-1], _Ending) else None
        if items:
            callbacks.call(callbacks.on_events, items)
        if ending is not None:
            ending.job.running = False
            callbacks.call(ending.callback, *ending.value)


def _ending(job: Job, callbacks: _Callbacks, handle: Handle[Any]) -> _Ending:
    if handle.cancelled():
        return _Ending(job, callbacks.on_cancelled)
    error = handle.exception()
    if error is not None:
        return _Ending(job, callbacks.on_failed, error)
    return _Ending(job, callbacks.on_done, handle.result())
