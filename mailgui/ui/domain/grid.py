"""A small table of words: a quiet heading, then rows; everything can be selected and copied."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import HUGE, LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.widgets.basics import Label, forget, hairline, identify, pad
from mailgui.ui.widgets.elided_label import ElidedLabel

_MOST = 60  # rows


class Grid(QFrame):
    """Rows of cells under headings; the columns in ``mono`` are what stands in the DNS."""

    def __init__(
        self, heads: Sequence[str], *, name: str, accessible: str, mono: Iterable[int] = ()
    ) -> None:
        super().__init__()
        identify(self, name, accessible)
        self.setProperty("kind", "card")
        self._heads, self._mono = tuple(heads), frozenset(mono)
        self._outer = QVBoxLayout(self)
        pad(self._outer, LARGE, MEDIUM, LARGE, MEDIUM)
        self._inner: QWidget | None = None
        self.rows: tuple[tuple[str, ...], ...] = ()

    def set_rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Show these rows; without any the grid is hidden."""
        self.rows = tuple(tuple(visible(cell) for cell in row) for row in rows)
        forget(self._inner)
        self._inner = QWidget()
        grid = QGridLayout(self._inner)
        pad(grid, 0)
        grid.setHorizontalSpacing(HUGE)
        grid.setVerticalSpacing(TIGHT + 2)
        for column, head in enumerate(self._heads):
            grid.addWidget(ElidedLabel(head, kind=Type.SMALL, token="secondary"), 0, column)
        grid.addWidget(hairline(), 1, 0, 1, len(self._heads))
        for number, row in enumerate(self.rows[:_MOST], start=2):
            self._add(grid, number, row)
        if len(self.rows) > _MOST:
            more = Label(f"… and {len(self.rows) - _MOST:,} more", tone="secondary")
            grid.addWidget(more, _MOST + 2, 0, 1, len(self._heads))
        grid.setColumnStretch(len(self._heads) - 1, 1)
        self._outer.addWidget(self._inner)
        self.setVisible(bool(self.rows))

    def _add(self, grid: QGridLayout, number: int, row: Sequence[str]) -> None:
        last = len(self._heads) - 1
        for column, cell in enumerate(row):
            label: QWidget
            if column in self._mono or column < last:  # long ones have nowhere to break
                label = ElidedLabel(cell, kind=Type.MONO if column in self._mono else Type.BODY)
            else:
                label = Label(cell, wrap=True, selectable=True)
            grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignTop)


def title(words: str) -> Label:
    """Return the quiet title above a part of a section."""
    label = Label(words, kind=Type.STRONG)
    label.setContentsMargins(0, SMALL, 0, 0)
    return label
