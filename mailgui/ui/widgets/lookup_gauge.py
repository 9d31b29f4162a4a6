"""How much of SPF's budget of look-ups is spent."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import paint_ground

LOOKUPS = 10  # RFC 7208 section 4.6.4
VOIDS = 2


class LookupGauge(QWidget):
    """A bar and its numbers: "Look-ups ▬▬▬ 8 of 10   Void 1 of 2"."""

    def __init__(self, *, name: str = "lookups", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        identify(self, name)
        self._spent = self._void = 0
        self._limit, self._void_limit = LOOKUPS, VOIDS
        self.set_values(0)

    def set_values(
        self, spent: int, void: int = 0, *, limit: int = LOOKUPS, void_limit: int = VOIDS
    ) -> None:
        """Show how many look-ups are spent, and how many of them came back empty."""
        self._spent, self._void, self._limit, self._void_limit = spent, void, limit, void_limit
        words = f"Look-ups {spent} of {limit}, void {void} of {void_limit}"
        over = spent > limit or void > void_limit
        self.setAccessibleName(f"{words}: too many" if over else words)
        self.update()

    @property
    def tone(self) -> Tone:
        """Broken over the limit, attention from eight tenths on."""
        if self._spent > self._limit:
            return Tone.BROKEN
        return Tone.ATTENTION if self._spent * 10 >= self._limit * 8 else Tone.PASS

    def sizeHint(self) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(400), sizes.line() + 8)

    def minimumSizeHint(self) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(280), sizes.line() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes, painter = tokens(), metrics(), QPainter(self)
        value = table.foreground(self.tone)
        body, strong = sizes.measure(), sizes.measure(Type.STRONG)
        left = 0

        def write(text: str, kind: Type, ink: str) -> int:
            painter.setFont(sizes.font(kind))
            painter.setPen(QColor(ink))
            rect = QRect(left, 0, self.width() - left, self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            measure = strong if kind is Type.STRONG else body
            return left + measure.horizontalAdvance(text)

        left = write("Look-ups", Type.BODY, table.secondary) + SMALL + 2
        left += self._bar(painter, left, value) + SMALL + 2
        sign = " ✕" if self.tone is Tone.BROKEN else ""
        left = write(f"{self._spent} of {self._limit}{sign}", Type.STRONG, value) + LARGE + 2
        over = self._void > self._void_limit
        words = f"Void {self._void} of {self._void_limit}{' ✕' if over else ''}"
        write(words, Type.BODY, table.broken if over else table.secondary)
        painter.end()

    def _bar(self, painter: QPainter, left: int, value: str) -> int:
        sizes = metrics()
        spare = self.width() - sizes.scaled(250)
        width, height = min(sizes.scaled(180), max(sizes.scaled(40), spare)), sizes.scaled(8)
        top = (self.height() - height) // 2
        track = QRect(left, top, width, height)
        ground = tokens()
        paint_ground(painter, track, ground.sunken, border=ground.border, radius=height // 2)
        share = min(1.0, self._spent / self._limit) if self._limit else 1.0
        if share:
            filled = QRect(left, top, max(height, round(width * share)), height)
            paint_ground(painter, filled, value, radius=height // 2)
        return width
