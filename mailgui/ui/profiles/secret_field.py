"""A field for a secret: what is kept is never shown, only that it is."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton


class SecretField(QWidget):
    """Takes a secret, or says that one is stored.

    Signals:
        changed: something was entered, or the stored one is to be forgotten.
    """

    changed = Signal()

    def __init__(self, label: str, *, name: str) -> None:
        super().__init__()
        identify(self, name, label)
        self._label = label
        self._stored = self._forget = self._replacing = False
        self.entry = QLineEdit()
        self.entry.setEchoMode(QLineEdit.EchoMode.Password)
        identify(self.entry, f"{name}-entry", label)
        self._state = Label("", name=f"{name}-state")
        self.replace = LinkButton("Replace", name=f"{name}-replace")
        self.forget = LinkButton("Forget", name=f"{name}-forget")
        self.undo = LinkButton("Keep it", name=f"{name}-keep")
        for button in (self.replace, self.forget, self.undo):
            button.setAccessibleName(f"{button.text()}: {label}")
        layout = QHBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        layout.addWidget(self.entry, 1)
        layout.addWidget(self._state, 1)
        for button in (self.replace, self.forget, self.undo):
            layout.addWidget(button)
        self.setFocusProxy(self.entry)
        self.entry.textEdited.connect(lambda _text: self.changed.emit())
        self.replace.clicked.connect(self._replace)
        self.forget.clicked.connect(self._forget_it)
        self.undo.clicked.connect(self._undo)
        self._show()

    @property
    def stored(self) -> bool:
        """Whether one is kept."""
        return self._stored

    @property
    def value(self) -> str | None:
        """What was entered; "" to forget the stored one; None to leave things as they are."""
        if self._forget:
            return ""
        return self.entry.text() or None

    @property
    def words(self) -> str:
        """What it says in place of the secret."""
        return self._state.text()

    def set_stored(self, stored: bool) -> None:
        """Begin anew: say whether one is kept."""
        self._stored, self._forget, self._replacing = stored, False, False
        self.entry.clear()
        self._show()

    @Slot()
    def _replace(self) -> None:
        self._replacing = True
        self._show()
        self.entry.setFocus()

    @Slot()
    def _forget_it(self) -> None:
        self._forget = True
        self._show()
        self.undo.setFocus()
        self.changed.emit()

    @Slot()
    def _undo(self) -> None:
        self._forget = self._replacing = False
        self.entry.clear()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        entering = not self._stored or self._replacing
        self.entry.setVisible(entering)
        self._state.setVisible(not entering)
        self._state.setText("Will be forgotten when you save" if self._forget else "✓ Stored")
        self._state.set_tone("attention" if self._forget else "pass")
        calm = self._stored and not entering and not self._forget
        self.replace.setVisible(calm)
        self.forget.setVisible(calm)
        self.undo.setVisible(self._stored and not calm)
