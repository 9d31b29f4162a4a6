"""Where the interpreter collects what only a cycle of references keeps."""

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class GarbageInWindowThread(QObject):
    """Collects garbage in the thread that owns the widgets, and in no other, while it is started.

    WORKAROUND: CPython collects in whichever thread happens to pass a threshold. On the engine's
    thread that can destroy a widget; Qt then waits there for the interpreter's lock while the
    window's thread, which holds it, waits for Qt's: both for ever.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(collect_due)
        self._before = gc.isenabled()

    def start(self) -> None:
        """Begin; there is to be no other thread before that."""
        self._before = gc.isenabled()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to the interpreter again; there is to be no other thread any more."""
        self._timer.stop()
        if self._before:
            gc.enable()


def collect_due() -> None:
    """Collect the generations that the interpreter would have collected by now."""
    pairs = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [number for number, (count, most) in enumerate(pairs) if 0 < most < count]
    if due:
        gc.collect(due[-1])
