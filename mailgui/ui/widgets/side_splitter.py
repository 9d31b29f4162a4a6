"""A list at the left and its detail at the right, which keeps the larger part."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from mailgui.ui.theme import metrics

_LARGEST_SHARE, _LARGEST_NEED = 0.36, 0.42


class SideSplitter(QSplitter):
    """Gives the list its usual width, but never so much that the detail gets cramped.

    Once a person has moved the handle, it stays where it was put.
    """

    def __init__(self, side: QWidget, detail: QWidget, *, usual: int) -> None:
        """``usual`` is the list's width in pixels at the usual size of type."""
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self._side, self._usual = side, usual
        self._moved = False
        side.setMinimumWidth(1)  # the share decides, not the longest line
        self.addWidget(side)
        self.addWidget(detail)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(self._was_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._moved:
            width = self.width()
            side = min(metrics().scaled(self._usual), int(width * _LARGEST_SHARE))
            # A little more where that keeps it from being cut.
            side = max(side, min(self._side.minimumSizeHint().width(), int(width * _LARGEST_NEED)))
            self.setSizes([side, width - side])

    def _was_moved(self) -> None:
        self._moved = True
