"""What an API's answer says of its rate limits and quotas, with the time until they begin anew."""

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.api.rate_limit import RateLimit
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.widgets.allowance_gauge import AllowanceGauge
from mailgui.ui.widgets.basics import Label, forget, identify, pad

_TICK_MS = 1000


class RateLimitView(QWidget):
    """A gauge for the rate and one for each quota; hidden where an answer tells nothing.

    Attributes:
        gauges: by name; the rate's is ``Requests``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "rate-limit", "Rate limit")
        self.gauges: dict[str, AllowanceGauge] = {}
        self._resets: dict[str, tuple[int | None, int | None, float | None, int | None]] = {}
        self._limit: RateLimit | None = None
        self._at = 0.0
        self._column = QVBoxLayout(self)
        pad(self._column, LARGE, SMALL, LARGE, SMALL)
        self._words = Label(kind=Type.SMALL, tone="secondary", wrap=True)
        self._column.addWidget(self._words)
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tick)
        self.hide()

    def show_limit(self, limit: RateLimit | None, *, age: float = 0.0) -> None:
        """Show what an answer told that came ``age`` seconds ago; None hides the view."""
        for gauge in self.gauges.values():
            self._column.removeWidget(gauge)
            forget(gauge)
        self.gauges, self._resets = {}, {}
        self._limit, self._at = limit, time.monotonic() - age
        self._clock.stop()
        self.setVisible(limit is not None)
        if limit is None:
            return
        if limit.limit is not None or limit.remaining is not None:
            self._add("Requests", limit.remaining, limit.limit, limit.reset_seconds, None)
        for quota in limit.quotas:
            left = quota.remaining
            if left is None and quota.limit is not None and quota.used is not None:
                left = max(0, quota.limit - quota.used)
            name = visible(quota.name)
            title = name[:1].upper() + name[1:]
            self._add(title, left, quota.limit, quota.reset_seconds, quota.used)
        self._clock.start()
        self._tick()

    def _add(
        self,
        name: str,
        left: int | None,
        limit: int | None,
        reset: float | None,
        used: int | None,
    ) -> None:
        gauge = AllowanceGauge(name, name=f"allowance-{len(self.gauges)}")
        self.gauges[name] = gauge
        self._resets[name] = (left, limit, reset, used)
        self._column.insertWidget(self._column.count() - 1, gauge)

    @Slot()
    def _tick(self) -> None:
        limit = self._limit
        if limit is None:
            return
        gone = time.monotonic() - self._at
        running = False
        for name, (left, most, reset, used) in self._resets.items():
            words = ""
            if reset is not None:
                running |= reset > gone
                words = f"resets in {until(reset - gone)}" if reset > gone else "has begun anew"
            self.gauges[name].set_values(left, most, words, used=used)
        said = []
        if limit.retry_after is not None:
            running |= limit.retry_after > gone
            wait = limit.retry_after - gone
            said.append(
                f"May be tried again in {until(wait)}." if wait > 0 else "May be tried again."
            )
        if limit.documented:
            said.append(f"Documented: {visible(limit.documented)}.")
        self._words.setText(" ".join(said))
        self._words.setVisible(bool(said))
        if not running:
            self._clock.stop()


def until(seconds: float) -> str:
    """Return a time to come in words: "4 s", "3 min 20 s", "5 h 12 min", "2 days"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} days"
