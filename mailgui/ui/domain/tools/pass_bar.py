"""The picture of aggregate reports: one bar of all messages, parted by how they passed DMARC."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.domain.aggregate_summary import Summary
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.theme import color, metrics, tokens
from mailgui.ui.widgets.basics import identify

_LEAST = 3  # pixels of a part that is not empty


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its words, its number, and how strong it is drawn in its colour."""

    words: str
    count: int
    lost: bool = False
    alpha: float = 1.0


def parts_of(summary: Summary) -> tuple[Part, ...]:
    """Return the parts of the bar: by both, by one of the two, by neither."""
    sources = summary.sources
    return (
        Part("DKIM and SPF", sum(source.both for source in sources)),
        Part("DKIM alone", sum(source.by_dkim for source in sources), alpha=0.65),
        Part("SPF alone", sum(source.by_spf for source in sources), alpha=0.4),
        Part("neither: lost under p=reject", summary.fails, lost=True),
    )


class PassBar(QWidget):
    """Paints the bar and, below it, what each part is, with its number and share."""

    def __init__(self, *, name: str = "pass-bar", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "How the messages passed DMARC")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.parts: tuple[Part, ...] = ()

    def set_summary(self, summary: Summary) -> None:
        """Show a summary."""
        self.parts = parts_of(summary)
        self.setAccessibleDescription("; ".join(map(self._words, self.parts)))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = len(self._lines(width))
        return self._thick() + SMALL + lines * (metrics().line() + TIGHT)

    def sizeHint(self) -> QSize:
        width = max(self.width(), metrics().scaled(300))
        return QSize(metrics().scaled(520), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(200), self._thick() + SMALL + metrics().line())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_bar(painter)
        top = self._thick() + SMALL
        for line in self._lines(self.width()):
            left = 0
            for part in line:
                left = self._paint_words(painter, part, left, top) + LARGE
            top += metrics().line() + TIGHT
        painter.end()

    def _paint_bar(self, painter: QPainter) -> None:
        total = sum(part.count for part in self.parts)
        if not total:
            return
        left = 0.0
        for part in self.parts:
            if not part.count:
                continue
            width = max(_LEAST, (self.width() - 3 * _LEAST) * part.count / total)
            where = QRect(round(left), 0, round(left + width) - round(left) - 1, self._thick())
            painter.fillRect(where, self._ink(part))
            left += width

    def _paint_words(self, painter: QPainter, part: Part, left: int, top: int) -> int:
        sizes = metrics()
        height = sizes.line()
        edge = sizes.scaled(10)
        painter.fillRect(left, top + (height - edge) // 2, edge, edge, self._ink(part))
        left += edge + SMALL
        strong = part.lost and bool(part.count)
        kind = Type.STRONG if strong else Type.BODY
        painter.setFont(sizes.font(kind))
        table = tokens()
        painter.setPen(QColor(table.broken if strong else table.text))
        words = self._words(part)
        width = sizes.measure(kind).horizontalAdvance(words)
        painter.drawText(QRect(left, top, width, height), Qt.AlignmentFlag.AlignVCenter, words)
        return left + width

    def _lines(self, width: int) -> list[list[Part]]:
        """Part the words into lines that fit."""
        sizes = metrics()
        lines: list[list[Part]] = [[]]
        left = 0
        for part in self.parts:
            words = sizes.measure(Type.STRONG).horizontalAdvance(self._words(part))
            needed = sizes.scaled(10) + SMALL + words
            if lines[-1] and left + needed > width:
                lines.append([])
                left = 0
            lines[-1].append(part)
            left += needed + LARGE
        return lines

    def _words(self, part: Part) -> str:
        total = sum(each.count for each in self.parts) or 1
        return f"{part.words} {part.count:,} ({part.count / total:.1%})"

    @staticmethod
    def _ink(part: Part) -> QColor:
        table = tokens()
        return color(table.broken if part.lost else table.passed, part.alpha)

    @staticmethod
    def _thick() -> int:
        return metrics().scaled(20) + MEDIUM // 2
