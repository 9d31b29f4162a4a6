"""The tab Console: a connection in the person's own hands."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from mailgui.message.outgoing import Envelope
from mailgui.smtp.capabilities import Capabilities
from mailgui.smtp.completion import completions
from mailgui.smtp.console_state import ConsoleState, Mode
from mailgui.smtp.sasl.choice import MECHANISMS
from mailgui.transcript import Event, Stage
from mailgui.ui.compose.console_input import ConsoleInput
from mailgui.ui.compose.console_words import DEPTHS, HELPERS, PROMPTS, hint, standing
from mailgui.ui.compose.secret_prompt import SecretPrompt
from mailgui.ui.metrics import LARGE, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, bar, identify, pad, tip
from mailgui.ui.widgets.buttons import MenuButton, QuietButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.transcript_view import TranscriptView

_LEAST_TRANSCRIPT = 40


class ConsoleView(QWidget):
    """Shows a console and takes what a person types; knows no engine.

    Attributes:
        envelope: the addresses that completion proposes; ``name``: what to greet with.

    Signals:
        connect_asked(str): open a connection, as far as the stage named.
        drop_asked: close it without a word.
        entered(str): lines to send.
        helper_asked(str): one of HELPERS; sign_in_asked(str): a mechanism.
        save_asked: the transcript is wanted as a file.
    """

    connect_asked = Signal(str)
    drop_asked = Signal()
    entered = Signal(str)
    helper_asked = Signal(str)
    sign_in_asked = Signal(str)
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "console", "Console")
        self.envelope: Envelope | None = None
        self.name = ""
        self._state = ConsoleState()
        self._running = False
        self.reach = ChoiceButton("Open as far as", DEPTHS, name="console-depth", small=True)
        self.reach.set_key(Stage.AUTH.value)
        self.connect_button = QuietButton("Connect", name="console-connect", small=True)
        self.drop = QuietButton("Drop", name="console-drop", small=True)
        self.drop.setToolTip(tip("Close the connection at once, without QUIT"))
        self._standing = ElidedLabel("", token="secondary")
        self.notice = InlineNotice(name="console-notice", dismissible=True)
        self.prompt = SecretPrompt()
        self.transcript = TranscriptView(name="console-transcript")
        self.transcript.set_empty_words(
            "No conversation yet",
            "Connect by the chosen profile, then type: every line goes out as it stands, and the"
            " server's words appear as they come.",
        )
        # Its empty state asks for more room than there is with large type; the controls come first.
        self.transcript.setMinimumHeight(metrics().scaled(_LEAST_TRANSCRIPT))
        self.helpers: dict[str, QuietButton] = {}
        self.auth = MenuButton("AUTH", name="console-auth", small=True)
        self.auth.setToolTip(tip("Sign in with the profile's secret, which is never shown"))
        self.auth.setMenu(QMenu(self.auth))
        self._mark = Label(PROMPTS[Mode.COMMAND], kind=Type.MONO, tone="secondary")
        self.line = ConsoleInput(self._completions)
        self._lay_out()
        self._connect()
        self._show()

    @property
    def state(self) -> ConsoleState:
        """How the connection stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether there is, or is about to be, a connection."""
        return self._running

    def set_running(self, running: bool) -> None:
        """Tell whether there is, or is about to be, a connection."""
        self._running = running
        if not running:
            self._state = ConsoleState()
        self._show()

    def set_state(self, state: ConsoleState) -> None:
        """Show how the connection stands."""
        self._state = state
        self._show()

    def add(self, events: Iterable[Event]) -> None:
        """Show what was said."""
        self.transcript.append(events)

    def focus_line(self) -> None:
        """Put the keyboard where one types, or on Connect while there is no connection."""
        target = self.line if self.line.isEnabled() else self.connect_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _completions(self, text: str) -> list[str]:
        offers = Capabilities(self._state.ehlo)
        return completions(text, offers, envelope=self.envelope, name=self.name)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        top = bar("row")
        above = QVBoxLayout(top)
        pad(above, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        first = QWidget()
        flow = FlowLayout(first, gap=SMALL)
        for widget in (self.reach, self.connect_button, self.drop, self._standing):
            flow.addWidget(widget)
        above.addWidget(first)
        above.addWidget(self._helper_row())
        layout.addWidget(top)
        layout.addWidget(Inset(self.notice, LARGE, SMALL, LARGE, 0))
        layout.addWidget(Inset(self.prompt, LARGE, SMALL, LARGE, 0))
        layout.addWidget(self.transcript, 1)
        foot = bar("foot")
        below = QHBoxLayout(foot)
        pad(below, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        self._mark.setBuddy(self.line)
        below.addWidget(self._mark)
        below.addWidget(self.line, 1)
        layout.addWidget(foot)

    def _helper_row(self) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row, gap=TIGHT)
        for key, words, explained in HELPERS:
            button = QuietButton(words, name=f"console-{key}", small=True)
            button.setAccessibleDescription(explained)
            button.setToolTip(tip(explained))
            button.clicked.connect(partial(self.helper_asked.emit, key))
            self.helpers[key] = button
            flow.addWidget(button)
            if key == "starttls":
                flow.addWidget(self.auth)
        return row

    def _connect(self) -> None:
        self.connect_button.clicked.connect(lambda: self.connect_asked.emit(self.reach.key))
        self.drop.clicked.connect(self.drop_asked)
        self.line.entered.connect(self.entered)
        self.transcript.save_asked.connect(self.save_asked)

    @Slot()
    def _show(self) -> None:
        state = self._state
        self.reach.setEnabled(not self._running)
        self.connect_button.setEnabled(not self._running)
        self.drop.setEnabled(self._running)
        had_keyboard = self.line.hasFocus()
        self.line.setEnabled(state.open)
        ready = state.open and state.mode is Mode.COMMAND and not state.waiting
        for button in (*self.helpers.values(), self.auth):
            button.setEnabled(ready)
        self.line.set_mode(state.mode)
        self.line.setPlaceholderText(hint(state))
        self.line.setAccessibleDescription(hint(state))
        self._mark.setText(PROMPTS[state.mode])
        self._standing.set_text(standing(state, running=self._running))
        self._fill_auth()
        if had_keyboard and not state.open:
            self.connect_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill_auth(self) -> None:
        """Offer the mechanisms, those that the server offers first."""
        menu = self.auth.menu()
        offered = [m for m in Capabilities(self._state.ehlo).auth_mechanisms if m in MECHANISMS]
        others = [name for name in MECHANISMS if name not in offered]
        wanted = [*offered, "", *others] if offered else others
        if [action.text() for action in menu.actions()] == wanted:
            return
        menu.clear()
        for name in wanted:
            if name:
                menu.addAction(name, partial(self.sign_in_asked.emit, name))
            else:
                menu.addSeparator()
