"""What both forms have: fields side by side, problems at the field, one signal for any change."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.check_box import CheckBox
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.field_rows import FormField
from mailgui.ui.widgets.inline_notice import InlineNotice


class Form(QWidget):
    """Fields below one another, known by a key.

    Signals:
        changed: the person changed something.
    """

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        identify(self, name)
        self.fields: dict[str, FormField] = {}
        self._prefix = name
        self.column = QVBoxLayout(self)
        pad(self.column, 0, spacing=MEDIUM)

    def line(
        self, key: str, label: str, *, hint: str = "", mono: bool = False, placeholder: str = ""
    ) -> FormField:
        """Return a field of one line."""
        entry = QLineEdit()
        identify(entry, f"{self._prefix}-{key}", label)
        if mono:
            entry.setProperty("type", "mono")
        entry.setPlaceholderText(placeholder)
        entry.textEdited.connect(lambda _text: self.edited(key))
        return self.register(key, FormField(label, entry, name=f"field-{key}", hint=hint))

    def file_line(self, key: str, label: str, *, placeholder: str = "a PEM file") -> FormField:
        """Return a field for a file's path, with a button to choose it by."""
        from mailgui.ui.dialogs import open_files

        field = self.line(key, label, mono=True, placeholder=placeholder)
        button = QuietButton("Choose…", name=f"{self._prefix}-{key}-choose")
        button.setAccessibleName(f"Choose: {label}")

        def choose() -> None:
            if chosen := open_files(self):
                self.set_text(key, str(chosen[0]))
                self.edited(key)

        button.clicked.connect(choose)
        line = QWidget()
        identify(line, f"{field.objectName()}-line")
        inside = QHBoxLayout(line)
        pad(inside, 0, spacing=SMALL)
        if (outer := field.layout()) is not None:
            outer.replaceWidget(field.field, line)
        inside.addWidget(field.field, 1)
        inside.addWidget(button)
        return field

    def choice(
        self, key: str, label: str, options: Sequence[tuple[str, str]], *, hint: str = ""
    ) -> FormField:
        """Return a choice among words."""
        button = ChoiceButton("", options, name=f"{self._prefix}-{key}", spoken=label)
        button.changed.connect(lambda _key: self.edited(key))
        return self.register(key, FormField(label, button, name=f"field-{key}", hint=hint))

    def tick(self, key: str, words: str) -> CheckBox:
        """Return a switch."""
        box = CheckBox(words, name=f"{self._prefix}-{key}")
        box.clicked.connect(lambda _on: self.edited(key))
        return box

    def row(self, *fields: tuple[QWidget, int]) -> None:
        """Put fields side by side, each with its share of the width."""
        line = QHBoxLayout()
        pad(line, 0, spacing=LARGE)
        for field, share in fields:
            line.addWidget(field, share, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(line)

    def text(self, key: str) -> str:
        """Return what stands in a field, without blanks at its ends."""
        field = self.fields[key].field
        return field.text().strip() if isinstance(field, QLineEdit) else ""

    def set_text(self, key: str, value: str) -> None:
        """Put a value into a field."""
        field = self.fields[key].field
        if isinstance(field, QLineEdit):
            field.setText(value)
            field.setCursorPosition(0)

    def chosen(self, key: str) -> str:
        """Return the key of what is chosen."""
        field = self.fields[key].field
        return field.key if isinstance(field, ChoiceButton) else ""

    def set_chosen(self, key: str, value: str) -> None:
        """Choose; unknown keys are ignored."""
        field = self.fields[key].field
        if isinstance(field, ChoiceButton):
            field.set_key(value)

    def show_problems(self, problems: dict[str, str]) -> None:
        """Say at each field what is wrong with it, and go to the first."""
        for key, field in self.fields.items():
            field.set_problem(problems.get(key, ""))
        first = next((key for key in self.fields if key in problems), "")
        if first:
            self.fields[first].field.setFocus()

    def seconds(self, key: str, problems: dict[str, str]) -> float:
        """Return a number of seconds, or note what is wrong with it."""
        try:
            value = float(self.text(key).replace(",", "."))
        except ValueError:
            value = 0.0
        if not 0 < value <= 3600:
            problems[key] = "Give seconds, from 1 to 3600."
        return value

    def whole(self, key: str, most: int, problems: dict[str, str]) -> int:
        """Return a whole number up to ``most``, or note what is wrong; an empty field is 0."""
        text = self.text(key) or "0"
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= most):
            problems[key] = f"From 0 to {most:,}."
            return 0
        return int(text)

    def register(self, key: str, field: FormField) -> FormField:
        """Know a field by its key."""
        self.fields[key] = field
        return field

    def edited(self, key: str) -> None:
        """Take note that the person changed a field; what was wrong with it is no longer said."""
        if key in self.fields and self.fields[key].problem:
            self.fields[key].set_problem("")
        self.changed.emit()


class Warned(QWidget):
    """A switch and the plain warning that stands below it while it is ``when``."""

    def __init__(self, box: CheckBox, warning: str, *, when: bool, name: str) -> None:
        super().__init__()
        identify(self, name)
        self._box, self._when, self._warning = box, when, warning
        self.notice = InlineNotice(name=f"{name}-warning")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(box)
        layout.addWidget(self.notice)
        box.toggled.connect(lambda _on: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the warning where it applies."""
        applies = self._box.isChecked() is self._when
        self.notice.say(self._warning if applies else "", Tone.ATTENTION)


def trim(number: float) -> str:
    """Return a number of seconds without a needless fraction."""
    return f"{number:g}"


def form_width() -> int:
    """Return how wide a form gets at most."""
    return metrics().scaled(640)
