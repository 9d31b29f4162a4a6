"""A label for one long value: elided in the middle, whole in the tool tip and on copy."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from mailgui.ui.metrics import Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import tip
from mailgui.ui.widgets.painting import elide_middle


class ElidedLabel(QWidget):
    """Shows one line of plain text in the room there is.

    ``token`` is the field of Tokens with the colour.
    """

    def __init__(
        self,
        text: str = "",
        *,
        kind: Type = Type.BODY,
        token: str = "text",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setObjectName(name)
        self._kind = kind
        self._mode = mode
        self._text = ""
        self.token = token
        self.set_text(text)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show ``text``; line breaks become spaces on the line."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._update_tip()
        self.update()

    def shown(self) -> str:
        """Return what fits in the present width."""
        line = " ".join(self._text.splitlines())
        measure = metrics().measure(self._kind)
        if self._mode is Qt.TextElideMode.ElideMiddle:
            return elide_middle(line, measure, self.width())
        return measure.elidedText(line[:4000], self._mode, self.width())

    def sizeHint(self) -> QSize:
        measure = metrics().measure(self._kind)
        return QSize(measure.horizontalAdvance(self._text[:400]) + 2, measure.height() + 2)

    def minimumSizeHint(self) -> QSize:
        measure = metrics().measure(self._kind)
        least = min(measure.averageCharWidth() * 8, measure.horizontalAdvance(self._text[:16]))
        return QSize(least, measure.height() + 2)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._update_tip()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(metrics().font(self._kind))
        painter.setPen(QColor(getattr(tokens(), self.token)))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect(), flags | Qt.TextFlag.TextSingleLine, self.shown())
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Copy", self._copy)
        menu.exec(event.globalPos())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)

    def _update_tip(self) -> None:
        self.setToolTip(tip(self._text) if self.shown() != self._text else "")
