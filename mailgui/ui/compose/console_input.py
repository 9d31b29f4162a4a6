"""The line of the console: completion, history, and no trace of what answers a challenge."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from mailgui.smtp.console_lines import sign_in_of
from mailgui.smtp.console_state import Mode
from mailgui.ui.metrics import Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify

_REMEMBERED = 200  # lines
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BREAKS = ("\n", "\r")


class ConsoleInput(QLineEdit):
    """One line to type; Enter sends it.

    Signals:
        entered(str): a line, or several that were pasted.
    """

    entered = Signal(str)

    def __init__(
        self, complete: Callable[[str], list[str]], *, parent: QWidget | None = None
    ) -> None:
        """``complete`` returns the lines that a text may become, the likeliest first."""
        super().__init__(parent)
        identify(self, "console-input", "Line to send")
        self.setProperty("type", "mono")
        self._complete = complete
        self._mode = Mode.COMMAND
        self._history: list[str] = []
        self._place = 0
        self._draft = ""  # what was being typed when history was looked at
        self._offers = QStringListModel(self)
        self._completer = QCompleter(self._offers, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(8)
        self._popup = QListView()
        self._popup.setProperty("kind", "panel")  # it lies over the transcript: it needs an edge
        self._popup.setFont(metrics().font(Type.MONO))
        self._popup.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        identify(self._popup, "console-completions", "Completions")
        self._completer.setPopup(self._popup)
        self._completer.activated[str].connect(self._accept)  # type: ignore[index]
        self.textEdited.connect(self._propose)

    @property
    def history(self) -> tuple[str, ...]:
        """The lines that Up brings back, the oldest first."""
        return tuple(self._history)

    def set_mode(self, mode: Mode) -> None:
        """Take what is typed for a command, message text, or the answer to a challenge."""
        if mode is self._mode:
            return
        self._mode = mode
        secret = mode is Mode.ANSWER
        self.setEchoMode(QLineEdit.EchoMode.Password if secret else QLineEdit.EchoMode.Normal)
        self._popup.hide()

    def event(self, event: QEvent) -> bool:
        # Tab would leave the line before keyPressEvent sees it.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = not event.modifiers()
            if event.key() == Qt.Key.Key_Tab and plain and self._tab():
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, popup = event.key(), self._popup
        if key in _ENTER:
            if popup.isVisible() and popup.currentIndex().isValid():
                event.ignore()  # the completer takes what is chosen there
                return
            self._enter(self.text())
        elif key == Qt.Key.Key_Up and not popup.isVisible():
            self._recall(-1)
        elif key == Qt.Key.Key_Down and not popup.isVisible():
            self._recall(1)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_text(QGuiApplication.clipboard().text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        for action in menu.actions():
            if action.objectName() == "edit-paste":
                action.triggered.disconnect()
                action.triggered.connect(
                    lambda: self.paste_text(QGuiApplication.clipboard().text())
                )
        menu.exec(event.globalPos())
        menu.deleteLater()

    def paste_text(self, text: str) -> None:
        """Take what was pasted: several lines go out at once, one stands in the line."""
        if any(mark in text for mark in _BREAKS):
            self._enter(self.text() + text)
        else:
            self.insert(text)
            self._propose(self.text())

    def _enter(self, text: str) -> None:
        self._popup.hide()
        if not text and self._mode is Mode.COMMAND:
            return
        self._remember(text)
        self.clear()
        self.entered.emit(text)

    def _remember(self, text: str) -> None:
        if self._mode is Mode.COMMAND and not any(mark in text for mark in _BREAKS):
            begun = sign_in_of(text)
            kept = f"AUTH {begun[0].mechanism}" if begun else text
            if not self._history or self._history[-1] != kept:
                self._history = [*self._history[1 - _REMEMBERED :], kept]
        self._place, self._draft = len(self._history), ""

    def _recall(self, step: int) -> None:
        if self._mode is not Mode.COMMAND:
            return
        place = min(len(self._history), max(0, self._place + step))
        if place == self._place:
            return
        if self._place == len(self._history):
            self._draft = self.text()
        self._place = place
        self.setText(self._history[place] if place < len(self._history) else self._draft)

    def _found(self, text: str) -> list[str]:
        return self._complete(text) if self._mode is Mode.COMMAND else []

    @Slot(str)
    def _propose(self, text: str) -> None:
        found = self._found(text) if text else []
        self._offers.setStringList(found)
        if found:
            if self._popup.styleSheet() != self.window().styleSheet():
                # It is a window of its own, with no parent to take its looks from.
                self._popup.setStyleSheet(self.window().styleSheet())
                self._popup.setFont(metrics().font(Type.MONO))
            self._completer.complete()
        else:
            self._popup.hide()

    def _tab(self) -> bool:
        """Complete as far as there is one way only; False where nothing can be completed."""
        if not self.text():
            return False  # an empty line is left by Tab, as any field
        index = self._popup.currentIndex()
        if self._popup.isVisible() and index.isValid():
            self._accept(str(index.data()))
            return True
        found = self._found(self.text())
        if not found:
            return False
        common = _common_start(found)
        self._accept(common if len(common) > len(self.text()) else found[0])
        return True

    @Slot(str)
    def _accept(self, line: str) -> None:
        self.setText(line)
        self._popup.hide()
        self._propose(line)


def _common_start(lines: list[str]) -> str:
    """Return what all lines begin with, whatever the case."""
    first = lines[0]
    for length in range(len(first), 0, -1):
        if all(line[:length].upper() == first[:length].upper() for line in lines):
            return first[:length]
    return ""
