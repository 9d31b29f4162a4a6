"""A few options side by side, of which one holds."""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.ui.metrics import MEDIUM, RADIUS, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import paint_focus, paint_ground


class Segmented(QWidget):
    """Options as segments of one control; arrow keys move between them.

    Signals:
        changed(str): another option holds; carries its key.
    """

    changed = Signal(str)

    def __init__(
        self,
        options: Iterable[tuple[str, str]],
        *,
        name: str,
        accessible: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._accessible = accessible
        self._options = list(options)
        self._index = 0
        identify(self, name, accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()

    @property
    def key(self) -> str:
        """The key of the option that holds."""
        return self._options[self._index][0]

    def set_key(self, key: str) -> None:
        """Let an option hold, without telling anyone."""
        self._index = [each for each, _words in self._options].index(key)
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 4, metrics().small_control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(min(len(self._options) - 1, max(0, self._index + step)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index, rect in enumerate(self._rects()):
            if rect.contains(event.position().toPoint()):
                self._choose(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes = tokens(), metrics()
        painter = QPainter(self)
        paint_ground(painter, self.rect(), table.sunken, border=table.border, radius=RADIUS)
        for index, rect in enumerate(self._rects()):
            holds = index == self._index
            if holds:
                paint_ground(painter, rect, table.base, border=table.border, radius=RADIUS - 2)
            painter.setFont(sizes.font(Type.STRONG if holds else Type.BODY))
            painter.setPen(QColor(table.text if holds else table.secondary))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._options[index][1])
        if self.hasFocus():
            paint_focus(painter, self.rect())
        painter.end()

    def _choose(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self._describe()
            self.update()
            self.changed.emit(self.key)

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._accessible}: {self._options[self._index][1]}")

    def _widths(self) -> list[int]:
        measure = metrics().measure(Type.STRONG)
        return [measure.horizontalAdvance(words) + 2 * MEDIUM for _key, words in self._options]

    def _rects(self) -> list[QRect]:
        rects, left = [], 2
        for width in self._widths():
            rects.append(QRect(left, 2, width, self.height() - 4))
            left += width
        return rects
