"""A section's tables, one below the other."""

from collections.abc import Iterable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.ui.domain.facts import Table
from mailgui.ui.domain.grid import Grid, title
from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.basics import forget, identify, pad


class FactsPanel(QWidget):
    """Shows tables.

    Attributes:
        grids: those that are shown, by name.
    """

    def __init__(self) -> None:
        super().__init__()
        identify(self, "facts-panel")
        self.grids: dict[str, Grid] = {}
        self._tables: tuple[Table, ...] = ()
        self._widgets: list[QWidget] = []
        self._column = QVBoxLayout(self)
        pad(self._column, 0, spacing=SMALL)

    def show_tables(self, tables: Iterable[Table]) -> None:
        """Show these; without any the panel is hidden."""
        tables = tuple(tables)
        self.setVisible(bool(tables))
        if tables == self._tables:
            return
        for widget in self._widgets:
            forget(widget)
        self._tables, self._widgets, self.grids = tables, [], {}
        for table in tables:
            grid = Grid(table.heads, name=table.name, accessible=table.title, mono=table.mono)
            grid.set_rows(table.rows)
            self.grids[table.name] = grid
            self._widgets += [title(table.title), grid]
        for widget in self._widgets:
            self._column.addWidget(widget)
