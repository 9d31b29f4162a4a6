"""The menu beside Send: many messages, the MX matrix, code, and what direct sending applies."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from mailgui.ui.widgets.buttons import MenuButton

MANY_KEYS, MATRIX_KEYS, CODE_KEYS = "Ctrl+Shift+M", "Ctrl+Shift+X", "Ctrl+Shift+L"


class MoreButton(MenuButton):
    """Opens the menu.

    Signals:
        many_asked, matrix_asked, code_asked: one of them is wanted.
        policies_changed(bool, bool): whether to apply MTA-STS, and DANE.
    """

    many_asked = Signal()
    matrix_asked = Signal()
    code_asked = Signal()
    policies_changed = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("More", name="send-more", parent=parent)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        # The keys are the page's: in the menu they are only words.
        self.many = self._menu.addAction(_with("Send many…", MANY_KEYS), self.many_asked.emit)
        self.matrix = self._menu.addAction(
            _with("Probe mail exchangers…", MATRIX_KEYS), self.matrix_asked.emit
        )
        self._menu.addAction(_with("Show as code…", CODE_KEYS), self.code_asked.emit)
        self._line = self._menu.addSeparator()
        self.mta_sts = self._policy("Apply MTA-STS")
        self.dane = self._policy("Apply DANE")
        self.show_road(direct=False)

    @property
    def policy_words(self) -> str:
        """What direct sending applies, in a few words."""
        applied = [
            words
            for words, action in (("MTA-STS", self.mta_sts), ("DANE", self.dane))
            if action.isChecked()
        ]
        return ", ".join(applied) or "no policies"

    def show_road(self, *, direct: bool) -> None:
        """Offer the policies where mail goes direct."""
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
