"""The steps of a dialogue as rows, which may be moved, taken away, added and written anew."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from mailgui.smtp.step_words import line_of, misplaced, purpose, title
from mailgui.smtp.steps import Line, Step
from mailgui.ui.widgets.basics import tip

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_ROLE = Qt.ItemDataRole
STEP_ROLE = _ROLE.UserRole
"""A Row: what a delegate draws."""


class Row:
    """What there is to see of one step."""

    __slots__ = ("number", "objection", "own", "purpose", "title")

    def __init__(self, number: int, step: Step, objection: str) -> None:
        self.number = number
        self.title = title(step)
        self.purpose = purpose(step)
        self.objection = objection
        self.own = isinstance(step, Line)

    @property
    def spoken(self) -> str:
        """The row in one sentence, for a screen reader."""
        parts = (f"{self.number}. {self.title}", self.purpose, self.objection)
        return ", ".join(part for part in parts if part)


class StepModel(QAbstractListModel):
    """An order of steps. Lines of a person's own can be edited in place.

    Signals:
        edited: the person changed the order or a line.
    """

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: list[Step] = []
        self._rows: list[Row] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps as they stand."""
        return tuple(self._steps)

    @property
    def objections(self) -> int:
        """How many of them stand where they are not expected."""
        return sum(bool(row.objection) for row in self._rows)

    def show_steps(self, steps: Iterable[Step]) -> None:
        """Show other steps; this is no edit."""
        self.beginResetModel()
        self._steps = list(steps)
        self._describe()
        self.endResetModel()

    def insert(self, place: int, steps: Iterable[Step]) -> None:
        """Put steps before the one at ``place``."""
        new = list(steps)
        if new:
            self.beginInsertRows(_NO_INDEX, place, place + len(new) - 1)
            self._steps[place:place] = new
            self._describe()
            self.endInsertRows()
            self._told()

    def take(self, place: int) -> None:
        """Take a step away."""
        self.beginRemoveRows(_NO_INDEX, place, place)
        del self._steps[place]
        self._describe()
        self.endRemoveRows()
        self._told()

    def move(self, place: int, by: int) -> bool:
        """Move a step up (-1) or down (1); returns whether there was room."""
        to = place + by
        if not (0 <= place < len(self._steps) and 0 <= to < len(self._steps)):
            return False
        self.beginMoveRows(_NO_INDEX, place, place, _NO_INDEX, to + 1 if by > 0 else to)
        self._steps.insert(to, self._steps.pop(place))
        self._describe()
        self.endMoveRows()
        self._told()
        return True

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._steps)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == STEP_ROLE:
            return row
        if role in (_ROLE.DisplayRole, _ROLE.EditRole):
            return row.title
        if role == _ROLE.AccessibleTextRole:
            return row.spoken
        if role == _ROLE.ToolTipRole:
            return tip(row.spoken)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        own = index.isValid() and self._rows[index.row()].own
        return usual | Qt.ItemFlag.ItemIsEditable if own else usual

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        if role != _ROLE.EditRole or not self._rows[index.row()].own:
            return False
        try:
            step = line_of(str(value))
        except ValueError:
            return False
        if step != self._steps[index.row()]:
            self._steps[index.row()] = step
            self._describe()
            self._told()
        return True

    def _describe(self) -> None:
        objections = misplaced(tuple(self._steps))
        self._rows = [
            Row(place + 1, step, objections.get(place, ""))
            for place, step in enumerate(self._steps)
        ]

    def _told(self) -> None:
        # Numbers and objections of the others have changed too.
        if self._steps:
            self.dataChanged.emit(self.index(0), self.index(len(self._steps) - 1))
        self.edited.emit()
