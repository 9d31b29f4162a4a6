"""What came of "Test connection": the banner, and the conversation as it happens."""

import asyncio

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.findings import Severity
from mailgui.findings.headline import headline
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.transcript import Event, Outcome
from mailgui.ui.bridge import Batch, Job, PhaseStarted, Submitter
from mailgui.ui.compose.words import PHASES
from mailgui.ui.metrics import HUGE, MEDIUM
from mailgui.ui.profiles.keeping import Change, NotKept, try_values
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone, verdict_tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.transcript_view import TranscriptView

_SERIOUS = (Severity.BROKEN, Severity.ATTENTION)


class TrialPane(QWidget):
    """Runs one test at a time.

    Attributes:
        report: what the last test came to, or None.

    Signals:
        running_changed(bool): a test began or ended.
    """

    running_changed = Signal(bool)

    def __init__(self, bridge: Submitter, services: Services) -> None:
        super().__init__()
        identify(self, "test-pane")
        self._bridge, self._services = bridge, services
        self._job: Job | None = None
        self.report: SendReport | None = None
        self.banner = ResultBanner(name="test-result")
        self.findings = FindingList(name="test-findings")
        self.transcript = TranscriptView(name="test-transcript")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        above = QVBoxLayout()
        pad(above, HUGE, MEDIUM, HUGE, MEDIUM, spacing=MEDIUM)
        above.addWidget(self.banner)
        above.addWidget(self.findings)
        layout.addLayout(above)
        layout.addWidget(self.transcript, 1)
        self.banner.cancelled.connect(self.cancel)
        self.findings.hide()

    @property
    def running(self) -> bool:
        """Whether a test runs."""
        return self._job is not None and self._job.running

    def start(self, change: Change) -> None:
        """Try the connection."""
        if self.running:
            return
        self.report = None
        self.transcript.clear()
        self.findings.set_findings(())
        self.banner.start("Testing the connection…")
        self.show()
        self.running_changed.emit(True)
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            try_values,
            self._services,
            change,
            cancel=stop,
            stop=stop,
            on_events=self._events,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=lambda: self._end(Tone.INFO, "The test was cancelled."),
            owner=self,
        )

    def cancel(self) -> None:
        """Stop the test."""
        if self._job is not None:
            self._job.cancel()

    def clear(self) -> None:
        """Show nothing; a running test is stopped."""
        if self.running:
            self.cancel()
        self.hide()

    def _events(self, batch: Batch) -> None:
        self.transcript.append([each for each in batch if isinstance(each, Event)])
        for each in batch:
            if isinstance(each, PhaseStarted):
                self.banner.set_phase(PHASES.get(each.name, each.name))

    def _done(self, result: SendReport | NotKept) -> None:
        if isinstance(result, NotKept):
            self._end(Tone.ATTENTION, result.sentence)
            return
        self.report = result
        transcript = result.transcript
        self.transcript.set_events(transcript.events)
        first = headline(transcript, result.findings)
        cancelled = transcript.outcome is Outcome.CANCELLED
        tone = Tone.INFO if cancelled else verdict_tone(first.verdict)
        good = transcript.outcome is Outcome.COMPLETED
        serious = [each for each in result.findings if each.severity in _SERIOUS]
        self.findings.set_findings(() if good else serious[:1])
        self._end(tone, first.sentence, first.facts)

    def _failed(self, error: BaseException) -> None:
        self._end(Tone.BROKEN, sentence_of(error))

    def _end(self, tone: Tone, sentence: str, facts: str = "") -> None:
        self.banner.finish(tone, sentence, facts)
        self.running_changed.emit(False)
