"""The tab Code: the draft as a program in a language of the person's choice."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.jobs.code import KINDS, CodeKind
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import ToolWord
from mailgui.ui.widgets.check_box import CheckBox
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset

_WARNING = "The secret stands in this code. Keep it out of files that others can read."


class CodeTab(QWidget):
    """Shows code, or why there is none.

    Attributes:
        kind: which code, ``inline`` the check box that has the secret written out.
        code: the view; ``octets`` what Save writes.

    Signals:
        changed: another language was chosen, or the check box was set.
        save_asked: the code is wanted as a file.
    """

    changed = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "code-tab")
        options = [(kind.value, words.label) for kind, words in KINDS.items()]
        self.choice = ChoiceButton("Code for", options, name="code-kind", small=True)
        self.inline = CheckBox("With secret", name="code-inline")
        self.inline.setToolTip(tip("Write the password or key itself into the code"))
        self.inline.setAccessibleName("Write the secret into the code")
        self.save = ToolWord(
            "Save…", name="code-save", icon_name="save", words="Save the code as a file"
        )
        self.copy = CopyButton(self.text, name="code-copy", what="the code")
        self.notice = InlineNotice(name="code-notice")
        self.code = CodeView(name="code-text", accessible="The code", language="shell")
        self._empty = EmptyState(
            "file", "No code of this", "Choose another language or profile.", name="code-empty"
        )
        self._text = ""
        self._lay_out()
        self.choice.changed.connect(lambda _key: self.changed.emit())
        self.inline.toggled.connect(lambda _on: self.changed.emit())
        self.save.clicked.connect(self.save_asked)

    @property
    def kind(self) -> CodeKind:
        """Which code is wanted."""
        return CodeKind(self.choice.key)

    def text(self) -> str:
        """Return the code, whole and as it was made."""
        return self._text

    def show_code(self, text: str, kind: CodeKind, *, inline: bool) -> None:
        """Show code; the place that is looked at stays where it can."""
        self.notice.say(_WARNING if inline else "", Tone.ATTENTION)
        self._stack.setCurrentIndex(0)
        self._enable(True)
        if text == self._text:
            return
        self._text = text
        place = self.code.verticalScrollBar().value()
        self.code.set_language(KINDS[kind].language)
        self.code.set_text(visible(text.replace("\r\n", "\n"), keep_newlines=True))
        self.code.verticalScrollBar().setValue(place)

    def show_problem(self, title: str, sentence: str) -> None:
        """Say why there is no code."""
        self._text = ""
        self.notice.clear()
        self._empty.set_words(title, visible(sentence))
        self._stack.setCurrentIndex(1)
        self._enable(False)

    def _enable(self, usable: bool) -> None:
        for button in (self.save, self.copy):
            button.setEnabled(usable)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = QFrame()
        strip.setProperty("kind", "row")
        line = QHBoxLayout(strip)
        pad(line, LARGE, SMALL, LARGE - 4, SMALL, spacing=SMALL)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        flow.addWidget(self.choice)
        flow.addWidget(self.inline)
        line.addWidget(left, 1)
        line.addWidget(self.save)
        line.addWidget(self.copy)
        layout.addWidget(strip)
        layout.addWidget(Inset(self.notice, LARGE, SMALL, LARGE, SMALL))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.code)
        self._stack.addWidget(self._empty)
        layout.addWidget(self._stack, 1)
