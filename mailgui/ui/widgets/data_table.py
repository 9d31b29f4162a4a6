"""A table of things that people compare: sortable, to copy from, with pills where a cell judges."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.column_widths import share_out
from mailgui.ui.widgets.data_table_model import (
    CELL_ROLE,
    SORT_ROLE,
    Cell,
    Column,
    DataTableModel,
    Index,
    Row,
)
from mailgui.ui.widgets.painting import elide, paint_cell_focus, paint_pill, pill_size

_MEASURED = 200  # rows that a column's width follows
_LEAST = 88  # pixels that words keep at the usual size, where there is not room for all


class DataTable(QTableView):
    """Shows rows. The keys of rows say which one is meant, however it is sorted.

    Signals:
        chosen(object): another row is current; carries its key.
        opened(object): a row was double-clicked, or Enter pressed on it.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        name: str,
        accessible: str,
        several: bool = False,
        flush: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """``several``: more than one row can be selected. ``flush``: it fills its part of the
        page from edge to edge, without a frame; the words begin where those of the page do.
        """
        super().__init__(parent)
        identify(self, name, accessible)
        self.rows = DataTableModel(columns, self)
        self._air = LARGE - SMALL if flush else 0
        self._wanted: list[int] = []
        self._least: list[int] = []
        self._by_hand: set[int] = set()  # columns whose width a person chose
        self._fitting = False
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.rows)
        self._sorted.setSortRole(SORT_ROLE)
        self.setModel(self._sorted)
        self.setItemDelegate(_Delegate(self))
        self.setProperty("kind", "edge" if flush else "panel")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if several else mode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self._head()
        self.doubleClicked.connect(self._opened)

    @property
    def key(self) -> Any:
        """The current row's key, or None."""
        index = self._sorted.mapToSource(self.currentIndex())
        return self.rows.key(index.row()) if index.isValid() else None

    @property
    def keys(self) -> list[Any]:
        """The selected rows' keys, from the top."""
        picked = sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        return [self.rows.key(self._sorted.mapToSource(index).row()) for index in picked]

    def set_rows(self, rows: Iterable[Row], keys: Iterable[Any] = ()) -> None:
        """Show these rows in place of what was there; the current one stays if its key does."""
        current = self.key
        self.rows.set_rows(rows, keys)
        self.fit_columns()
        if current is not None:
            self.choose(current)

    def choose(self, key: Any) -> None:
        """Make the row with that key current, if there is one."""
        number = self.rows.row_of(key)
        if number is not None:
            index = self._sorted.mapFromSource(self.rows.index(number, 0))
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def sort_by(self, column: int, *, descending: bool = False) -> None:
        """Sort, and let the headings sort from now on."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.setSortingEnabled(True)
        self.sortByColumn(column, order)

    def fit_columns(self) -> None:
        """Give each column the width that its cells need, within its bound."""
        sizes = metrics()
        self.verticalHeader().setDefaultSectionSize(sizes.row + 2)
        head = sizes.measure(Type.SMALL)
        count = min(self.rows.rowCount(), _MEASURED)
        self._wanted, self._least = [], []
        for number, column in enumerate(self.rows.columns):
            cells = [self.rows.cell(n, number) for n in range(count)]
            heading = head.horizontalAdvance(f"{column.head} ▾") + LARGE + SMALL
            full = max([heading, *(cell_width(cell, column) + 2 * SMALL for cell in cells)])
            full = min(full, sizes.scaled(column.most))
            whole = column.right or any(cell.tone is not None for cell in cells)
            self._wanted.append(full)
            self._least.append(full if whole else max(heading, min(full, sizes.scaled(_LEAST))))
        self._wanted[0] += self._air
        self._least[0] += self._air
        self._share_out()

    @property
    def air(self) -> int:
        """What stands before the first column's words beside their usual margin, in pixels."""
        return self._air

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._share_out()  # before the scroll bars are set by it
        super().resizeEvent(event)

    def content_height(self) -> int:
        """Return the height at which all rows show without scrolling."""
        row = metrics().row + 2
        return self.horizontalHeader().sizeHint().height() + self.rows.rowCount() * row + 4

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "rows"):
            self.fit_columns()

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        super().currentChanged(current, previous)
        if current.isValid() and current.row() != previous.row():
            self.chosen.emit(self.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.key is not None:
            self.opened.emit(self.key)
        else:
            super().keyPressEvent(event)

    @Slot()
    def copy(self) -> None:
        """Copy the selected rows, cells with tabs between them."""
        picked = sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        lines = [
            "\t".join(
                str(index.siblingAtColumn(column).data() or "")
                for column in range(len(self.rows.columns))
            )
            for index in picked
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _head(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setMinimumSectionSize(16)
        header.setSectionsMovable(False)
        header.sortIndicatorChanged.connect(self.rows.show_sorting)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionResized.connect(self._resized)
        self.fit_columns()

    def _share_out(self) -> None:
        """Fit the columns into the width that there is; those that stretch share the rest."""
        room = self.viewport().width()
        wanted, least = list(self._wanted), list(self._least)
        for number in self._by_hand:
            wanted[number] = least[number] = self.columnWidth(number)
        widths = share_out(wanted, least, room)
        elastic = [
            number
            for number, column in enumerate(self.rows.columns)
            if column.stretch and number not in self._by_hand
        ]
        rest = max(0, room - sum(widths))
        for place, number in enumerate(elastic, start=1):
            widths[number] += rest // len(elastic) + (rest % len(elastic) if place == 1 else 0)
        self._fitting = True
        for number, width in enumerate(widths):
            self.setColumnWidth(number, width)
        self._fitting = False

    @Slot(int, int, int)
    def _resized(self, column: int, _before: int, _now: int) -> None:
        pressed = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if pressed and not self._fitting:
            self._by_hand.add(column)

    @Slot(QModelIndex)
    def _opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.key)

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        copying = menu.addAction(icon("copy"), "Copy rows", self.copy)
        copying.setEnabled(bool(self.selectionModel().selectedRows()))
        menu.exec(self.viewport().mapToGlobal(where))
        menu.deleteLater()


class _Delegate(QStyledItemDelegate):
    """Paints a cell as its column and its tone want it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell = index.data(CELL_ROLE) or Cell("")
        width = cell_width(cell, _column(index)) + 2 * SMALL
        return QSize(width, metrics().row + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self._paint_content(painter, option, index)
        paint_cell_focus(painter, option, index)

    @staticmethod
    def _paint_content(painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, sizes = tokens(), metrics()
        rect = QRect(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(table.selection))
        cell: Cell = index.data(CELL_ROLE) or Cell("")
        if not cell.text:
            return
        before = SMALL if index.column() else SMALL + _table(option).air
        inner = rect.adjusted(before, 0, -SMALL, 0)
        column = _column(index)
        if cell.tone is not None:
            size = pill_size(cell.text).boundedTo(QSize(inner.width(), rect.height() - 4))
            top = rect.top() + (rect.height() - size.height()) // 2
            paint_pill(
                painter,
                QRect(inner.left(), top, size.width(), size.height()),
                cell.text,
                cell.tone,
            )
            return
        kind = Type.MONO if column.mono else Type.BODY
        painter.setFont(sizes.font(kind))
        painter.setPen(QColor(table.text))
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        line = " ".join(cell.text.splitlines())
        shown = elide(line, sizes.measure(kind), inner.width())
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(inner, flags, shown)


def cell_width(cell: Cell, column: Column) -> int:
    """Return the width that a cell's content needs."""
    if cell.tone is not None:
        return pill_size(cell.text).width()
    kind = Type.MONO if column.mono else Type.BODY
    return metrics().measure(kind).horizontalAdvance(cell.text[:400]) + 1


def _table(option: QStyleOptionViewItem) -> DataTable:
    table = option.widget
    assert isinstance(table, DataTable)  # noqa: S101 - narrows the type
    return table


def _column(index: Index) -> Column:
    model = index.model()
    source = model.sourceModel() if isinstance(model, QSortFilterProxyModel) else model
    assert isinstance(source, DataTableModel)  # noqa: S101 - narrows the type
    return source.columns[index.column()]
