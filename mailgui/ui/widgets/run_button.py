"""The button that starts what takes a while, and cancels it as long as it runs."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from mailgui.ui.widgets.buttons import PrimaryButton


class RunButton(PrimaryButton):
    """Says what it starts, or Cancel.

    Signals:
        start_asked, cancel_asked: what it was pressed for.
    """

    start_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, text: str, hint: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(text, hint, name=name, parent=parent)
        self._usual = text, hint
        self._running = False
        self.clicked.connect(self._pressed)

    def set_running(self, running: bool) -> None:
        """Turn it into Cancel, or back into what it was."""
        self._running = running
        words, hint = ("Cancel", "Esc") if running else self._usual
        self.setText(words)
        self.setAccessibleName(words)
        self.set_hint(hint)

    @Slot()
    def _pressed(self) -> None:
        (self.cancel_asked if self._running else self.start_asked).emit()
