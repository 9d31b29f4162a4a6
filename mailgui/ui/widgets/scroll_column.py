"""A page's body that scrolls when it must: widgets below one another."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mailgui.ui.metrics import LARGE
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify, pad

_MOST_LEAST = 220  # pixels at the usual size of type


class ScrollColumn(QScrollArea):
    """Stacks widgets and scrolls them vertically; never sideways.

    Attributes:
        column: the layout to add to; a stretch keeps everything at the top.
    """

    def __init__(
        self,
        *,
        name: str,
        accessible: str,
        margins: tuple[int, int, int, int] = (LARGE, LARGE, LARGE, LARGE),
        spacing: int = LARGE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        body.setProperty("kind", "plain")
        outer = QVBoxLayout(body)
        pad(outer, *margins)
        self.column = QVBoxLayout()
        pad(self.column, 0, spacing=spacing)
        outer.addLayout(self.column)
        outer.addStretch(1)
        self._body: QWidget = body
        self.setWidget(body)

    def minimumSizeHint(self) -> QSize:
        width = self._body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(min(width, metrics().scaled(_MOST_LEAST)), super().minimumSizeHint().height())

    def content_height(self, width: int) -> int:
        """Return the height at which all shows without scrolling, this widget being so wide."""
        body = self._body
        return body.heightForWidth(width) if body.hasHeightForWidth() else body.sizeHint().height()

    def add(self, widget: QWidget) -> None:
        """Put ``widget`` below the others."""
        self.column.addWidget(widget)
