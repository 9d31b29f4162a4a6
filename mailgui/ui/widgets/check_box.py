"""A switch with its words, drawn so that it is seen in both schemes and grows with the font."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import SMALL, TIGHT
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import paint_focus, paint_ground


class CheckBox(QCheckBox):
    """On or off."""

    def __init__(self, words: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        identify(self, name, words)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        sizes = metrics()
        width = self._edge() + SMALL + sizes.measure().horizontalAdvance(self.text()) + 2 * TIGHT
        return QSize(width, sizes.line() + 2 * TIGHT)

    def minimumSizeHint(self) -> QSize:
        full = self.sizeHint()
        return QSize(min(full.width(), metrics().scaled(160)), full.height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the words need where they have to break."""
        room = QRect(0, 0, max(1, width - self._edge() - SMALL - 2), 10_000)
        flags = Qt.TextFlag.TextWordWrap
        return metrics().measure().boundingRect(room, flags, self.text()).height() + 2 * TIGHT

    def hitButton(self, _where: object) -> bool:  # noqa: N802 - Qt's name
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        table, painter = tokens(), QPainter(self)
        edge = self._edge()
        first = metrics().line() + 2 * TIGHT  # the box stands beside the first line
        box = QRect(2, (min(first, self.height()) - edge) // 2, edge, edge)
        usable = self.isEnabled()
        if self.isChecked():
            paint_ground(painter, box, table.accent if usable else table.secondary, radius=TIGHT)
            inside = box.adjusted(2, 2, -2, -2)
            paint_icon(painter, "check", inside, table.on_accent if usable else table.base)
        else:
            ground = table.base if usable else table.window
            paint_ground(painter, box, ground, border=table.secondary, radius=TIGHT)
        painter.setFont(metrics().font())
        painter.setPen(QColor(table.text if usable else table.secondary))
        words = self.rect().adjusted(edge + SMALL + 2, 0, 0, 0)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        measure = metrics().measure()
        if self.height() > first:
            painter.drawText(words, align | Qt.TextFlag.TextWordWrap, self.text())
        else:
            shown = measure.elidedText(self.text(), Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, align | Qt.TextFlag.TextSingleLine, shown)
        if self.hasFocus():
            paint_focus(painter, self.rect())
        painter.end()

    @staticmethod
    def _edge() -> int:
        return metrics().scaled(16)
