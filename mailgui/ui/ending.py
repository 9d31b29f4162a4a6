"""Ctrl+C in the terminal and the system's word to end close the window, as its own button does."""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QApplication

_ASKS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Ending(QObject):
    """Listens for the signals from when it is made; after the first they act as ever.

    Qt's loop runs no Python by itself, so Python's handlers would wait for the next event. The
    signal's number, which Python writes into a socket at once, is such an event.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for each in _ASKS:
            signal.signal(each, lambda *_: None)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._asked)

    @Slot()
    def stop(self) -> None:
        """Let the signals act as ever."""
        if self._reader.fileno() < 0:
            return
        self._notifier.setEnabled(False)
        for each in _ASKS:
            signal.signal(
                each, signal.default_int_handler if each is signal.SIGINT else signal.SIG_DFL
            )
        signal.set_wakeup_fd(-1)
        self._reader.close()
        self._writer.close()

    @Slot()
    def _asked(self) -> None:
        self.stop()
        QApplication.closeAllWindows()
