"""The tab Server: what the server said it can do, before TLS and inside it."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QHeaderView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mailgui.transcript import EhloAnswer, visible
from mailgui.ui.compose.capabilities import Row, rows
from mailgui.ui.metrics import LARGE, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_COLUMNS = ("Capability", "Parameters", "Offered", "What it means")
_WIRE = 2  # columns that came over the wire
_ROLE = Qt.ItemDataRole
_WRAP = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_WRAP.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


class CapabilityModel(QAbstractTableModel):
    """Capabilities as rows; a column for each answer, and what they mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def set_answers(self, answers: Sequence[EhloAnswer]) -> None:
        """Show these answers."""
        self.beginResetModel()
        self._rows = rows(answers)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return _COLUMNS[section]
        if role == _ROLE.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        words = (row.keyword, row.parameters, row.offered, row.meaning)[column]
        words = visible(words, keep_newlines=True)
        if role == _ROLE.DisplayRole:
            return words[:400]
        if role == _ROLE.ToolTipRole:
            return tip(words)
        if role == _ROLE.FontRole:
            return metrics().font(Type.MONO if column < _WIRE else Type.BODY, bold=column == 0)
        if role == _ROLE.ForegroundRole:
            return QColor(tokens().text if column < _WIRE else tokens().secondary)
        if role == _ROLE.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        return None


class _Cells(QStyledItemDelegate):
    """Gives each cell air, and each row a hairline below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, QTableView)  # noqa: S101 - narrows the type
        inside = _inside(QRect(0, 0, view.columnWidth(index.column()), 10_000), index)
        layout = QTextLayout(str(index.data()), index.data(_ROLE.FontRole))
        layout.setTextOption(_WRAP)
        height = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(inside.width())
            height += line.height()
        layout.endLayout()
        return QSize(inside.width(), max(metrics().row, ceil(height) + 2 * (TIGHT + 1)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(tokens().selection if chosen else tokens().base))
        painter.setPen(QColor(tokens().border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(index.data(_ROLE.FontRole))
        painter.setPen(index.data(_ROLE.ForegroundRole))
        painter.drawText(QRectF(_inside(rect, index)), str(index.data()), _WRAP)


def _inside(rect: QRect, index: Index) -> QRect:
    left = LARGE if index.column() == 0 else SMALL
    return rect.adjusted(left, TIGHT + 1, -SMALL, -TIGHT)


class _Table(QTableView):
    """Breaks lines, so that nothing of a capability is cut off; there are only some dozen rows."""

    def __init__(self) -> None:
        super().__init__()
        identify(self, "capabilities", "What the server offers")
        self.setItemDelegate(_Cells(self))
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        rule = f"QHeaderView::section:first {{ padding-left: {LARGE}px; }}"
        self.horizontalHeader().setStyleSheet(rule)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def fit(self) -> None:
        """Share the width out, and give each row the height that its words need."""
        model = self.model()
        if not isinstance(model, CapabilityModel) or not model.rowCount():
            return
        strong, body = metrics().measure(Type.MONO, bold=True), metrics().measure()
        width = self.viewport().width()
        texts = [model.index(row, 0).data() for row in range(model.rowCount())]
        air = 2 * SMALL + 2
        widest = max(strong.horizontalAdvance(text[:20]) for text in texts) + LARGE - SMALL + air
        first = min(widest, width // 3)
        offered = min(body.horizontalAdvance("before TLS") + air, width // 4)
        parameters = (width - first - offered) * 2 // 5
        rest = width - first - offered - parameters
        for column, share in enumerate((first, parameters, offered, rest)):
            self.setColumnWidth(column, share)
        self.resizeRowsToContents()


class ServerView(QStackedWidget):
    """Shows the answers to EHLO, or says that there were none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "server")
        self._empty = EmptyState("info", "No answer to EHLO yet", _NOT_YET, name="server-empty")
        page = QWidget()
        layout = QVBoxLayout(page)
        pad(layout, 0)
        head = QVBoxLayout()
        pad(head, LARGE, SMALL + 2, LARGE, SMALL + 2)
        self._greeting = ElidedLabel("", kind=Type.MONO)
        head.addWidget(self._greeting)
        layout.addLayout(head)
        self.model = CapabilityModel(self)
        self.table = _Table()
        self.table.setModel(self.model)
        layout.addWidget(self.table, 1)
        self.addWidget(self._empty)
        self.addWidget(page)

    def clear(self) -> None:
        """Wait for an answer."""
        self.show_answers(())

    def show_answers(self, answers: Sequence[EhloAnswer]) -> None:
        """Show what the server said; with more than two answers the first and the last."""
        shown = (answers[0], answers[-1]) if len(answers) > 1 else tuple(answers)
        self.model.set_answers(shown)
        if shown:
            self._greeting.set_text(visible(shown[-1].greeting))
            self.table.fit()
        self.setCurrentIndex(1 if shown else 0)


_NOT_YET = "What the server can do appears here, before TLS and inside it, with what it means."
