"""Says in the banner how long it is until the next try."""

from math import ceil

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Slot

from mailgui.jobs.attempts import Attempt
from mailgui.transcript import Transcript
from mailgui.ui.widgets.result_banner import ResultBanner

_TICK_MS = 200


class Countdown(QObject):
    """Runs from one try to the next."""

    def __init__(self, banner: ResultBanner) -> None:
        super().__init__(banner)
        self._banner = banner
        self._number = 0
        self._until = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tell)

    @property
    def running(self) -> bool:
        """Whether another try is awaited."""
        return self._timer.isActive()

    def start(self, before: Attempt[Transcript]) -> None:
        """Count down to the try after ``before``."""
        self._number, self._until = before.number + 1, before.wait
        self._clock.start()
        self._timer.start()
        self._tell()

    def stop(self) -> None:
        """Say nothing more."""
        self._timer.stop()

    @Slot()
    def _tell(self) -> None:
        left = max(self._until - self._clock.elapsed() / 1000, 0.0)
        when = f"in {ceil(left)} s" if left else "now"
        self._banner.set_phase(f"Refused for now. Attempt {self._number} {when}")
