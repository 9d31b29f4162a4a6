"""A table of some dozen rows whose cells break their lines, so that nothing is cut off."""

from math import ceil

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
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from mailgui.ui.metrics import LARGE, SMALL, TIGHT
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.painting import paint_cell_focus

Index = QModelIndex | QPersistentModelIndex
BELOW_ROLE = Qt.ItemDataRole.UserRole + 1  # a second paragraph, in the colour of text
_NARROW = 420  # pixels, at the usual size of type
_ROLE = Qt.ItemDataRole
_WRAP = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_WRAP.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


class _Cells(QStyledItemDelegate):
    """Gives each cell air, and each row a hairline below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, QTableView)  # noqa: S101 - narrows the type
        inside = _inside(QRect(0, 0, view.columnWidth(index.column()), 10_000), index)
        height = _height(index, str(index.data() or ""), inside.width())
        if below := index.data(BELOW_ROLE):
            height += _height(index, str(below), inside.width()) + 2
        return QSize(inside.width(), max(metrics().row, ceil(height) + 2 * (TIGHT + 1)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(tokens().selection if chosen else tokens().base))
        painter.setPen(QColor(tokens().border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        paint_cell_focus(painter, option, index)
        painter.setFont(index.data(_ROLE.FontRole))
        painter.setPen(index.data(_ROLE.ForegroundRole))
        inside = _inside(rect, index)
        words = str(index.data() or "")
        painter.drawText(QRectF(inside), words, _WRAP)
        if below := index.data(BELOW_ROLE):
            inside.setTop(inside.top() + ceil(_height(index, words, inside.width())) + 2)
            painter.setPen(QColor(tokens().text))
            painter.drawText(QRectF(inside), str(below), _WRAP)


def _height(index: Index, text: str, width: int) -> float:
    height = 0.0
    for paragraph in text.split("\n"):
        layout = QTextLayout(paragraph, index.data(_ROLE.FontRole))
        layout.setTextOption(_WRAP)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            height += line.height()
        layout.endLayout()
    return height


def _inside(rect: QRect, index: Index) -> QRect:
    left = LARGE if index.column() == 0 else SMALL
    return rect.adjusted(left, TIGHT + 1, -SMALL, -TIGHT)


class WrappedTable(QTableView):
    """Shows a model whose ``shares`` say how the width is shared out.

    A model's ``shares()`` returns a number for each column: above 1 a width in pixels that is kept
    where there is room, else a part of what is left; 0 hides the column.
    """

    def __init__(self, *, name: str, accessible: str) -> None:
        super().__init__()
        identify(self, name, accessible)
        self.setItemDelegate(_Cells(self))
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
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
        if not isinstance(model, WrappedModel) or not model.rowCount():
            return
        width = self.viewport().width()
        model.narrow = width < metrics().scaled(_NARROW)
        shares = model.shares()
        fixed = [min(int(share), width // 3) if share > 1 else 0 for share in shares]
        rest = max(0, width - sum(fixed))
        parts = sum(share for share in shares if share <= 1) or 1
        for column, share in enumerate(shares):
            self.setColumnHidden(column, share == 0)
            if share:
                room = fixed[column] or int(rest * share / parts)
                self.setColumnWidth(column, room)
        self.resizeRowsToContents()


class WrappedModel(QAbstractTableModel):
    """What a WrappedTable shows.

    Attributes:
        narrow: there is little room; the table sets it before it asks for ``shares``.
    """

    narrow = False

    def shares(self) -> list[float]:
        """Return how the width is shared out; see WrappedTable."""
        raise NotImplementedError
