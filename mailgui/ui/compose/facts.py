"""Names and values below one another: what a handshake settled, a certificate, HTTP headers."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import MEDIUM, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.growing import grow

MOST = 300  # rows: more than any honest answer has headers


class FactsGrid(QWidget):
    """Rows of a quiet name and a value; long values are elided, whole in tool tip and on copy.

    ``mono``: the values came over a wire.
    """

    def __init__(
        self, *, name: str, accessible: str, mono: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._mono = mono
        self._grid = QGridLayout(self)
        pad(self._grid, 0, spacing=TIGHT)
        self._grid.setHorizontalSpacing(MEDIUM)
        self._grid.setColumnStretch(1, 1)
        self._widgets: list[QWidget] = []
        self._explain: Callable[[str], str] | None = None
        self.facts: tuple[tuple[str, str], ...] = ()

    def set_facts(
        self, facts: Iterable[tuple[str, str]], explain: Callable[[str], str] | None = None
    ) -> None:
        """Show these pairs in place of what was there; pairs without a value are left out.

        ``explain`` returns quiet words about a name, to stand below its value, or "".
        """
        self._explain = explain
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            forget(widget)
        self._widgets = []
        self.facts = tuple((visible(n), visible(v)) for n, v in facts if v)
        shown = self.facts[:MOST]
        if len(self.facts) > MOST:
            shown += (("…", f"{len(self.facts) - MOST:,} more"),)
        for row, (name, value) in enumerate(shown):
            self._add(2 * row, name, value)

    def _add(self, row: int, name: str, value: str) -> None:
        heading = ElidedLabel(name, token="secondary")
        grow(heading, partial(_bound, heading))
        heading.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        words = ElidedLabel(value, kind=Type.MONO if self._mono else Type.BODY)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words.setAccessibleName(f"{name}: {value}")
        self._grid.addWidget(heading, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(words, row, 1, Qt.AlignmentFlag.AlignVCenter)
        self._widgets += [heading, words]
        said = self._explain(name) if self._explain else ""
        if said:
            note = ElidedLabel(said, token="secondary", kind=Type.SMALL)
            note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            words.setAccessibleDescription(said)
            self._grid.addWidget(note, row + 1, 1, Qt.AlignmentFlag.AlignVCenter)
            self._widgets.append(note)


def heading(text: str) -> Label:
    """Return the heading of a part of a page."""
    return Label(text, kind=Type.STRONG)


def _bound(heading: ElidedLabel) -> None:
    heading.setMinimumWidth(metrics().scaled(84))
    heading.setMaximumWidth(metrics().scaled(200))
