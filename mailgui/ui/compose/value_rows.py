"""Rows of one or two values to edit: metadata, addresses of files."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.basics import forget, identify, pad
from mailgui.ui.widgets.buttons import IconButton, LinkButton


class ValueRow(QWidget):
    """One row.

    Signals:
        changed: a value is another.
        remove_asked: it shall go.
    """

    changed = Signal()
    remove_asked = Signal()

    def __init__(self, columns: Sequence[str], values: Sequence[str], *, name: str) -> None:
        super().__init__()
        identify(self, name)
        layout = QHBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        self.fields: list[QLineEdit] = []
        for number, (words, value) in enumerate(zip(columns, values, strict=True)):
            field = QLineEdit()
            field.setProperty("type", "mono")
            field.setText(value)
            field.setCursorPosition(0)
            field.setPlaceholderText(words)
            identify(field, f"{name}-{number}", words)
            field.textChanged.connect(self.changed)
            self.fields.append(field)
            layout.addWidget(field, 2 if number == 0 and len(columns) > 1 else 3)
        remove = IconButton("close", "Remove this row", name=f"{name}-remove", edge=12)
        remove.clicked.connect(self.remove_asked)
        layout.addWidget(remove)

    @property
    def values(self) -> tuple[str, ...]:
        """What is written in it."""
        return tuple(field.text() for field in self.fields)


class ValueRows(QWidget):
    """Any number of rows, and the word that adds one.

    Signals:
        changed: the values are others.
    """

    changed = Signal()

    def __init__(self, columns: Sequence[str], add: str, *, name: str, accessible: str) -> None:
        super().__init__()
        identify(self, name, accessible)
        self._columns, self._name, self._made = tuple(columns), name, 0
        self.rows: list[ValueRow] = []
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        self._column = QVBoxLayout()
        pad(self._column, 0, spacing=SMALL)
        layout.addLayout(self._column)
        self.add_button = LinkButton(add, name=f"{name}-add", flush=True)
        self.add_button.clicked.connect(self._add_empty)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.add_button)

    def values(self) -> tuple[tuple[str, ...], ...]:
        """Return the values of the rows in which something is written."""
        return tuple(row.values for row in self.rows if any(row.values))

    def set_values(self, rows: Iterable[Sequence[str]]) -> None:
        """Show these rows, without telling that anything changed."""
        for row in self.rows:
            forget(row)
        self.rows = []
        for values in rows:
            self._add(values)

    @Slot()
    def _add_empty(self) -> None:
        self._add([""] * len(self._columns)).fields[0].setFocus()

    def _add(self, values: Sequence[str]) -> ValueRow:
        row = ValueRow(self._columns, values, name=f"{self._name}-{self._made}")
        self._made += 1
        row.changed.connect(self.changed)
        row.remove_asked.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._column.addWidget(row)
        return row

    def _remove(self, row: ValueRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        forget(row)
        self.add_button.setFocus()
        self.changed.emit()
