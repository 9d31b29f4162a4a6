"""A tab's body that fills its room, and scrolls only where its parts would be squeezed."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify, pad


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


class _Rows(QObject):
    """Keeps a widget at least so many rows high, whatever the size of type."""

    def __init__(self, widget: QWidget, rows: int) -> None:
        super().__init__(widget)
        self._widget, self._rows = widget, rows
        widget.installEventFilter(self)
        self._measure()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._measure()
        return False

    def _measure(self) -> None:
        self._widget.setMinimumHeight(self._rows * (metrics().row + 2))


def roomy(widget: QWidget, rows: int) -> None:
    """Give ``widget`` the height of ``rows`` rows at least."""
    _Rows(widget, rows)
