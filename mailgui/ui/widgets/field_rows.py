"""Fields with their labels: rows of a message's head, and fields of a form."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.metrics import LARGE, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, identify, pad, set_flag


class FieldRow(QFrame):
    """A label, a field and quiet words at the right, above a hairline: From, To, Subject.

    Attributes:
        label: its accessible buddy is the field.
    """

    def __init__(
        self,
        label: str,
        field: QWidget,
        *trailing: QWidget,
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name)
        self.setProperty("kind", "row")
        layout = QHBoxLayout(self)
        pad(layout, LARGE, TIGHT, LARGE, TIGHT, spacing=SMALL)
        self.label = Label(label, tone="secondary")
        self.label.setBuddy(field)
        layout.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(field, 1)
        self._end = QWidget(self)
        end = QHBoxLayout(self._end)
        pad(end, 0)
        for widget in trailing:
            end.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._end.setVisible(bool(trailing))
        layout.addWidget(self._end, 0, Qt.AlignmentFlag.AlignTop)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def _measure(self) -> None:
        sizes = metrics()
        self.label.setMinimumSize(sizes.scaled(58), sizes.line() + 14)
        self._end.setMinimumHeight(sizes.line() + 14)
        self.setMinimumHeight(sizes.control + 4)


class FormField(QWidget):
    """A field of a form: label above, a hint below, and in its place what is wrong.

    Attributes:
        field: the widget that takes the value.
    """

    def __init__(
        self,
        label: str,
        field: QWidget,
        *,
        name: str,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name)
        self.field = field
        self._hint = hint
        self._accessible = field.accessibleName() or label
        if not field.accessibleName():
            field.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=TIGHT)
        words = Label(label)
        words.setBuddy(field)
        self._below = Label(hint, kind=Type.SMALL, tone="secondary", wrap=True)
        self._below.setVisible(bool(hint))
        if label:
            layout.addWidget(words)
        layout.addWidget(field)
        layout.addWidget(self._below)
        field.setAccessibleDescription(hint)

    def set_hint(self, hint: str) -> None:
        """Change the hint."""
        self._hint = hint
        self.set_problem("")

    def set_problem(self, sentence: str) -> None:
        """Say what is wrong with the value; an empty sentence says that nothing is."""
        set_flag(self.field, "problem", "true" if sentence else "false")
        self._below.set_tone("broken" if sentence else "secondary")
        self._below.setText(f"✕ {sentence}" if sentence else self._hint)
        self._below.setVisible(bool(sentence or self._hint))
        self.field.setAccessibleDescription(sentence or self._hint)

    @property
    def problem(self) -> str:
        """What is wrong, or an empty string."""
        return "" if self._below.property("tone") != "broken" else self._below.text()[2:]
