"""How much of an allowance is left, such as requests in a window of time, and until when."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.painting import paint_ground

_GAP = SMALL + 2
_USUAL_BAR, _LEAST_BAR = 120, 40  # pixels at the usual size of type


class AllowanceGauge(QWidget):
    """A bar and its numbers: "Requests ▬▬▬ 3 of 10 left   resets in 4 s"."""

    def __init__(self, label: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._label = label
        self._left: int | None = None
        self._limit: int | None = None
        self._used: int | None = None
        self._aside = ""
        self._describe()

    def set_values(
        self, left: int | None, limit: int | None, aside: str = "", *, used: int | None = None
    ) -> None:
        """Show how much is ``left`` of ``limit``, or ``used``, and a remark; None is not told."""
        if (left, limit, aside, used) != (self._left, self._limit, self._aside, self._used):
            self._left, self._limit, self._aside, self._used = left, limit, aside, used
            self._describe()
            self.updateGeometry()
            self.update()

    @property
    def words(self) -> str:
        """The numbers in words."""
        if self._left is None and self._used is not None:
            return f"{self._used:,} used"
        if self._left is None:
            return f"{self._limit:,} allowed" if self._limit is not None else "not told"
        if self._limit is None:
            return f"{self._left:,} left"
        return f"{self._left:,} of {self._limit:,} left"

    @property
    def tone(self) -> Tone:
        """Broken when nothing is left, attention from a fifth downwards."""
        if self._left is None:
            return Tone.INFO
        if self._left <= 0:
            return Tone.BROKEN
        scarce = self._limit is not None and self._left * 5 <= self._limit
        return Tone.ATTENTION if scarce else Tone.PASS

    def sizeHint(self) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(420), self.heightForWidth(sizes.scaled(420)))

    def minimumSizeHint(self) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(220), sizes.line() + 8)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of one line, or of two where the remark needs its own."""
        line = metrics().line()
        return line + 8 + (line if self._bar_width(width) is None else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes, painter = tokens(), metrics(), QPainter(self)
        value = table.foreground(self.tone)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        beside = self._bar_width(self.width())
        height = sizes.line() + 8
        left = 0
        pieces = ((self._label, Type.BODY, table.secondary), (self.words, Type.STRONG, value))
        for number, (text, kind, ink) in enumerate(pieces):
            painter.setFont(sizes.font(kind))
            painter.setPen(QColor(ink))
            painter.drawText(QRect(left, 0, self.width() - left, height), align, text)
            left += sizes.measure(kind).horizontalAdvance(text) + _GAP
            if number == 0 and self._left is not None and self._limit:
                width = beside if beside is not None else self._below_bar(self.width())
                left += self._bar(painter, QRect(left, 0, width, height), value) + _GAP
        left += LARGE - SMALL
        painter.setFont(sizes.font(Type.BODY))
        painter.setPen(QColor(table.secondary))
        where = QRect(left, 0, max(0, self.width() - left), height)
        if beside is None:
            where = QRect(0, height - 4, self.width(), sizes.line())
        shown = sizes.measure().elidedText(self._aside, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, align, shown)
        painter.end()

    def _bar_width(self, room: int) -> int | None:
        """Return how long the bar is beside all words; None where the remark needs a line."""
        sizes = metrics()
        aside = sizes.measure().horizontalAdvance(self._aside) + LARGE if self._aside else 0
        left = room - self._taken() - aside
        if not self._has_bar:
            return 0 if left >= 0 or not self._aside else None
        if left < sizes.scaled(_LEAST_BAR) and self._aside:
            return None
        return max(8, min(sizes.scaled(_USUAL_BAR), left))

    def _below_bar(self, room: int) -> int:
        return max(8, min(metrics().scaled(_USUAL_BAR), room - self._taken()))

    def _taken(self) -> int:
        """Return what the label and the numbers take, with the gaps after and around the bar."""
        sizes = metrics()
        label = sizes.measure().horizontalAdvance(self._label)
        numbers = sizes.measure(Type.STRONG).horizontalAdvance(self.words)
        return label + numbers + _GAP * (3 if self._has_bar else 2)

    @property
    def _has_bar(self) -> bool:
        return self._left is not None and bool(self._limit)

    def _bar(self, painter: QPainter, room: QRect, value: str) -> int:
        table, height = tokens(), metrics().scaled(8)
        width = room.width()
        track = QRect(room.left(), (room.height() - height) // 2, width, height)
        paint_ground(painter, track, table.sunken, border=table.border, radius=height // 2)
        share = min(1.0, max(0.0, (self._left or 0) / (self._limit or 1)))
        if share:
            filled = QRect(track)
            filled.setWidth(max(height, round(width * share)))
            paint_ground(painter, filled, value, radius=height // 2)
        return width

    def _describe(self) -> None:
        said = ", ".join(filter(None, (f"{self._label} {self.words}", self._aside)))
        self.setAccessibleName(said)
        self.setToolTip(tip(said))
