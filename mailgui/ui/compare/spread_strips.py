"""How the times are spread: a strip a profile, a dot a message, on one axis."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.jobs.compare_numbers import Side, Spread
from mailgui.transcript import visible
from mailgui.ui.metrics import MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.theme import color, metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.painting import elide_middle

_LANES = 5  # heights that dots are spread over, so that equal times stay apart


class SpreadStrips(QWidget):
    """Paints the messages that were taken; each strip says its median and its 95 % mark."""

    def __init__(self, *, name: str = "spread-strips", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "How the times are spread")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sides: tuple[tuple[str, tuple[float, ...], Spread], ...] = ()

    def set_sides(self, sides: tuple[Side, Side]) -> None:
        """Show the sides that took something."""
        self._sides = tuple(
            (visible(side.name), tuple(each.milliseconds for each in side.taken), total)
            for side in sides
            if (total := side.total) is not None
        )
        self.setAccessibleDescription(
            "; ".join(f"{name}: {self._figures(known)}" for name, _, known in self._sides)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().scaled(520), len(self._sides) * self._strip() + self._axis())

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(230), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((known.most for _, _, known in self._sides), default=0.0) or 1.0
        top = 0
        for name, times, known in self._sides:
            self._paint_strip(painter, QRect(0, top, self.width(), self._strip()), name, known)
            lane = self._lane(top)
            self._paint_dots(painter, lane, times, most)
            self._paint_marks(painter, lane, known, most)
            top += self._strip()
        self._paint_axis(painter, top, most)
        painter.end()

    def _paint_strip(self, painter: QPainter, rect: QRect, name: str, known: Spread) -> None:
        table, sizes = tokens(), metrics()
        line = sizes.line(Type.STRONG)
        words = self._figures(known)
        small = sizes.measure(Type.SMALL)
        room = rect.width() - small.horizontalAdvance(words) - MEDIUM
        first = QRect(rect.left(), rect.top(), rect.width(), line)
        painter.setFont(sizes.font(Type.STRONG))
        painter.setPen(QColor(table.text))
        shown = elide_middle(name, sizes.measure(Type.STRONG), room)
        painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(sizes.font(Type.SMALL))
        painter.setPen(QColor(table.secondary))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(first, align, words)

    def _paint_dots(
        self, painter: QPainter, lane: QRect, times: tuple[float, ...], most: float
    ) -> None:
        edge = metrics().scaled(3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(tokens().accent, 0.55))
        step = (lane.height() - 2 * edge) / (_LANES - 1)
        for number, milliseconds in enumerate(times):
            # A stride that is no divisor of the lanes mixes neighbours without any randomness.
            y = lane.top() + edge + step * (number * 2 % _LANES)
            painter.drawEllipse(QPointF(self._x(lane, milliseconds, most), y), edge, edge)

    def _paint_marks(self, painter: QPainter, lane: QRect, known: Spread, most: float) -> None:
        table = tokens()
        for milliseconds, ink, width in (
            (known.median, table.text, 2),
            (known.p95, table.secondary, 1),
        ):
            x = self._x(lane, milliseconds, most)
            pen = QPen(QColor(ink), width)
            if width == 1:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, lane.top() - 2), QPointF(x, lane.bottom() + 2))

    def _paint_axis(self, painter: QPainter, top: int, most: float) -> None:
        table, sizes = tokens(), metrics()
        lane = self._lane(top)
        painter.setPen(QColor(table.border))
        painter.drawLine(lane.left(), top, lane.right(), top)
        painter.setFont(sizes.font(Type.SMALL))
        painter.setPen(QColor(table.secondary))
        where = QRect(0, top + TIGHT, self.width(), sizes.line(Type.SMALL))
        painter.drawText(where, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(where, Qt.AlignmentFlag.AlignRight, duration(most / 1000))

    @staticmethod
    def _x(lane: QRect, milliseconds: float, most: float) -> float:
        return lane.left() + lane.width() * milliseconds / most

    def _lane(self, top: int) -> QRect:
        edge = metrics().scaled(4)
        line = metrics().line(Type.STRONG) + TIGHT
        return QRect(
            edge, top + line, self.width() - 2 * edge, self._strip() - line - SMALL - TIGHT
        )

    @staticmethod
    def _strip() -> int:
        return metrics().line(Type.STRONG) + metrics().scaled(34) + MEDIUM

    @staticmethod
    def _axis() -> int:
        return metrics().line(Type.SMALL) + SMALL

    @staticmethod
    def _figures(known: Spread) -> str:
        return f"median {duration(known.median / 1000)} · 95 % within {duration(known.p95 / 1000)}"
