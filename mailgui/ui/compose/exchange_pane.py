"""The right side of the page: the banner, and everything there is to see of the conversation."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mailgui.findings import Finding
from mailgui.jobs.attempts import Attempt
from mailgui.jobs.reports import SendReport
from mailgui.transcript import Event, Kind, Outcome, Phase, Transcript
from mailgui.ui.bridge import PhaseStarted
from mailgui.ui.compose.attempts_bar import AttemptsBar
from mailgui.ui.compose.code_tab import CodeTab
from mailgui.ui.compose.console_view import ConsoleView
from mailgui.ui.compose.conversation import TABS, show_conversation
from mailgui.ui.compose.countdown import Countdown
from mailgui.ui.compose.findings_view import FindingsView, worst
from mailgui.ui.compose.http_side import HttpSide
from mailgui.ui.compose.many_view import ManyView
from mailgui.ui.compose.matrix_view import MatrixView
from mailgui.ui.compose.rate_limit_view import RateLimitView
from mailgui.ui.compose.secret_prompt import SecretPrompt
from mailgui.ui.compose.server_view import ServerView
from mailgui.ui.compose.step_editor import StepEditor
from mailgui.ui.compose.timing_view import TimingView
from mailgui.ui.compose.tls_view import TlsView
from mailgui.ui.compose.words import PHASES
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.tab_bar import TabPanel
from mailgui.ui.widgets.transcript_view import TranscriptView

_TABS = (
    *TABS,
    ("code", "Code"),
    ("console", "Console"),
    ("steps", "Steps"),
    ("matrix", "MX matrix"),
    ("many", "Many"),
)
_HTTP_ONLY, _SMTP_ONLY = ("request", "response"), ("server",)
_SMTP_TOOLS = ("console", "steps", "matrix")
_TOOLS = ("code", "console", "steps", "matrix", "many")  # need nothing sent; one at a time
_GOOD = (Outcome.ACCEPTED, Outcome.COMPLETED)


class ExchangePane(QWidget):
    """Shows one conversation, live and when it has ended.

    Attributes:
        banner, prompt, attempts, tabs: its parts; ``transcript``, ``timing``, ``request``,
            ``response``, ``tls``, ``server``, ``findings``, ``console``: the tabs' pages;
            ``rate_limit``: what the answer tells of it.

    Signals:
        start_asked: the empty state's button was pressed.
    """

    start_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "exchange-pane", "What happens to the message")
        self.banner = ResultBanner()
        self.countdown = Countdown(self.banner)
        self.prompt = SecretPrompt()
        self.attempts = AttemptsBar()
        self.transcript = TranscriptView()
        self.timing = TimingView()
        self.request = HttpSide(
            name="request",
            title="No request yet",
            sentence="The request appears here as it was sent: body, headers and raw.",
        )
        self.response = HttpSide(
            name="response",
            title="No answer yet",
            sentence="The answer appears here: status, body, headers and raw.",
        )
        self.rate_limit = RateLimitView()
        self.response.put_below_line(self.rate_limit)
        self.tls = TlsView()
        self.server = ServerView()
        self.findings = FindingsView()
        self.code = CodeTab()
        self.console = ConsoleView()
        self.steps = StepEditor()
        self.matrix = MatrixView()
        self.many = ManyView()
        self.panel = TabPanel(name="exchange", accessible="The conversation")
        for key, words in _TABS:
            self.panel.add(key, words, getattr(self, key))
        self.tabs = self.panel.tabs
        self._empty = EmptyState(
            "send",
            "Nothing was sent yet",
            "The conversation with the server appears here as it happens: every line, the time"
            " it took, and what to do when something goes wrong.",
            name="exchange-empty",
            action="Send",
        )
        self._moving = False
        self._chosen = False  # by the person, since this run began
        self._fresh = False  # nothing of this run is shown yet
        self._lay_out()
        self._tool = ""  # the one that was asked for last
        self._by_api = False  # the profile that is chosen, not what is shown
        self.show_road(by_api=False)
        self._show_tools()
        self._empty.action_triggered.connect(self.start_asked)
        self.tabs.chosen.connect(self._tab_chosen)
        self.steps.changed.connect(self._mark_steps)
        self.attempts.chosen.connect(self._show_attempt)

    def show_road(self, *, by_api: bool) -> None:
        """Offer the tabs of a road, as long as nothing is shown that belongs to the other."""
        for key in _HTTP_ONLY:
            self.tabs.set_shown(key, by_api)
        for key in _SMTP_ONLY:
            self.tabs.set_shown(key, not by_api)

    def offer_tools(self, *, by_api: bool) -> None:
        """Offer the tools of the chosen profile's road, whatever conversation is shown."""
        self._by_api = by_api
        self._show_tools()

    def _show_tools(self) -> None:
        """Offer the tool that was asked for, and those that must stay in reach."""
        if self._by_api and self._tool in _SMTP_TOOLS:
            self._tool = ""
        kept = {
            "console": self.console.running,  # a connection is open
            "steps": self.steps.altered and not self._by_api,  # the next message goes that way
        }
        for key in _TOOLS:
            self.tabs.set_shown(key, key == self._tool or kept.get(key, False))

    def shown_tabs(self) -> list[str]:
        """Return the keys of the tabs there are at present, in order."""
        return [key for n, (key, _words) in enumerate(_TABS) if self.tabs.isTabVisible(n)]

    def choose(self, key: str) -> None:
        """Bring a tab to the front."""
        if key in _TOOLS:
            self._stack.setCurrentIndex(1)
            self._tool = key
            self._show_tools()
        self._moving = True
        self.tabs.set_key(key)
        self._moving = False

    @Slot()
    def open_steps(self) -> None:
        """Bring the steps to the front and the keyboard to them, where the road has some."""
        if not self._by_api:
            self.choose("steps")
            self.steps.list.setFocus()

    def begin(self, words: str) -> None:
        """Say that something runs. What was shown before stays until there is something new."""
        self._fresh, self._chosen = True, False
        self.prompt.hide()
        self.countdown.stop()
        self.banner.start(words)

    def add(self, batch: Sequence[Any], *, by_api: bool) -> None:
        """Show what happened meanwhile: events and phases, and tries that another follows."""
        for waits, items in groupby(batch, key=lambda item: isinstance(item, Attempt)):
            if not waits:
                self._add(list(items), by_api=by_api)
                continue
            for attempt in items:
                self.countdown.start(attempt)
                self._fresh = True  # the next try begins on an empty page

    def _add(self, batch: Sequence[Any], *, by_api: bool) -> None:
        if self._fresh:
            self._start_over(by_api=by_api)
        events = [item for item in batch if isinstance(item, Event)]
        if events:
            self.transcript.append(events)
        for item in batch:
            if isinstance(item, PhaseStarted):
                self.banner.set_phase(PHASES.get(item.name, item.name))
                self.timing.phase_started(item.name, item.at)
            elif isinstance(item, Phase):
                self.timing.phase_ended(item)

    def show_report(self, report: SendReport) -> None:
        """Show a finished conversation."""
        transcript = report.transcript
        by_api = transcript.kind is Kind.HTTP
        if self._fresh:
            self._start_over(by_api=by_api)
        show_conversation(self, transcript)
        self.rate_limit.show_limit(report.rate_limit)
        self.attempts.set_attempts(report.attempts)
        self.findings.show_report(transcript, report.findings)
        self._count(report.findings)
        good = transcript.outcome in _GOOD
        self._settle("transcript" if good or not report.findings else "findings")

    @Slot(object)
    def _show_attempt(self, transcript: Transcript) -> None:
        """Show another try; the findings stay those of the last one."""
        show_conversation(self, transcript)
        self.rate_limit.show_limit(None)

    def show_findings(self, findings: Sequence[Finding], otherwise: str) -> None:
        """Show findings about something that was not sent."""
        self._stack.setCurrentIndex(1)
        self.findings.show_findings(findings, otherwise, Tone.ATTENTION)
        self._count(findings)
        self.choose("findings")

    def say(self, tone: Tone, sentence: str, facts: str = "", *, action: str = "") -> None:
        """Let the banner say how it ended."""
        self._stack.setCurrentIndex(1)
        self.countdown.stop()
        self.banner.finish(tone, sentence, facts, action=action)

    def _lay_out(self) -> None:
        page = QWidget()
        layout = QVBoxLayout(page)
        pad(layout, 0)
        self._told = Inset(self.banner, LARGE, MEDIUM, LARGE, SMALL - 2)
        layout.addWidget(self._told)
        layout.addWidget(Inset(self.prompt, LARGE, SMALL - 2, LARGE, SMALL))
        self._tries = Inset(self.attempts, LARGE, SMALL - 2, LARGE, SMALL)
        layout.addWidget(self._tries)
        layout.addWidget(self.panel, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        pad(whole, 0)
        whole.addWidget(self._stack)

    def _start_over(self, *, by_api: bool) -> None:
        self._fresh = False
        self.countdown.stop()
        self._stack.setCurrentIndex(1)
        self.show_road(by_api=by_api)
        for view in (self.transcript, self.timing, self.tls, self.server, self.findings):
            view.clear()
        self.request.clear()
        self.response.clear()
        self.attempts.set_attempts(())
        self._count(())
        if not self._chosen:
            self.choose("transcript")

    def _count(self, findings: Sequence[Finding]) -> None:
        self.tabs.set_count("findings", len(findings), worst(findings))

    def _settle(self, key: str) -> None:
        """Show the tab that tells most, unless the person chose one during the run."""
        if not self._chosen:
            self.choose(key)

    @Slot()
    def _mark_steps(self) -> None:
        self.tabs.set_count("steps", "own" if self.steps.altered else "", Tone.ATTENTION)
        self._show_tools()

    @Slot(str)
    def _tab_chosen(self, key: str) -> None:
        # These say themselves how they went, or send nothing; what was sent before is not about
        # them. Of the steps the banner says what is wrong with them.
        about_others = key in _TOOLS and key != "steps" and not self.banner.busy
        self._told.setVisible(not about_others and not self.banner.isHidden())
        self._tries.setVisible(not about_others and not self.attempts.isHidden())
        if not self._moving:
            self._chosen = True
