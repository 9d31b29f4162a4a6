"""Aggregate reports opened and read: what passes, who sends, what would be lost under reject."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.domain.aggregate_report import AggregateReport
from mailgui.domain.aggregate_summary import Source, Summary, advice, summarise
from mailgui.jobs.aggregate import ReadReports, read_report_files
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.dialogs import open_files
from mailgui.ui.domain.tools.pass_bar import PassBar
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad
from mailgui.ui.widgets.buttons import PrimaryButton, QuietButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.side_splitter import SideSplitter

_COLUMNS = (
    Column("Source", mono=True, most=300),
    Column("Messages", right=True),
    Column("DMARC"),
    Column("DKIM and SPF", right=True, words="Passed aligned by both"),
    Column("DKIM alone", right=True),
    Column("SPF alone", right=True),
    Column("Neither", right=True, words="Would be lost under p=reject"),
    Column("Authenticates as", stretch=True, words="Domains that SPF or DKIM passed for"),
)


class ReportsView(Page):
    """Opens files, adds them to those that are open, and sums them up a domain at a time.

    Attributes:
        summary: what is shown, or None.
    """

    def __init__(self, bridge: Submitter) -> None:
        super().__init__()
        identify(self, "reports-view")
        self.setAcceptDrops(True)
        self._bridge = bridge
        self._job: Job | None = None
        self._reports: list[AggregateReport] = []
        self._summaries: dict[str, Summary] = {}
        self.summary: Summary | None = None
        self.open = PrimaryButton("Open reports…", name="reports-open")
        self.clear = QuietButton("Clear", name="reports-clear")
        self.domain = ChoiceButton("Domain", name="reports-domain")
        self.facts = ElidedLabel(token="secondary", name="reports-facts")
        self.notice = InlineNotice(name="reports-notice", dismissible=True)
        self.picture = PassBar()
        self.table = DataTable(_COLUMNS, name="reports-sources", accessible="Sources")
        self.advice = FindingList(name="reports-advice")
        self._empty = EmptyState(
            "file",
            "No reports opened",
            "Open the aggregate reports that receivers sent to your rua mailbox, or drop them "
            "here: XML, gzip, zip, or the messages that they came in.",
            name="reports-empty",
        )
        self._lay_out()
        self.open.clicked.connect(self._ask)
        self.clear.clicked.connect(self.forget_all)
        self.domain.changed.connect(self._show)
        self._sum_up()

    @property
    def busy(self) -> bool:
        """Whether files are being read."""
        return self._job is not None and self._job.running

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Read files and add what they hold."""
        if not paths or self.busy:
            return
        self.notice.clear()
        self.open.setEnabled(False)
        self.facts.set_text(f"Reading {number(len(paths), 'file')}…")
        self._job = self._bridge.submit(
            read_report_files,
            list(paths),
            on_done=self._read,
            on_failed=self._failed,
            on_cancelled=self._sum_up,
            owner=self,
        )

    @Slot()
    def forget_all(self) -> None:
        """Close all reports."""
        self._reports.clear()
        self.notice.clear()
        self._sum_up()

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered: nothing, the files may be gone."""
        return {}

    def focus_first(self) -> None:
        """Put the keyboard on the button that opens."""
        self.open.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        self.open_paths([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar()
        line = QHBoxLayout(strip)
        pad(line, LARGE, 10, LARGE, 11, spacing=SMALL + 2)
        for widget in (self.open, self.domain, self.clear):
            line.addWidget(widget)
        line.addWidget(self.facts, 1)
        layout.addWidget(strip)
        around = QVBoxLayout()
        pad(around, LARGE, 0, LARGE, 0)
        around.addWidget(self.notice)
        layout.addLayout(around)
        told = ScrollColumn(name="reports-told", accessible="What to make of it")
        told.add(self.advice)
        seen = QWidget()
        column = QVBoxLayout(seen)
        pad(column, LARGE, LARGE, LARGE, LARGE, spacing=MEDIUM)
        card = Panel(card=True)
        inside = QVBoxLayout(card)
        pad(inside, LARGE, MEDIUM, LARGE, MEDIUM, spacing=SMALL)
        inside.addWidget(Label("How the messages passed DMARC", kind=Type.STRONG))
        inside.addWidget(self.picture)
        column.addWidget(card)
        column.addWidget(self.table, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(SideSplitter(told, seen, usual=340))
        layout.addWidget(self._stack, 1)

    @Slot()
    def _ask(self) -> None:
        self.open_paths(open_files(self))

    def _read(self, read: ReadReports) -> None:
        self._reports += read.reports
        self._sum_up()
        if read.problems:
            self.notice.say("\n".join(read.problems[:8]), Tone.BROKEN)

    def _failed(self, error: BaseException) -> None:
        self._sum_up()
        self.notice.say(sentence_of(error), Tone.BROKEN)

    def _sum_up(self) -> None:
        self.open.setEnabled(True)
        self._summaries = {summary.domain: summary for summary in summarise(self._reports)}
        self.domain.set_options((name, visible(name)) for name in self._summaries)
        self.domain.setVisible(len(self._summaries) > 1)
        self.clear.setVisible(bool(self._reports))
        self._stack.setCurrentIndex(int(bool(self._summaries)))
        self._show(self.domain.key)

    @Slot(str)
    def _show(self, domain: str) -> None:
        self.summary = summary = self._summaries.get(domain)
        if summary is None:
            self.facts.set_text("")
            return
        self.facts.set_text(_facts(summary))
        self.picture.set_summary(summary)
        self.table.set_rows(map(_row, summary.sources), [s.address for s in summary.sources])
        self.table.sort_by(1, descending=True)
        self.advice.set_findings(advice(summary))


def _facts(summary: Summary) -> str:
    parts = [
        visible(summary.domain),
        number(summary.reports, "report"),
        number(summary.messages, "message"),
    ]
    if summary.begin and summary.end:
        parts.append(f"{summary.begin:%Y-%m-%d} to {summary.end:%Y-%m-%d}")
    return " · ".join(parts)


def _row(source: Source) -> Row:
    share = source.passes / source.messages if source.messages else 0.0
    if source.fails == 0:
        judged = Cell("all pass", Tone.PASS, 1.0)
    elif source.passes:
        judged = Cell(f"{share:.0%} pass", Tone.ATTENTION, share)
    else:
        judged = Cell("all fail", Tone.BROKEN, 0.0)
    counts = (source.both, source.by_dkim, source.by_spf, source.fails)
    why = f"Let through by receivers: {', '.join(source.reasons)}" if source.reasons else ""
    return (
        source.address,
        Cell(f"{source.messages:,}", sort=source.messages),
        judged,
        *(Cell(f"{count:,}" if count else "–", sort=count) for count in counts),
        Cell(", ".join(source.domains) or "–", more=why),
    )
