"""Rows for a DataTable: cells of plain text, some with a tone, each with what it sorts by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mailgui.transcript import visible
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import tip

Index = QModelIndex | QPersistentModelIndex
CELL_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        head: its heading; ``words`` what that means, for the tool tip.
        mono: what came over a wire or stands in the DNS; ``right``: numbers.
        stretch: takes the room that is left, or shares it with others that have this.
        most: the widest it gets by itself, in pixels of the usual size.
    """

    head: str
    mono: bool = False
    right: bool = False
    stretch: bool = False
    most: int = 320
    words: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value.

    Attributes:
        text: may be a stranger's: control characters are made visible here.
        tone: drawn as a pill in that tone.
        sort: what it sorts by, where that is not its text; all of a column must compare.
        more: further words for the tool tip.
    """

    text: str
    tone: Tone | None = None
    sort: Any = None
    more: str = ""


Row = Sequence[Cell | str]


class DataTableModel(QAbstractTableModel):
    """Holds rows; the key of a row is whatever its owner gave it."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[tuple[Cell, ...]] = []
        self._keys: list[Any] = []
        self._sorted: tuple[int, str] = (-1, "")

    def show_sorting(self, column: int, order: Qt.SortOrder) -> None:
        """Mark the column that the rows are sorted by, and which way."""
        down = order is Qt.SortOrder.DescendingOrder
        self._sorted = (column, " ▾" if down else " ▴")
        last = len(self.columns) - 1
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    def set_rows(self, rows: Iterable[Row], keys: Iterable[Any] = ()) -> None:
        """Show these rows in place of what was there; without keys a row's number is its key."""
        self.beginResetModel()
        self._rows = [tuple(_cell(value) for value in row) for row in rows]
        self._keys = list(keys) or list(range(len(self._rows)))
        self.endResetModel()

    def add_rows(self, rows: Iterable[Row], keys: Iterable[Any]) -> None:
        """Add rows at the end, all at once."""
        made = [tuple(_cell(value) for value in row) for row in rows]
        if not made:
            return
        number = len(self._rows)
        self.beginInsertRows(_NOWHERE, number, number + len(made) - 1)
        self._rows += made
        self._keys += keys
        self.endInsertRows()

    def set_row(self, number: int, row: Row) -> None:
        """Change the row at ``number``."""
        self._rows[number] = tuple(_cell(value) for value in row)
        last = len(self.columns) - 1
        self.dataChanged.emit(self.index(number, 0), self.index(number, last))

    def cell(self, row: int, column: int) -> Cell:
        """Return one cell; an empty one where the row is short."""
        cells = self._rows[row]
        return cells[column] if column < len(cells) else Cell("")

    def key(self, row: int) -> Any:
        """Return a row's key."""
        return self._keys[row]

    def row_of(self, key: Any) -> int | None:
        """Return the number of the row with that key, or None."""
        return self._keys.index(key) if key in self._keys else None

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == CELL_ROLE:
            return cell
        if role == SORT_ROLE:
            return cell.text.casefold() if cell.sort is None else cell.sort
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip("\n".join(filter(None, (cell.text, cell.more))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.columns[index.column()].head}: {cell.text}"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            by, mark = self._sorted
            return f"{column.head}{mark}" if section == by else column.head
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.words)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _cell(value: Cell | str) -> Cell:
    if isinstance(value, str):
        return Cell(visible(value))
    return Cell(
        visible(value.text), value.tone, value.sort, visible(value.more, keep_newlines=True)
    )
