import asyncio
import threading

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from mailgui.transcript import Direction, Event, Layer, Phase
from mailgui.ui.bridge import ROWS_A_TICK, Bridge, PhaseStarted


class Receiver(QObject):
    """Collects what it is told, and on which thread."""

    def __init__(self):
        super().__init__()
        self.batches = []
        self.endings = []
        self.threads = set()

    @Slot(list)
    def events(self, batch):
        self.threads.add(threading.current_thread())
        self.batches.append(batch)

    def done(self, result):
        self.threads.add(threading.current_thread())
        self.endings.append(("done", result))

    def failed(self, error):
        self.endings.append(("failed", error))

    def cancelled(self):
        self.endings.append(("cancelled", None))


async def count(emit, number):
    for index in range(number):
        emit(index)
    return number


def submit(bridge, receiver, function, *args, **kwargs):
    return bridge.submit(
        function,
        *args,
        on_events=receiver.events,
        on_done=receiver.done,
        on_failed=receiver.failed,
        on_cancelled=receiver.cancelled,
        **kwargs,
    )


def test_100k_events_arrive_in_order_in_batches_and_the_window_stays_awake(bridge, qtbot):
    receiver = Receiver()
    ticks = []
    heartbeat = QTimer(interval=0)
    heartbeat.timeout.connect(lambda: ticks.append(len(receiver.batches)))
    heartbeat.start()
    job = submit(bridge, receiver, count, 100_000)
    qtbot.waitUntil(lambda: bool(receiver.endings), timeout=30_000)
    heartbeat.stop()
    assert [item for batch in receiver.batches for item in batch] == list(range(100_000))
    assert max(len(batch) for batch in receiver.batches) <= ROWS_A_TICK
    assert len(receiver.batches) <= 100  # not one call an event
    assert receiver.endings == [("done", 100_000)]
    assert receiver.threads == {threading.main_thread()}
    assert not job.running
    # Between any two batches the event loop came round: nothing was starved.
    assert {n for n in ticks if 0 < n < len(receiver.batches)} == set(
        range(1, len(receiver.batches))
    )


def test_a_fault_is_told_after_the_events_before_it(bridge, qtbot):
    receiver = Receiver()

    async def fail(emit):
        emit("first")
        raise ValueError("no")

    submit(bridge, receiver, fail)
    qtbot.waitUntil(lambda: bool(receiver.endings))
    assert receiver.batches == [["first"]]
    assert receiver.endings[0][0] == "failed"
    assert isinstance(receiver.endings[0][1], ValueError)


def test_cancel(bridge, qtbot):
    receiver = Receiver()

    async def wait(emit):
        emit("waiting")
        await asyncio.Event().wait()

    job = submit(bridge, receiver, wait)
    qtbot.waitUntil(lambda: bool(receiver.batches))
    job.cancel()
    qtbot.waitUntil(lambda: bool(receiver.endings))
    assert receiver.endings == [("cancelled", None)]
    job.cancel()


def test_cancel_asks_politely_first_and_then_insists(bridge, qtbot):
    receiver = Receiver()
    stop = asyncio.Event()

    async def wait(emit, stop):
        emit("waiting")
        await stop.wait()
        return "transcript"

    job = submit(bridge, receiver, wait, stop, stop=stop)
    qtbot.waitUntil(lambda: bool(receiver.batches))
    job.cancel()
    qtbot.waitUntil(lambda: bool(receiver.endings))
    assert receiver.endings == [("done", "transcript")]

    deaf = Receiver()
    job = submit(bridge, deaf, wait, asyncio.Event(), stop=asyncio.Event())
    qtbot.waitUntil(lambda: bool(deaf.batches))
    job.cancel()
    job.cancel()
    qtbot.waitUntil(lambda: bool(deaf.endings))
    assert deaf.endings == [("cancelled", None)]


def test_nothing_is_told_to_the_deleted(bridge, qtbot):
    receiver, other = Receiver(), Receiver()
    gate = threading.Event()
    told = []

    async def gated(emit):
        await asyncio.get_running_loop().run_in_executor(None, gate.wait, 5)
        emit(1)

    submit(bridge, receiver, gated)
    owner = QObject()
    bridge.submit(gated, on_events=told.append, owner=owner)
    submit(bridge, other, gated)
    shiboken6.delete(receiver)
    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: bool(other.endings))
    with qtbot.waitSignal(bridge.idle, timeout=5000, raising=False):
        pass
    assert told == []
    assert receiver.batches == []
    assert receiver.endings == []


def test_the_engine_may_speak_after_the_bridge_is_deleted(qtbot):
    bridge = Bridge()
    worker = bridge.worker
    outlet = bridge.outlet(lambda batch: None)
    shiboken6.delete(bridge)
    outlet("anybody there?")
    assert worker.drain(5)


def test_a_fault_in_a_callback_does_not_hold_up_the_rest(bridge, qtbot, capture_exceptions):
    receiver = Receiver()

    def broken(_batch):
        raise KeyError("mine")

    bridge.submit(count, 3, on_events=broken)
    submit(bridge, receiver, count, 2)
    with capture_exceptions() as raised:
        qtbot.waitUntil(lambda: bool(receiver.endings))
    assert receiver.batches == [[0, 1]]
    assert {error[0] for error in raised} == {KeyError}  # once for each batch


def test_an_outlet_is_an_observer(bridge, qtbot):
    receiver = Receiver()
    outlet = bridge.outlet(receiver.events)
    event = Event(0.1, Direction.SENT, Layer.SMTP, "EHLO desk")
    phase = Phase("banner", 0.0, 0.2)
    outlet.phase_started("banner", 0.0)
    outlet.event(event)
    outlet.phase_ended(phase)
    qtbot.waitUntil(lambda: bool(receiver.batches))
    started, *rest = receiver.batches[0]
    assert isinstance(started, PhaseStarted)
    assert (started.name, started.at) == ("banner", 0.0)
    assert rest == [event, phase]


def test_drain_drops_what_was_not_told(qtbot):
    bridge = Bridge()
    receiver = Receiver()
    submit(bridge, receiver, count, 10)
    assert bridge.drain(5)
    assert receiver.endings == []


def test_after_drain_nothing_runs_and_nobody_is_told(qtbot):
    bridge = Bridge()
    receiver = Receiver()
    assert bridge.drain(5)
    job = submit(bridge, receiver, count, 1)
    assert not job.running
    job.cancel()
    QCoreApplication.processEvents()
    assert (receiver.batches, receiver.endings) == ([], [])


def test_the_stand_in_does_the_same_at_once(sync_bridge):
    receiver = Receiver()
    job = submit(sync_bridge, receiver, count, 3)
    assert receiver.batches == [[0, 1, 2]]
    assert receiver.endings == [("done", 3)]
    assert not job.running

    sync_bridge.hold = True
    held = Receiver()
    job = submit(sync_bridge, held, count, 3)
    job.cancel()
    sync_bridge.release()
    assert held.endings == [("cancelled", None)]
