"""Runs the console: one connection at a time, apart from what the page sends."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mailgui.findings.headline import headline
from mailgui.jobs.console import Greet, Order, Say, SignIn, Snapshot, Type
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.smtp.console_state import ConsoleState
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Event, Outcome, Stage, Transcript, visible
from mailgui.ui.bridge import Batch, Job, Submitter
from mailgui.ui.compose.console_run import converse, feed
from mailgui.ui.compose.console_view import ConsoleView
from mailgui.ui.compose.sending import SecretWanted
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone, verdict_tone

_PARTS = {"mail": Stage.MAIL, "rcpt": Stage.RCPT, "data": Stage.DATA, "bdat": Stage.DATA}
_TYPED = {"starttls": "STARTTLS", "quit": "QUIT"}


class ConsoleController(QObject):
    """Opens connections for a ConsoleView and hands its lines to the engine.

    Attributes:
        report: the last conversation that ended, or None.

    Signals:
        save_asked(object): this SendReport is wanted as a file.
        running_changed(bool): there is a connection, or none any more.
    """

    save_asked = Signal(object)
    running_changed = Signal(bool)

    def __init__(
        self,
        bridge: Submitter,
        services: Services,
        view: ConsoleView,
        *,
        profile: Callable[[], Profile | None],
        draft: Callable[[], Draft],
    ) -> None:
        """``profile`` returns the chosen one, ``draft`` the message as it stands."""
        super().__init__(view)
        self.report: SendReport | None = None
        self._bridge, self._services, self._view = bridge, services, view
        self._profile, self._draft = profile, draft
        self._job: Job | None = None
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._until = Stage.AUTH
        view.connect_asked.connect(lambda depth: self.open(Stage(depth)))
        view.drop_asked.connect(self.drop)
        view.entered.connect(lambda text: self._order(Type(text)))
        view.helper_asked.connect(self._help)
        view.sign_in_asked.connect(lambda mechanism: self._order(SignIn(mechanism)))
        view.save_asked.connect(self._save)
        view.prompt.entered.connect(self._secret_entered)

    @property
    def running(self) -> bool:
        """Whether there is, or is about to be, a connection."""
        return self._job is not None

    def open(
        self, until: Stage, *, given: Mapping[str, str] | None = None, remember: bool = False
    ) -> None:
        """Open a connection by the chosen profile."""
        if self.running:
            return
        profile = self._profile()
        if profile is None or not isinstance(profile.settings, SmtpSettings):
            self._view.notice.say("Choose an SMTP profile first: an API has no console.")
            return
        self._until, self.report = until, None
        self._orders = asyncio.Queue()
        self._view.notice.clear()
        self._view.prompt.hide()
        self._view.transcript.clear()
        self._view.name = profile.settings.helo or "localhost"
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            converse,
            self._services,
            profile,
            self._orders,
            until=until,
            given=given or {},
            remember=remember,
            cancel=stop,
            on_events=self._happened,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=self._ended,
            stop=stop,
            owner=self,
        )
        if not self._job.running:  # a stand-in for the bridge may be through with it already
            self._job = None
            return
        self._view.set_running(True)
        self.running_changed.emit(True)

    @Slot()
    def drop(self) -> None:
        """Close the connection without a word."""
        if self._job is not None:
            self._job.cancel()

    def _order(self, order: Order) -> None:
        if self.running:
            self._bridge.submit(feed, self._orders, order, owner=self)

    @Slot(str)
    def _help(self, key: str) -> None:
        if key == "ehlo":
            self._order(Greet())
        elif key in _TYPED:
            self._order(Type(_TYPED[key]))
        else:
            self._order(Say(_PARTS[key], self._draft(), chunked=key == "bdat"))

    def _happened(self, batch: Batch) -> None:
        self._view.add([item for item in batch if isinstance(item, Event)])
        states = [item for item in batch if isinstance(item, ConsoleState)]
        if states:
            before = self._view.state.open
            self._view.set_state(states[-1])
            if states[-1].open and not before and self._view.isVisible():
                self._view.focus_line()
        for item in batch:
            if isinstance(item, Transcript):
                self.save_asked.emit(SendReport(item, ()))

    def _ended(self) -> None:
        self._job = None
        self._view.set_running(False)
        self.running_changed.emit(False)

    def _done(self, result: SendReport | SecretWanted) -> None:
        self._ended()
        if isinstance(result, SecretWanted):
            self._view.prompt.ask(result)
            return
        self.report = result
        transcript = result.transcript
        self._view.transcript.set_events(transcript.events)
        good = transcript.outcome is Outcome.COMPLETED
        first = headline(transcript, result.findings)
        tone = Tone.INFO if good else verdict_tone(first.verdict)
        words = [transcript.summary if good else first.sentence]
        words += [] if good else [finding.fix for finding in result.findings[:1]]
        words.append(result.note)
        self._view.notice.say(visible(" ".join(filter(None, words))), tone)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        self._view.notice.say(sentence_of(error), Tone.BROKEN)

    @Slot()
    def _save(self) -> None:
        if self.report is not None:
            self.save_asked.emit(self.report)
        else:
            self._order(Snapshot())

    @Slot(str, str, bool)
    def _secret_entered(self, _label: str, value: str, remember: bool) -> None:
        given: dict[str, Any] = {"password": value}
        self.open(self._until, given=given, remember=remember)
