"""Sends, shows what happens, and says what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mailgui.findings.headline import headline
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.transcript import Outcome
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.compose.exchange_pane import ExchangePane
from mailgui.ui.compose.sending import (
    NotCarried,
    Order,
    Result,
    SecretWanted,
    Sent,
    Unsendable,
    ask_secret,
    carry_out,
)
from mailgui.ui.compose.words import Action, action_for
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone, verdict_tone

MakeOrder = Callable[[bool], Order | None]
_OF_PROFILES = (Action.OPEN_PROFILE, Action.ENTER_SECRET)


class SendController(QObject):
    """Runs one order at a time.

    Attributes:
        report: what was sent last, or None.

    Signals:
        running_changed(bool): something runs, or nothing any more.
        finished(object, object): an Order ran; the SendReport.
        unsendable(object): the DraftProblem because of which nothing ran.
        check_domain_requested(str): the person wants this domain checked.
        profiles_requested: the person wants to see the profile.
        matrix_requested: the person wants the recipients' mail exchangers probed.
    """

    running_changed = Signal(bool)
    finished = Signal(object, object)
    unsendable = Signal(object)
    check_domain_requested = Signal(str)
    profiles_requested = Signal()
    matrix_requested = Signal()

    def __init__(
        self, bridge: Submitter, services: Services, pane: ExchangePane, make: MakeOrder
    ) -> None:
        """``make`` returns the order for the draft as it stands, or for a connection test."""
        super().__init__(pane)
        self.report: SendReport | None = None
        self._bridge, self._services, self._pane, self._make = bridge, services, pane, make
        self._job: Job | None = None
        self._order: Order | None = None
        self._action: Action | None = None
        self._domain = ""
        pane.banner.cancelled.connect(self.cancel)
        pane.banner.action_triggered.connect(self._act)
        pane.prompt.entered.connect(self._secret_entered)

    @property
    def running(self) -> bool:
        """Whether something runs."""
        return self._job is not None

    def start(self, *, testing: bool, words: str = "Sending…", **changes: Any) -> None:
        """Send, or try the connection, unless something runs; ``changes`` are for the order."""
        if self.running or (order := self._make(testing)) is None:
            return
        order = replace(order, **changes)
        self._order, self._action = order, None
        self._pane.begin("Testing the connection…" if testing else words)
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            carry_out,
            self._services,
            order,
            cancel=stop,
            on_events=self._happened,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=self._cancelled,
            stop=stop,
            owner=self,
        )
        # A stand-in for the bridge may be through with it already.
        if self._job.running:
            self.running_changed.emit(True)
        else:
            self._job = None

    @Slot()
    def cancel(self) -> None:
        """Ask what runs to end; the second time, end it."""
        if self._job is not None:
            self._pane.banner.set_phase("Cancelling")
            self._job.cancel()

    def _happened(self, batch: list[Any]) -> None:
        self._pane.add(batch, by_api=self._by_api)

    @property
    def _by_api(self) -> bool:
        return self._order is not None and self._order.profile.road == "api"

    def _ended(self) -> Order:
        order = self._order
        assert order is not None  # noqa: S101 - set by start()
        self._job = None
        self.running_changed.emit(False)
        return order

    def _done(self, result: Result) -> None:
        order = self._ended()
        match result:
            case Sent(report):
                self._show(order, report)
            case SecretWanted():
                self._ask(result)
            case NotCarried(findings):
                self._action = Action.SEND_ANYWAY
                name = order.profile.name
                self._pane.show_findings(findings, "")
                self._pane.say(
                    Tone.ATTENTION,
                    f"Not sent yet: {name} cannot carry the whole message",
                    "The findings say what would be lost.",
                    action="Send anyway",
                )
            case Unsendable(problem):
                self._pane.say(Tone.BROKEN, "Nothing was sent", problem.sentence)
                self.unsendable.emit(problem)

    def _show(self, order: Order, report: SendReport) -> None:
        self.report = report
        transcript, findings = report.transcript, report.findings
        first = headline(transcript, findings)
        self._domain = sender_domain(order.draft)
        offer = action_for(transcript, findings, order.profile, self._domain)
        if order.direct is not None and offer and offer[0] in _OF_PROFILES:
            offer = Action.SHOW_MATRIX, "Probe mail exchangers"
        self._action = offer[0] if offer else None
        tone = verdict_tone(first.verdict)
        if transcript.outcome is Outcome.CANCELLED:
            tone = Tone.INFO
        facts = "\n".join(filter(None, (first.facts, report.note)))
        self._pane.show_report(report)
        self._pane.say(tone, first.sentence, facts, action=offer[1] if offer else "")
        self.finished.emit(order, report)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        self._pane.say(Tone.BROKEN, "Nothing was sent", sentence_of(error))

    def _cancelled(self) -> None:
        self._ended()
        self._pane.say(
            Tone.ATTENTION,
            "Cancelled by force",
            "What was on its way may have arrived; look before you send again.",
        )

    def _ask(self, wanted: SecretWanted) -> None:
        name = self._order.profile.name if self._order else ""
        self._pane.say(Tone.ATTENTION, "Nothing was sent yet", f"{name} needs its {wanted.label}.")
        self._pane.prompt.ask(wanted)

    @Slot()
    def _act(self) -> None:
        action, order = self._action, self._order
        if order is None or self.running:
            return
        match action:
            case Action.CHECK_DOMAIN:
                self.check_domain_requested.emit(self._domain)
            case Action.SHOW_CERTIFICATE:
                self._pane.choose("tls")
            case Action.OPEN_PROFILE:
                self.profiles_requested.emit()
            case Action.SHOW_MATRIX:
                self.matrix_requested.emit()
            case Action.SEND_ANYWAY:
                self.start(testing=False, anyway=True)
            case Action.ENTER_SECRET:
                self._bridge.submit(
                    ask_secret,
                    self._services,
                    order.profile,
                    on_done=self._asked,
                    on_failed=self._failed_to_ask,
                    owner=self,
                )

    def _asked(self, wanted: SecretWanted | None) -> None:
        if wanted is None:
            self.profiles_requested.emit()
        else:
            self._pane.prompt.ask(wanted)

    def _failed_to_ask(self, error: BaseException) -> None:
        self._pane.say(Tone.BROKEN, "The profile cannot be used", sentence_of(error))

    @Slot(str, str, bool)
    def _secret_entered(self, label: str, value: str, remember: bool) -> None:
        before = self._order
        if before is None:
            return
        secrets = {**before.secrets, label: value}
        testing = before.draft is None
        self.start(testing=testing, secrets=secrets, remember=remember, anyway=before.anyway)


def sender_domain(draft: Draft | None) -> str:
    """Return the domain that a draft is from, or an empty string."""
    address = draft.sender.address if draft and draft.sender else ""
    return address.rpartition("@")[2]


def limit_of(report: SendReport) -> int | None:
    """Return the largest message that the server said it takes, in octets."""
    from mailgui.smtp.capabilities import Capabilities

    answers: Sequence[Any] = report.transcript.ehlo
    return Capabilities(answers[-1]).size_limit if answers else None
