"""Copying, with a word that it happened."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from mailgui.ui.widgets.buttons import LinkButton

COPIED_MS = 1500


class CopyButton(LinkButton):
    """Copies what ``source`` returns, and says "Copied" for a moment. It keeps its width."""

    def __init__(
        self, source: Callable[[], str], *, name: str, what: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("Copy", name=name, parent=parent)
        self.setAccessibleName(f"Copy {what}")
        self._source = source
        self._timer = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._timer.timeout.connect(self._rest)
        self.clicked.connect(self._copy)
        self._keep_width()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._source())
        self.setText("Copied")
        self._timer.start()

    @Slot()
    def _rest(self) -> None:
        self.setText("Copy")

    def _keep_width(self) -> None:
        self.setText("Copied")
        self.ensurePolished()
        self.setMinimumWidth(self.sizeHint().width())
        self.setText("Copy")
