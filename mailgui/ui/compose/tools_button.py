"""The menu beside Send: the tools of the page, and what direct sending applies."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from mailgui.ui.widgets.buttons import MenuButton

MANY_KEYS, MATRIX_KEYS, CODE_KEYS = "Ctrl+Shift+M", "Ctrl+Shift+X", "Ctrl+Shift+L"
CONSOLE_KEYS, STEPS_KEYS = "Ctrl+Shift+K", "Ctrl+Shift+E"


class ToolsButton(MenuButton):
    """Opens the menu.

    Signals:
        console_asked, steps_asked, many_asked, matrix_asked, code_asked: one of them is wanted.
        policies_changed(bool, bool): whether to apply MTA-STS, and DANE.
    """

    console_asked = Signal()
    steps_asked = Signal()
    many_asked = Signal()
    matrix_asked = Signal()
    code_asked = Signal()
    policies_changed = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tools", name="compose-tools", parent=parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        # The keys are the page's: in the menu they are only words.
        self.console = self._menu.addAction(
            _with("Type SMTP by hand…", CONSOLE_KEYS), self.console_asked.emit
        )
        self.steps = self._menu.addAction(
            _with("Rearrange the dialogue…", STEPS_KEYS), self.steps_asked.emit
        )
        self.many = self._menu.addAction(_with("Send many…", MANY_KEYS), self.many_asked.emit)
        self.matrix = self._menu.addAction(
            _with("Probe mail exchangers…", MATRIX_KEYS), self.matrix_asked.emit
        )
        self._menu.addAction(_with("Show as code…", CODE_KEYS), self.code_asked.emit)
        self._line = self._menu.addSeparator()
        self.mta_sts = self._policy("Apply MTA-STS")
        self.dane = self._policy("Apply DANE")
        self.show_road(by_api=False, direct=False)

    @property
    def policy_words(self) -> str:
        """What direct sending applies, in a few words."""
        applied = [
            words
            for words, action in (("MTA-STS", self.mta_sts), ("DANE", self.dane))
            if action.isChecked()
        ]
        return ", ".join(applied) or "no policies"

    def show_road(self, *, by_api: bool, direct: bool) -> None:
        """Offer what the road has: SMTP's tools, and the policies where mail goes direct."""
        for action in (self.console, self.steps, self.matrix):
            action.setVisible(not by_api)
        for action in (self._line, self.mta_sts, self.dane):
            action.setVisible(direct)

    def set_policies(self, *, mta_sts: bool, dane: bool) -> None:
        """Show what is applied, without telling anyone."""
        self.mta_sts.setChecked(mta_sts)
        self.dane.setChecked(dane)

    def _policy(self, words: str) -> QAction:
        action = self._menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(True)
        action.triggered.connect(self._changed)
        return action

    @Slot()
    def _changed(self) -> None:
        self.policies_changed.emit(self.mta_sts.isChecked(), self.dane.isChecked())


def _with(words: str, keys: str) -> str:
    return f"{words}\t{QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)}"
