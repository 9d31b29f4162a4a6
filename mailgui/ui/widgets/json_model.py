"""A JSON document as a tree model that makes its rows only when they are looked at."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mailgui.ui.widgets.basics import tip
from mailgui.ui.widgets.json_document import Path, child, plain, size, words

Index = QModelIndex | QPersistentModelIndex
NODE_ROLE = Qt.ItemDataRole.UserRole
STEP = 500
_LONGEST_TIP = 2000
_NO_INDEX = QModelIndex()


class Node:
    """One row: a key, a value, and the rows below that were asked for so far."""

    __slots__ = ("children", "key", "parent", "row", "value")

    def __init__(self, key: str | int | None, value: Any, parent: "Node | None", row: int) -> None:
        self.key = key
        self.value = value
        self.parent = parent
        self.row = row
        self.children: list[Node] = []

    def path(self) -> Path:
        """Return the rows that lead here."""
        rows: list[int] = []
        node = self
        while node.parent is not None:
            rows.append(node.row)
            node = node.parent
        return tuple(reversed(rows))


class JsonModel(QAbstractItemModel):
    """Rows come in steps of 500, so that a list of a million costs nothing until it is scrolled.

    Attributes:
        single: the document is one value without members, shown in a row of its own.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = Node(None, None, None, 0)
        self.single = False

    def set_value(self, value: Any) -> None:
        """Show another document."""
        before = self.root  # outlives the reset, since indexes point into it
        self.beginResetModel()
        self.root = Node(None, value, None, 0)
        self.single = size(value) == 0
        if self.single:
            self.root.value = [value]
        self._grow(self.root, STEP)
        self.endResetModel()
        del before

    def node(self, index: Index) -> Node:
        """Return the row behind an index; the root for an invalid one."""
        if not index.isValid():
            return self.root
        node = index.internalPointer()
        return node if isinstance(node, Node) else self.root

    def index_of(self, path: Path) -> QModelIndex:
        """Return the index of a path, making rows as far as it needs."""
        index = QModelIndex()
        for row in path:
            while row >= self.rowCount(index) and self.canFetchMore(index):
                self.fetchMore(index)
            index = self.index(row, 0, index)
        return index

    def index(self, row: int, column: int, parent: Index = _NO_INDEX) -> QModelIndex:
        node = self.node(parent)
        if column or not 0 <= row < len(node.children):
            return QModelIndex()
        return self.createIndex(row, column, node.children[row])

    def parent(self, index: Index = _NO_INDEX) -> Any:
        above = self.node(index).parent if index.isValid() else None
        if above is None or above.parent is None:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return len(self.node(parent).children)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 1

    def hasChildren(self, parent: Index = _NO_INDEX) -> bool:  # noqa: N802 - Qt's name
        return size(self.node(parent).value) > 0

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        node = self.node(parent)
        return len(node.children) < size(node.value)

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        node = self.node(parent)
        first = len(node.children)
        more = min(STEP, size(node.value) - first)
        if more > 0:
            where = QModelIndex() if node is self.root else self.createIndex(node.row, 0, node)
            self.beginInsertRows(where, first, first + more - 1)
            self._grow(node, more)
            self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == NODE_ROLE:
            return node
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words(node.value) if node.key is None else f"{node.key}: {words(node.value)}"
        if role == Qt.ItemDataRole.ToolTipRole and not isinstance(node.value, list):
            return tip(plain(node.value)[:_LONGEST_TIP])
        return None

    def _grow(self, node: Node, count: int) -> None:
        first = len(node.children)
        for row in range(first, min(first + count, size(node.value))):
            key: str | int | None
            key, value = child(node.value, row)
            if self.single and node is self.root:
                key = None
            node.children.append(Node(key, value, node, row))
