"""A tab's body that fills its room, and scrolls only where its parts would be squeezed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.growing import grow


class TallArea(QScrollArea):
    """Stacks widgets; those with a stretch share the height that is left."""

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        body.setProperty("kind", "plain")
        self._column = QVBoxLayout(body)
        pad(self._column, 0)
        self.setWidget(body)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put ``widget`` below the others."""
        self._column.addWidget(widget, stretch)


def roomy(widget: QWidget, rows: int) -> None:
    """Give ``widget`` the height of ``rows`` rows at least, whatever the size of type."""
    grow(widget, lambda: widget.setMinimumHeight(rows * (metrics().row + 2)))
