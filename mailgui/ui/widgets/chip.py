"""A chip: one address, with a sign when something is wrong with it, and a way to take it out."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.transcript import visible
from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import SMALL, TIGHT
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone, tone_icon
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.painting import elide_middle, paint_focus, paint_ground

_WIDEST = 320


class Chip(QWidget):
    """One address as it was written.

    Attributes:
        text: the address, to the letter.
        problem: what is wrong with it, or an empty string.

    Signals:
        remove_asked: its ✕, Delete or Backspace was pressed.
        edit_asked: it was double-clicked, or Enter or F2 was pressed.
        step_asked(int): an arrow key asks for the neighbour, -1 or 1.
    """

    remove_asked = Signal()
    edit_asked = Signal()
    step_asked = Signal(int)

    def __init__(self, text: str, problem: str = "", *, removable: bool = True) -> None:
        super().__init__()
        self.text = text
        self.problem = problem
        self._removable = removable
        self._mark: tuple[Tone, str] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._describe()

    @property
    def tone(self) -> Tone | None:
        """What its colour says, if anything."""
        if self.problem:
            return Tone.BROKEN
        return self._mark[0] if self._mark else None

    def set_mark(self, tone: Tone | None, words: str = "") -> None:
        """Show what became of this recipient; None takes the mark away."""
        self._mark = None if tone is None else (tone, words)
        self._describe()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        sizes = metrics()
        sign = sizes.scaled(14) + TIGHT if self.tone else 0
        close = self._close_edge() + TIGHT if self._removable else 0
        text = sizes.measure().horizontalAdvance(visible(self.text[:200]))
        width = min(text, sizes.scaled(_WIDEST)) + 2 * (SMALL + 1) + sign + close
        return QSize(width, sizes.line() + SMALL)

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(60), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes, painter = tokens(), metrics(), QPainter(self)
        tone = self.tone
        ground = table.ground(tone) if tone else table.sunken
        radius = self.height() // 2
        border = table.border if ground == table.sunken else table.foreground(tone or Tone.NEUTRAL)
        paint_ground(painter, self.rect(), ground, radius=radius, border=border)
        inside = self.rect().adjusted(SMALL + 1, 0, -SMALL, 0)
        if tone:
            edge = sizes.scaled(14)
            sign = QRect(inside.left(), (self.height() - edge) // 2, edge, edge)
            icon = "check" if tone is Tone.PASS else tone_icon(tone)
            paint_icon(painter, icon, sign, table.foreground(tone))
            inside.setLeft(sign.right() + 1 + TIGHT)
        if self._removable:
            close = self._close_rect()
            over = close.contains(self.mapFromGlobal(self.cursor().pos()))
            paint_icon(painter, "close", close, table.text if over else table.secondary)
            inside.setRight(close.left() - TIGHT)
        painter.setFont(sizes.font())
        painter.setPen(QColor(table.foreground(tone) if self.problem and tone else table.text))
        shown = elide_middle(visible(self.text), sizes.measure(), inside.width() + 1)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(inside.adjusted(0, 0, 4, 0), align, shown)
        if self.hasFocus():
            paint_focus(painter, self.rect(), radius=radius)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._removable and self._on_close(event.position().toPoint()):
            self.remove_asked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._removable and not self._on_close(event.position().toPoint()):
            self.edit_asked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.key() in (keys.Key_Delete, keys.Key_Backspace) and self._removable:
            self.remove_asked.emit()
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_F2) and self._removable:
            self.edit_asked.emit()
        elif event.key() in (keys.Key_Left, keys.Key_Right):
            self.step_asked.emit(-1 if event.key() == keys.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def _on_close(self, point: QPoint) -> bool:
        return point.x() >= self._close_rect().left() - TIGHT

    def _close_edge(self) -> int:
        return metrics().scaled(12)

    def _close_rect(self) -> QRect:
        edge = self._close_edge()
        return QRect(self.width() - SMALL - edge, (self.height() - edge) // 2, edge, edge)

    def _describe(self) -> None:
        said = self.problem or (self._mark[1] if self._mark else "")
        shown = visible(self.text)
        identify(self, "chip", shown, said)
        if said:
            self.setAccessibleName(f"{shown}: {said}")
        self.setToolTip(tip(f"{self.text}\n{said}" if said else self.text))
