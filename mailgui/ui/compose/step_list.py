"""The list of a dialogue's steps: drawn in two lines each, worked by keyboard."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from mailgui.ui.compose.step_model import STEP_ROLE, Row, StepModel
from mailgui.ui.metrics import LARGE, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import elide_middle, paint_row, paint_row_focus

Index = QModelIndex | QPersistentModelIndex
_SHORTEST = 4  # rows that are seen at least


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(metrics().scaled(200), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(STEP_ROLE)
        table, sizes = tokens(), metrics()
        rect = QRect(option.rect)
        paint_row(painter, option)
        inside = rect.adjusted(LARGE, SMALL - 1, -LARGE, -SMALL)
        number = sizes.measure().horizontalAdvance("00")
        painter.setFont(sizes.font())
        painter.setPen(QColor(table.secondary))
        first = QRect(inside.left(), inside.top(), number, sizes.line())
        painter.drawText(first, Qt.AlignmentFlag.AlignRight, str(row.number))
        inside.setLeft(inside.left() + number + SMALL + TIGHT)
        self._write(painter, inside, row.title, Type.MONO, table.text)
        inside.setTop(inside.top() + sizes.line() + 2)
        if row.objection:
            words, ink = f"⚠ {row.objection} · {row.purpose}", table.attention
        else:
            words, ink = row.purpose, table.secondary
        self._write(painter, inside, words, Type.SMALL, ink)
        paint_row_focus(painter, option)

    @staticmethod
    def _write(painter: QPainter, rect: QRect, text: str, kind: Type, ink: str) -> None:
        painter.setFont(metrics().font(kind))
        painter.setPen(QColor(ink))
        shown = elide_middle(text, painter.fontMetrics(), rect.width())
        line = QRect(rect.left(), rect.top(), rect.width(), metrics().line())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, flags | Qt.TextFlag.TextSingleLine, shown)


def row_height() -> int:
    """Return the height of one step."""
    return 2 * metrics().line() + 2 * SMALL + 2


class StepList(QListView):
    """The steps, as high as they are many: the page around it scrolls.

    Signals:
        remove_asked: Delete was pressed.
        move_asked(int): Alt with an arrow was pressed: -1 for up, 1 for down.
    """

    remove_asked = Signal()
    move_asked = Signal(int)

    def __init__(self, model: StepModel) -> None:
        super().__init__()
        self._shown = model
        identify(
            self,
            "steps",
            "Steps of the dialogue",
            "Alt with up or down moves a step, Delete removes it, F2 edits a line of your own.",
        )
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setProperty("kind", "checks")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        triggers = QListView.EditTrigger.DoubleClicked | QListView.EditTrigger.EditKeyPressed
        self.setEditTriggers(triggers)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self.fit)
        self.fit()

    @property
    def row(self) -> int:
        """The place of the current step; -1 for none."""
        return self.currentIndex().row()

    def choose(self, row: int) -> None:
        """Make a step the current one."""
        self.setCurrentIndex(self.model().index(row, 0))

    def fit(self) -> None:
        """Take the height that the steps need."""
        rows = self._shown.rowCount()
        self.setFixedHeight(max(rows, _SHORTEST) * row_height() + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), event.modifiers() & Qt.KeyboardModifier.AltModifier
        if key == Qt.Key.Key_Delete and not alt:
            self.remove_asked.emit()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_asked.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()
