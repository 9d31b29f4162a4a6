"""The tab Many: the draft many times, how fast, what came of it, and each failure's transcript."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from mailgui.findings.headline import duration_words
from mailgui.jobs.bulk import MOST_CONNECTIONS, BulkReport
from mailgui.smtp.bulk_control import Progress
from mailgui.transcript import Outcome, Transcript, visible
from mailgui.ui.domain.ask_choice import WideField
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone, outcome_tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad, set_flag
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.tall_area import TallArea, roomy
from mailgui.ui.widgets.transcript_view import TranscriptView

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

_MOST = 1_000_000
_OUTCOMES = (Column("Outcome", most=160), Column("Messages", right=True, most=120))
_FAILURES = (
    Column("Outcome", most=140),
    Column("Stage", most=110),
    Column("Reply", mono=True, most=90),
    Column("Why", stretch=True),
)
_HINT = (
    "Each message is the draft with a Message-ID of its own. Connections are kept and used again; a"
    " server's limits (421, LIMITS) are kept to."
)
_EMPTY = (
    "The draft goes out as many times as you say. How many were accepted, how fast, and each"
    " failure with its conversation appear here."
)
_WAYS = (
    ("", "One by one"),
    ("copies", "Copies in batches"),
    ("each", "A batch, one to each To"),
)
_MOST_ROWS = 1000
_COUNTS = 210  # pixels at the usual size: two short columns
_NARROW = 480  # pixels at the usual size: both tables do not fit side by side
Row = tuple[Cell, str, str, str]


class ManyView(QWidget):
    """How many, over how many connections, how fast; Start, Pause and Cancel; then the outcomes.

    Signals:
        start_asked, pause_asked, resume_asked, cancel_asked: the buttons.
    """

    start_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "many")
        self._running = self._paused = False
        self._report: BulkReport | None = None
        self._failed: Sequence[Transcript] = ()
        self.count = WideField(70, name="many-count", accessible="Messages", placeholder="100")
        self.connections = WideField(
            50, name="many-connections", accessible="Connections", placeholder="1"
        )
        self.rate = WideField(
            60, name="many-rate", accessible="Messages a second at most", placeholder="any"
        )
        self.way = ChoiceButton("", _WAYS, name="many-way", spoken="Send")
        self.start = QuietButton("Start", name="many-start")
        self.pause = QuietButton("Pause", name="many-pause")
        self.banner = ResultBanner(name="many-result")
        self.outcomes = DataTable(_OUTCOMES, name="many-outcomes", accessible="Outcomes")
        self.failures = DataTable(_FAILURES, name="many-failures", accessible="Failures")
        self.transcript = TranscriptView(name="many-transcript")
        self._hint = Label(_HINT, tone="secondary", wrap=True)
        self._provider: Provider | None = None
        self._none = Label("Nothing failed.", tone="secondary")
        self._empty = EmptyState("send", "No run yet", _EMPTY, name="many-empty")
        self._lay_out()
        self._connect()
        self.set_running(False)

    @property
    def batch(self) -> Literal["", "copies", "each"]:
        """Whether the provider's batch call is to be used, and for what."""
        key = self.way.key
        if self._provider is None or self._provider.batch is None:
            return ""
        return "copies" if key == "copies" else "each" if key == "each" else ""

    def choose_way(self, key: str) -> None:
        """Choose how the messages go: "", ``copies`` or ``each``."""
        self.way.set_key(key)
        self._explain()

    def set_provider(self, provider: "Provider | None") -> None:
        """Offer the batch call of an API's provider, where it has one; None for SMTP."""
        self._provider = provider
        batch = provider.batch if provider else None
        self._ways.setVisible(batch is not None)
        self._explain()

    @property
    def wanted(self) -> tuple[int, int, float | None]:
        """How many messages, over how many connections, and the rate; see ``problem``."""
        rate = self.rate.text().strip()
        return (
            _whole(self.count, 100, _MOST) or 0,
            _whole(self.connections, 1, MOST_CONNECTIONS) or 0,
            float(rate.replace(",", ".")) if rate else None,
        )

    def problem(self) -> str:
        """Return what is wrong with a field, one sentence, or ""; marks it."""
        checks = (
            (self.count, _whole(self.count, 100, _MOST), f"Messages: from 1 to {_MOST:,}."),
            (
                self.connections,
                _whole(self.connections, 1, MOST_CONNECTIONS),
                f"Connections: from 1 to {MOST_CONNECTIONS:,}.",
            ),
            (self.rate, _is_rate(self.rate), "A rate is a number of messages a second above 0."),
        )
        for field, good, sentence in checks:
            if not good:
                set_flag(field, "problem", "true")
                field.setFocus()
                return sentence
        return ""

    def begin(self, words: str) -> None:
        """Say that a run begins."""
        self.outcomes.set_rows(())
        self.failures.set_rows(())
        self._report, self._failed = None, ()
        self.banner.start(words)
        self.set_running(True)

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is, and how fast."""
        share = progress.done / progress.count if progress.count else None
        failed = progress.done - progress.accepted
        words = f"{progress.done:,} of {progress.count:,} · {progress.per_second:,.0f} a second"
        if failed:
            words += f" · {failed:,} not accepted"
        self.banner.set_progress(share, words)
        rows = [(Outcome.ACCEPTED, progress.accepted)]
        self.outcomes.set_rows([_outcome_row(outcome, n) for outcome, n in rows if n])

    def set_paused(self, paused: bool) -> None:
        """Show that it waits, or goes on."""
        self._paused = paused
        words = "Resume" if paused else "Pause"
        self.pause.setText(words)
        self.pause.setAccessibleName(words)
        self.banner.set_phase("Paused" if paused else "")

    def show_report(self, report: BulkReport) -> None:
        """Show what came of it."""
        self.set_running(False)
        self._report = report
        counted = sorted(report.outcomes.items(), key=lambda pair: -pair[1])
        self.outcomes.set_rows([_outcome_row(o, n) for o, n in counted if n])
        rows, self._failed = _failures_of(report)
        self.failures.set_rows(rows, range(len(rows)))
        self._arrange()
        transcript = report.transcript
        sentence, _, rest = visible(transcript.summary).partition(". ")
        rate = report.messages_per_second
        facts = [
            f"{rate:,.0f} a second" if rate else "",
            duration_words(transcript.duration),
            rest,
            report.note,
        ]
        tone = outcome_tone(transcript.outcome)
        sentence = sentence.rstrip(".")
        self.banner.finish(tone, sentence, " · ".join(filter(None, facts)))
        if self._failed:
            self.failures.choose(0)
        else:
            self.transcript.set_events(transcript.events)

    def say(self, tone: Tone, sentence: str, facts: str = "") -> None:
        """Say why nothing runs."""
        self.set_running(False)
        self.banner.finish(tone, sentence, facts)

    def set_running(self, running: bool) -> None:
        """Offer what can be done now."""
        self._running = running
        self.set_paused(False)
        self.start.setEnabled(not running)
        self.pause.setEnabled(running)
        self.way.setEnabled(not running)
        self._arrange()
        self._explain()

    def focus_first(self) -> None:
        """Put the keyboard where the number is typed."""
        self.count.setFocus()
        self.count.selectAll()

    def _lay_out(self) -> None:
        head = bar("bar")
        inside = QVBoxLayout(head)
        pad(inside, LARGE, SMALL, LARGE, SMALL, spacing=SMALL - 2)
        line = QWidget()
        flow = FlowLayout(line, gap=SMALL + 2)
        for words, field in (
            ("Messages", self.count),
            ("Connections", self.connections),
            ("A second", self.rate),
        ):
            flow.addWidget(_labelled(words, field))
        self._ways = _labelled("Send", self.way)
        self._ways.hide()
        flow.addWidget(self._ways)
        flow.addWidget(self.start)
        flow.addWidget(self.pause)
        inside.addWidget(line)
        inside.addWidget(self._hint)
        layout = TallArea(name="many-area")
        layout.add(head)
        told = QWidget()
        around = QVBoxLayout(told)
        pad(around, LARGE, MEDIUM, LARGE, SMALL)
        around.addWidget(self.banner)
        layout.add(told)
        layout.add(self._empty, 1)
        layout.add(self._found(), 1)
        whole = QVBoxLayout(self)
        pad(whole, 0)
        whole.addWidget(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        narrow = self.width() < metrics().scaled(_NARROW)
        self._beside.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)
        self.outcomes.setMaximumWidth(self.width() if narrow else metrics().scaled(_COUNTS))

    def _found(self) -> QWidget:
        tables = QWidget()
        beside = self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight, tables)
        pad(beside, LARGE, 0, LARGE, SMALL, spacing=MEDIUM)
        beside.addWidget(self.outcomes, 2)
        roomy(self.outcomes, 4)
        roomy(self.failures, 4)
        roomy(self.transcript, 8)
        failed = QWidget()
        stack = QVBoxLayout(failed)
        pad(stack, 0)
        stack.addWidget(self._none, 0, Qt.AlignmentFlag.AlignTop)
        stack.addWidget(self.failures, 1)
        beside.addWidget(failed, 4)
        self._tables = tables
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(tables)
        splitter.addWidget(self.transcript)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        self._splitter = splitter
        self._arrange()
        return splitter

    def _arrange(self) -> None:
        """Show only what there is something in."""
        report = self._report
        begun = report is not None or self._running
        self._splitter.setVisible(begun)
        self._empty.setVisible(not begun)
        failed = bool(report and self._failed)
        self.failures.setVisible(failed)
        self._none.setVisible(report is not None and not failed)
        self.transcript.setVisible(report is not None)

    def _connect(self) -> None:
        self.start.clicked.connect(self.start_asked)
        self.pause.clicked.connect(self._pause_pressed)
        self.banner.cancelled.connect(self.cancel_asked)
        for field in (self.count, self.connections, self.rate):
            field.returnPressed.connect(self.start_asked)
            field.textEdited.connect(lambda _t, f=field: set_flag(f, "problem", "false"))
        self.failures.chosen.connect(self._show_failure)
        self.way.changed.connect(lambda _key: self._explain())

    @Slot()
    def _pause_pressed(self) -> None:
        self.set_paused(not self._paused)
        (self.pause_asked if self._paused else self.resume_asked).emit()

    @Slot(object)
    def _show_failure(self, number: int | None) -> None:
        if self._report is not None and number is not None:
            self.transcript.set_events(self._failed[number].events)

    def _explain(self) -> None:
        """Say how the messages go, and let be typed what that takes."""
        batch, running = self.batch, self._running
        self.count.setEnabled(not running and batch != "each")
        self.connections.setEnabled(not running and not batch)
        self.rate.setEnabled(not running and not batch)
        call = self._provider.batch if self._provider else None
        if not batch or call is None or self._provider is None:
            self._hint.setText(_HINT)
            return
        most = call.max or call.recipients
        name = visible(self._provider.name)
        words = f"As few requests as {name} allows"
        words += f", at most {most:,} messages in each." if most else "."
        if batch == "each":
            words += " Every To recipient gets a message of their own and does not see the others."
        self._hint.setText(" ".join(filter(None, (words, visible(call.note)))))


def _failures_of(report: BulkReport) -> tuple[list[Row], list[Transcript]]:
    """Return a row for each failure, and the transcript that belongs to it."""
    from mailgui.jobs.batch import BatchReport

    if isinstance(report, BatchReport):
        bad = [item for item in report.items if item.outcome is not Outcome.ACCEPTED][:_MOST_ROWS]
        whom = [", ".join(result.address for result in item.recipients) for item in bad]
        rows: list[Row] = [
            (
                Cell(item.outcome.value, outcome_tone(item.outcome)),
                f"message {item.number + 1}",
                str(item.reply.code) if item.reply else "",
                visible(f"{address}: {item.summary}"),
            )
            for item, address in zip(bad, whom, strict=True)
        ]
        return rows, [report.transcript] * len(rows)
    rows = [
        (
            Cell(t.outcome.value, outcome_tone(t.outcome)),
            t.stage.value if t.stage else "",
            str(t.reply.code) if t.reply else "",
            visible(t.reply.text if t.reply else t.summary),
        )
        for t in report.failures
    ]
    return rows, list(report.failures)


def _labelled(words: str, field: QWidget) -> QWidget:
    whole = QWidget()
    layout = QHBoxLayout(whole)
    pad(layout, 0, spacing=SMALL)
    label = Label(words, kind=Type.BODY, tone="secondary")
    label.setBuddy(field)
    layout.addWidget(label)
    layout.addWidget(field)
    return whole


def _outcome_row(outcome: Outcome, count: int) -> tuple[Cell, Cell]:
    return Cell(outcome.value, outcome_tone(outcome)), Cell(f"{count:,}", sort=count)


def _whole(field: WideField, usual: int, most: int) -> int | None:
    text = field.text().strip() or str(usual)
    good = text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= most
    return int(text) if good else None


def _is_rate(field: WideField) -> bool:
    text = field.text().strip().replace(",", ".")
    try:
        return not text or 0 < float(text) <= _MOST
    except ValueError:
        return False
