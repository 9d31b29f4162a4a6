import gc
import threading

import pytest
from PySide6.QtCore import QObject

from mailgui.ui.garbage import collect_due


class Knot(QObject):
    """Keeps itself, so that only a collection frees it; notes the thread that does."""

    def __init__(self, freed):
        super().__init__()
        self.itself, self.freed = self, freed

    def __del__(self):
        self.freed.append(threading.current_thread())


async def litter():
    """Make so many objects that the interpreter would collect, of every generation."""
    for _ in range(200):
        kept = [[] for _ in range(2_000)]
        kept.append(kept)


def test_what_belongs_to_qt_is_freed_in_the_window_s_thread(bridge, qtbot):
    freed = []
    for _ in range(20):
        Knot(freed)
    bridge.worker.submit(litter).result(30)
    assert not freed
    qtbot.waitUntil(lambda: len(freed) == 20, timeout=20_000)
    assert set(freed) == {threading.main_thread()}


def test_the_interpreter_collects_by_itself_once_there_is_no_engine(qtbot):
    from mailgui.ui.bridge import Bridge

    gc.enable()
    made = Bridge()
    assert not gc.isenabled()
    assert made.drain(5)
    assert gc.isenabled()


@pytest.mark.parametrize("thresholds", [(700, 10, 10), (2000, 10, 0)])
def test_only_what_is_due_is_collected(monkeypatch, thresholds):
    collected = []
    monkeypatch.setattr(gc, "get_threshold", lambda: thresholds)
    monkeypatch.setattr(gc, "collect", collected.append)
    for counts in ((10, 3, 3), (5000, 3, 3), (5000, 11, 3), (5000, 11, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collect_due()
    assert collected == [0, 1, 2 if thresholds[2] else 1]
