"""Words with buttons beside them; where that leaves the words too little room, below them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import pad

_LEAST_WORDS = 250  # pixels at the usual size of type


class Beside(QWidget):
    """Holds a layout of words, and the buttons that belong to it."""

    def __init__(
        self,
        words: QLayout,
        *buttons: QWidget,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignTop,
    ) -> None:
        """``buttons`` may be rows of them; ``align``: how they stand beside the words."""
        super().__init__()
        self._buttons = buttons
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        pad(self._box, 0, spacing=SMALL)
        self._box.addLayout(words, 1)
        for button in buttons:
            self._box.addWidget(button, 0, align | Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        # A button came, went, or has other words or type.
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        shown = [button for button in self._buttons if not button.isHidden()]
        taken = sum(button.sizeHint().width() + LARGE for button in shown)
        narrow = bool(shown) and self.width() - taken < metrics().scaled(_LEAST_WORDS)
        directions = QBoxLayout.Direction
        wanted = directions.TopToBottom if narrow else directions.LeftToRight
        if self._box.direction() is not wanted:
            self._box.setDirection(wanted)
