"""Asks for a password or key where the work is, not in a dialog."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.compose.sending import SecretWanted
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton, QuietButton
from mailgui.ui.widgets.panel import Panel


class SecretPrompt(Panel):
    """A field for a secret, whether to remember it, and where it would be kept.

    Signals:
        entered(str, str, bool): what it is called, its value, whether to remember it.
        dismissed: the person does not want to.
    """

    entered = Signal(str, str, bool)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Tone.INFO, parent=parent)
        identify(self, "secret-prompt")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._label = ""
        self._sentence = Label(kind=Type.STRONG, wrap=True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        identify(self.field, "secret", "Password or key")
        self.remember = QCheckBox("Remember")
        identify(self.remember, "secret-remember", "Remember")
        self._where = Label(kind=Type.SMALL, wrap=True)
        self._go = QuietButton("Continue", name="secret-continue")
        self._cancel = LinkButton("Not now", name="secret-dismiss")
        layout = QVBoxLayout(self)
        pad(layout, LARGE - 2, MEDIUM, LARGE - 2, MEDIUM, spacing=SMALL)
        layout.addWidget(self._sentence)
        line = QHBoxLayout()
        pad(line, 0, spacing=SMALL)
        line.addWidget(self.field, 1)
        line.addWidget(self._go)
        line.addWidget(self._cancel)
        layout.addLayout(line)
        layout.addWidget(self.remember)
        layout.addWidget(self._where)
        self._go.clicked.connect(self._enter)
        self.field.returnPressed.connect(self._enter)
        self.field.textChanged.connect(lambda text: self._go.setEnabled(bool(text)))
        self._cancel.clicked.connect(self.dismiss)
        self.hide()

    def ask(self, wanted: SecretWanted) -> None:
        """Ask for a secret."""
        self._label = wanted.label
        label = visible(wanted.label)
        self._sentence.setText(visible(wanted.sentence))
        self.field.clear()
        self.field.setPlaceholderText(label[:1].upper() + label[1:])
        self.field.setAccessibleName(label)
        keyring = wanted.keeping.kind == "keyring"
        self.remember.setText("Remember" if keyring else "Remember until MailGUI is closed")
        self.remember.setAccessibleName(self.remember.text())
        self.remember.setChecked(True)
        self._where.setText(visible(wanted.keeping.sentence))
        self.remember.setAccessibleDescription(wanted.keeping.sentence)
        self._go.setEnabled(False)
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def dismiss(self) -> None:
        """Ask no more."""
        if not self.isHidden():
            self.field.clear()
            self.hide()
            self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _enter(self) -> None:
        value = self.field.text()
        if value:
            self.field.clear()
            self.hide()
            self.entered.emit(self._label, value, self.remember.isChecked())
