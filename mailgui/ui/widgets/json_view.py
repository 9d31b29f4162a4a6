"""The view of a JSON tree: how its rows are painted."""

import json
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from mailgui.transcript import visible
from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.json_document import Number, words
from mailgui.ui.widgets.json_model import NODE_ROLE, Index, JsonModel, Node
from mailgui.ui.widgets.painting import paint_cell_focus


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(metrics().scaled(120), metrics().row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        node = index.data(NODE_ROLE)
        if not isinstance(node, Node):
            return
        table = tokens()
        rect = QRect(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(table.selection))
        paint_cell_focus(painter, option, index)
        painter.setFont(metrics().font(Type.MONO))
        measure = painter.fontMetrics()
        align = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        inside = rect.adjusted(2, 0, -SMALL, 0)
        if isinstance(node.key, str):
            key = f"{visible(json.dumps(node.key[:200], ensure_ascii=False))}: "
        else:
            key = "" if node.key is None else f"{node.key}: "
        painter.setPen(QColor(table.sent if isinstance(node.key, str) else table.secondary))
        painter.drawText(inside, align, key)
        inside.setLeft(inside.left() + measure.horizontalAdvance(key))
        painter.setPen(QColor(_ink(node.value)))
        value = words(node.value)
        shown = measure.elidedText(value, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, align, shown)


def _ink(value: Any) -> str:
    table = tokens()
    if isinstance(value, list):
        return table.secondary
    if isinstance(value, str) and not isinstance(value, Number):
        return table.received
    return table.attention


class JsonTreeView(QTreeView):
    """The view of a JsonModel.

    Signals:
        copy_asked: the keyboard asks to copy.
    """

    copy_asked = Signal()

    def __init__(
        self, model: JsonModel, *, name: str, accessible: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setModel(model)
        self.setItemDelegate(_Delegate(self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setProperty("kind", "wire")
        self.setIndentation(metrics().scaled(18))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:  # noqa: N802
        if index.model().hasChildren(index):
            edge = metrics().scaled(12)
            middle = rect.top() + (rect.height() - edge) // 2
            where = QRect(rect.right() - edge - 1, middle, edge, edge)
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            paint_icon(painter, name, where, tokens().secondary)
