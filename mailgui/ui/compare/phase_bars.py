"""Where the time goes, side by side: a row a phase, a column a profile, one scale for both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.jobs.compare_numbers import OPENING, Side, Spread
from mailgui.transcript import visible
from mailgui.ui.metrics import HUGE, MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.painting import elide_middle, paint_ground
from mailgui.ui.widgets.waterfall import phase_name

_LEAST = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its words, and each side's figure.

    Attributes:
        seconds: what the bars show; None where the side has no such phase, or it is no time.
    """

    words: str
    figures: tuple[str, str]
    seconds: tuple[float | None, float | None] = (None, None)
    head: bool = False


def rows_of(sides: tuple[Side, Side]) -> tuple[Row, ...]:
    """Return the lines for two measured sides: opening, the message, and what else was counted."""
    known = [side.phases() for side in sides]
    names = list(dict.fromkeys(name for phases in known for name in phases))
    groups = (
        ("Opening", [side.opening for side in sides], True),
        ("Each message", [side.delivery for side in sides], False),
    )
    rows: list[Row] = []
    for words, spreads, opening in groups:
        inside = [name for name in names if (name in OPENING) is opening]
        if inside:
            rows.append(_times(words, spreads, head=True))
            rows += [_times(phase_name(name), [p.get(name) for p in known]) for name in inside]
    return (*rows, *_counts(sides))


def _times(words: str, spreads: Sequence[Spread | None], *, head: bool = False) -> Row:
    first, second = (each.median / 1000 if each else None for each in spreads)
    figures = tuple("–" if s is None else duration(s) for s in (first, second))
    return Row(words, (figures[0], figures[1]), (first, second), head)


def _counts(sides: tuple[Side, Side]) -> tuple[Row, ...]:
    def row(words: str, figure: Callable[[Side], str], *, head: bool = False) -> Row:
        return Row(words, (figure(sides[0]), figure(sides[1])), head=head)

    def per_message(name: str) -> Callable[[Side], str]:
        def figure(side: Side) -> str:
            value = side.per_message(name)
            return "–" if value is None else f"{value:,.0f}"

        return figure

    return (
        row("Messages a second", lambda side: f"{side.messages_per_second:,.1f}", head=True),
        row("taken", lambda side: f"{len(side.taken):,} of {len(side.samples):,}"),
        row("round trips for one", per_message("round_trips")),
        row("octets sent for one", per_message("sent")),
        row("octets received for one", per_message("received")),
    )


class PhaseBars(QWidget):
    """Paints the rows; medians, and the longest of all fills its column."""

    def __init__(self, *, name: str = "phase-bars", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Where the time goes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rows: tuple[Row, ...] = ()
        self._names = ("", "")

    def set_sides(self, sides: tuple[Side, Side]) -> None:
        """Show two measured sides."""
        self._names = (visible(sides[0].name), visible(sides[1].name))
        self.rows = rows_of(sides)
        self.setAccessibleDescription("; ".join(map(self._spoken, self.rows)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().scaled(520), (len(self.rows) + 1) * self._row_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(230), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = self._row_height()
        words, lanes = self._columns()
        table, sizes = tokens(), metrics()
        painter.setFont(sizes.font(Type.STRONG))
        painter.setPen(QColor(table.text))
        for name, lane in zip(self._names, lanes, strict=True):
            shown = elide_middle(name, sizes.measure(Type.STRONG), lane.width())
            painter.drawText(lane, Qt.AlignmentFlag.AlignVCenter, shown)
        scale = max((s for row in self.rows for s in row.seconds if s), default=0.0) or 1.0
        for number, row in enumerate(self.rows, start=1):
            top = number * height
            if row.head:
                painter.setPen(QColor(table.border))
                painter.drawLine(0, top, self.width(), top)
            kind = Type.STRONG if row.head else Type.BODY
            painter.setFont(sizes.font(kind))
            painter.setPen(QColor(table.text if row.head else table.secondary))
            indent = 0 if row.head else MEDIUM
            where = QRect(indent, top, words - indent, height)
            shown = elide_middle(row.words, sizes.measure(kind), where.width())
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, shown)
            for side, lane in enumerate(lanes):
                self._paint_cell(painter, row, side, lane.translated(0, top), scale)
        painter.end()

    def _paint_cell(
        self, painter: QPainter, row: Row, side: int, lane: QRect, scale: float
    ) -> None:
        table, sizes = tokens(), metrics()
        kind = Type.STRONG if row.head else Type.BODY
        painter.setFont(sizes.font(kind))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        seconds, words = row.seconds[side], row.figures[side]
        painter.setPen(QColor(table.secondary if words == "–" else table.text))
        painter.drawText(lane, align, words)
        if seconds is None:
            return
        most = max(lane.width() - self._figures() - SMALL, _LEAST)
        width = max(_LEAST, round(most * seconds / scale))
        thick = sizes.scaled(9)
        bar = QRect(lane.left(), lane.top() + (lane.height() - thick) // 2, width, thick)
        ground = table.accent if row.head else table.info
        paint_ground(painter, bar, ground, radius=min(3, width // 2))

    def _columns(self) -> tuple[int, tuple[QRect, QRect]]:
        """Return the width of the words and the two lanes, at the first row."""
        measure, strong = metrics().measure(), metrics().measure(Type.STRONG)
        widths = [
            (strong if row.head else measure).horizontalAdvance(row.words) + MEDIUM
            for row in self.rows
        ]
        words = min(max(widths, default=0), self.width() * 2 // 5)
        lane = (self.width() - words - 2 * HUGE) // 2
        left = words + HUGE
        height = self._row_height()
        return words, (QRect(left, 0, lane, height), QRect(left + lane + HUGE, 0, lane, height))

    def _figures(self) -> int:
        """Return the room that the times take."""
        strong = metrics().measure(Type.STRONG)
        timed = [figure for row in self.rows if any(row.seconds) for figure in row.figures]
        return max((strong.horizontalAdvance(figure) for figure in timed), default=0)

    @staticmethod
    def _row_height() -> int:
        return metrics().line() + SMALL

    def _spoken(self, row: Row) -> str:
        named = zip(self._names, row.figures, strict=True)
        return f"{row.words}: {', '.join(f'{name} {figure}' for name, figure in named)}"
