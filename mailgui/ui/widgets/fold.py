"""A part of a page that is folded away until somebody wants it."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.painting import paint_focus


class _Head(QPushButton):
    """The words to press, with a sign that says which way the part goes."""

    def __init__(self, words: str, *, name: str) -> None:
        super().__init__(words)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        identify(self, name, words)

    def sizeHint(self) -> QSize:
        sizes = metrics()
        width = sizes.measure(Type.STRONG).horizontalAdvance(self.text())
        return QSize(width + self._edge() + SMALL + 4, sizes.small_control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        table, painter, edge = tokens(), QPainter(self), self._edge()
        sign = QRect(0, (self.height() - edge) // 2, edge, edge)
        paint_icon(
            painter, "chevron-down" if self.isChecked() else "chevron-right", sign, table.text
        )
        painter.setFont(metrics().font(Type.STRONG))
        painter.setPen(table.text)
        words = self.rect().adjusted(edge + SMALL, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect().adjusted(0, 1, -1, -1))
        painter.end()

    @staticmethod
    def _edge() -> int:
        return metrics().scaled(14)


class Fold(QWidget):
    """A head and what it unfolds. Folded at first; the sign and the screen reader say so.

    Attributes:
        head: the words to press.

    Signals:
        toggled(bool): it was unfolded, or folded.
    """

    toggled = Signal(bool)

    def __init__(self, words: str, body: QWidget, *, name: str) -> None:
        super().__init__()
        identify(self, name)
        self._body = body
        self.head = _Head(words, name=f"{name}-head")
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=MEDIUM)
        layout.addWidget(self.head)
        layout.addWidget(body)
        body.setVisible(False)
        self.head.toggled.connect(self._toggled)
        self._describe()

    @property
    def open(self) -> bool:
        """Whether it is unfolded."""
        return self.head.isChecked()

    def set_open(self, unfolded: bool) -> None:
        """Unfold or fold it."""
        self.head.setChecked(unfolded)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.head.updateGeometry()

    def _toggled(self, unfolded: bool) -> None:
        self._body.setVisible(unfolded)
        self._describe()
        self.toggled.emit(unfolded)

    def _describe(self) -> None:
        state = "Unfolded" if self.open else "Folded"
        self.head.setAccessibleDescription(f"{state}; press to change.")
