"""The events of a conversation as a table: time, difference, sign, text."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mailgui.transcript import Direction, Event
from mailgui.ui.widgets.basics import tip
from mailgui.ui.widgets.formatting import milliseconds

Index = QModelIndex | QPersistentModelIndex
EVENT_ROLE = Qt.ItemDataRole.UserRole
_LONGEST_LINE = 2000
_NO_INDEX = QModelIndex()

_SPOKEN = {
    Direction.SENT: "sent",
    Direction.RECEIVED: "received",
    Direction.INFO: "remark",
    Direction.ERROR: "error",
}


class Column(IntEnum):
    """The table's columns."""

    TIME = 0
    DIFFERENCE = 1
    SIGN = 2
    TEXT = 3


class TranscriptModel(QAbstractTableModel):
    """Holds all events and shows those that the filter lets through.

    The filter lives here and not in a proxy: with 100,000 rows a proxy costs more than the table.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: list[Event] = []
        self._needle = ""
        self._shown: list[int] | None = None  # positions in _events; None stands for all

    @property
    def events(self) -> Sequence[Event]:
        """Every event, filtered or not."""
        return self._events

    def append(self, events: Iterable[Event]) -> None:
        """Add events at the end, in one step."""
        new = list(events)
        if not new:
            return
        first = len(self._events)
        if self._shown is None:
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._events += new
            self.endInsertRows()
            return
        self._events += new
        hits = [first + n for n, event in enumerate(new) if self._passes(event)]
        if hits:
            row = len(self._shown)
            self.beginInsertRows(QModelIndex(), row, row + len(hits) - 1)
            self._shown += hits
            self.endInsertRows()

    def set_events(self, events: Sequence[Event]) -> None:
        """Show these events. When they are the same ones, judged anew, nothing moves."""
        if len(events) == len(self._events) and self._shown is None:
            self._events = list(events)
            if self._events:
                last = self.index(len(self._events) - 1, Column.TEXT)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._events = list(events)
        self._shown = self._search()
        self.endResetModel()

    def clear(self) -> None:
        """Forget every event."""
        self.beginResetModel()
        self._events = []
        self._shown = self._search()
        self.endResetModel()

    def set_filter(self, needle: str) -> None:
        """Show only events with ``needle`` in their text, whatever the case; "" shows all."""
        if needle.lower() == self._needle:
            return
        self.beginResetModel()
        self._needle = needle.lower()
        self._shown = self._search()
        self.endResetModel()

    def event_at(self, row: int) -> Event:
        """Return the event in a row."""
        return self._events[self._position(row)]

    def row_of(self, position: int) -> int | None:
        """Return the row that shows the event at ``position`` among all, or None."""
        if self._shown is None:
            return position if position < len(self._events) else None
        row = bisect_left(self._shown, position)
        return row if row < len(self._shown) and self._shown[row] == position else None

    def position_of(self, row: int) -> int:
        """Return where among all events the one in ``row`` stands."""
        return self._position(row)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        if parent.isValid():
            return 0
        return len(self._events) if self._shown is None else len(self._shown)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        position = self._position(index.row())
        event = self._events[position]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(index.column(), position, event)
        if role == EVENT_ROLE:
            return event
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(event.text) if index.column() == Column.TEXT else tip(spoken(event))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(event)
        return None

    def _words(self, column: int, position: int, event: Event) -> str:
        if column == Column.TEXT:
            return event.text[:_LONGEST_LINE]
        if column == Column.TIME:
            return milliseconds(event.at) + ("" if position else " ms")
        if column == Column.DIFFERENCE:
            before = self._events[position - 1].at if position else event.at
            passed = milliseconds(max(0.0, event.at - before))
            return "" if passed == "0.0" else f"+{passed}"
        return ""

    def _position(self, row: int) -> int:
        return row if self._shown is None else self._shown[row]

    def _passes(self, event: Event) -> bool:
        return self._needle in event.text.lower()

    def _search(self) -> list[int] | None:
        if not self._needle:
            return None
        return [n for n, event in enumerate(self._events) if self._passes(event)]


def spoken(event: Event) -> str:
    """Return an event as a screen reader says it."""
    parts = [_SPOKEN[event.direction]]
    if event.tls:
        parts.append("inside TLS")
    if event.expected is False:
        parts.append("not what was due")
    return f"{', '.join(parts)}: {event.text[:_LONGEST_LINE]}"
