"""The tab Findings: what is worth knowing, each recipient's verdict, the time, the place."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QGridLayout, QSplitter, QWidget

from mailgui.findings import Finding, Severity
from mailgui.transcript import Direction, Event, Outcome, RecipientResult, Transcript, visible
from mailgui.ui.compose.facts import heading
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.tokens import Tone, outcome_tone
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.transcript_table import TranscriptTable
from mailgui.ui.widgets.verdict_badge import Pill
from mailgui.ui.widgets.waterfall import Waterfall

_MOST_RECIPIENTS = 100
_LEAST_LINES = 5  # of the conversation, below the findings


class RecipientList(QWidget):
    """One line for each recipient: the verdict, the address, the reply that decided it."""

    def __init__(self) -> None:
        super().__init__()
        identify(self, "recipients", "Recipients")
        self._grid = QGridLayout(self)
        pad(self._grid, 0, spacing=SMALL)
        self._grid.setVerticalSpacing(SMALL - 2)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(2, 3)
        self._cells: list[QWidget] = []

    def set_results(self, results: Sequence[RecipientResult]) -> None:
        """Show these results, those that were not accepted first."""
        for cell in self._cells:
            forget(cell)
        self._cells = []
        ranked = sorted(results, key=lambda result: result.outcome is Outcome.ACCEPTED)
        for row, result in enumerate(ranked[:_MOST_RECIPIENTS]):
            self._add(row, result)
        if len(ranked) > _MOST_RECIPIENTS:
            more = Label(f"… and {len(ranked) - _MOST_RECIPIENTS:,} more", tone="secondary")
            self._grid.addWidget(more, _MOST_RECIPIENTS, 0, 1, 3)
            self._cells.append(more)

    def _add(self, row: int, result: RecipientResult) -> None:
        address = visible(result.address)
        reply = result.reply
        words = visible(f"{reply.code} {' '.join(reply.text.split())}") if reply else ""
        whom = ElidedLabel(address)
        whom.setAccessibleName(f"{address}: {result.outcome.value}. {words}")
        cells = (
            Pill(result.outcome.value, outcome_tone(result.outcome)),
            whom,
            ElidedLabel(words, kind=Type.MONO, token="secondary"),
        )
        for column, cell in enumerate(cells):
            align = Qt.AlignmentFlag.AlignVCenter
            if column == 0:
                align |= Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(cell, row, column, align)
        self._cells += cells


class FindingsView(QSplitter):
    """Findings above; below them the transcript where it was decided."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        identify(self, "findings-view")
        self._nothing = InlineNotice(name="findings-none")
        self.findings = FindingList(name="findings")
        self.recipients = RecipientList()
        self._recipients_title = heading("Recipients")
        self._time_title = heading("Where the time went")
        self._waterfall = Waterfall(name="findings-waterfall")
        self._column = ScrollColumn(
            name="findings-column",
            accessible="Findings",
            margins=(LARGE, SMALL, LARGE, LARGE),
            spacing=SMALL,
        )
        for widget in (
            self._nothing,
            self.findings,
            self._recipients_title,
            self.recipients,
            self._time_title,
            self._waterfall,
        ):
            self._column.add(widget)
        self._column.column.insertSpacing(2, SMALL)
        self._column.column.insertSpacing(5, SMALL)
        self._place = TranscriptTable(name="findings-transcript")
        self._place.setAccessibleName("Where it was decided")
        self.addWidget(self._column)
        self.addWidget(self._place)
        self.setStretchFactor(0, 5)
        self.setStretchFactor(1, 2)
        self.setChildrenCollapsible(True)
        self._moved = False
        self.splitterMoved.connect(self._was_moved)
        self.clear()

    def clear(self) -> None:
        """Show nothing yet."""
        self.show_findings((), "Findings appear here when something was sent.", Tone.INFO)

    def show_findings(self, findings: Sequence[Finding], otherwise: str, tone: Tone) -> None:
        """Show findings without a conversation; ``otherwise`` is said where there are none."""
        self.findings.set_findings(findings)
        self._nothing.say("" if findings else otherwise, tone)
        for widget in (
            self._recipients_title,
            self.recipients,
            self._time_title,
            self._waterfall,
            self._place,
        ):
            widget.hide()
        self._column.verticalScrollBar().setValue(0)

    def show_report(self, transcript: Transcript, findings: Sequence[Finding]) -> None:
        """Show what a conversation came to."""
        good = transcript.outcome in (Outcome.ACCEPTED, Outcome.COMPLETED)
        otherwise = "Nothing to mend in this conversation." if good else transcript.summary
        self.show_findings(findings, visible(otherwise), outcome_tone(transcript.outcome))
        several = len(transcript.recipients) > 1
        self.recipients.set_results(transcript.recipients if several else ())
        self._recipients_title.setVisible(several)
        self.recipients.setVisible(several)
        self._waterfall.set_phases(transcript.phases, transcript.duration)
        for widget in (self._time_title, self._waterfall):
            widget.setVisible(bool(transcript.phases))
        self._show_place(transcript.events if not good else ())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Give the findings what they need, up to most of the height, until a person moves it."""
        if self._moved or self._place.isHidden():
            return
        room = self.height()
        needed = self._column.content_height(self.width())
        above = max(room - needed_height(self._place), room * 2 // 5)
        self.setSizes([min(needed, above), room - min(needed, above)])

    @Slot()
    def _was_moved(self) -> None:
        self._moved = True

    def _show_place(self, events: Sequence[Event]) -> None:
        self._place.setVisible(bool(events))
        if not events:
            return
        self._place.set_events(events)
        wrong = [n for n, e in enumerate(events) if _deciding(e)]
        row = wrong[-1] if wrong else len(events) - 1
        self._place.set_following(False)
        where = self._place.model_.index(row, 0)
        only = QItemSelectionModel.SelectionFlag.NoUpdate
        self._place.selectionModel().setCurrentIndex(where, only)  # for the keyboard
        self._share_height()
        self._place.scrollTo(where, QAbstractItemView.ScrollHint.PositionAtCenter)


def needed_height(place: TranscriptTable) -> int:
    """Return the height at which enough of a conversation shows to tell where it broke off."""
    return _LEAST_LINES * place.verticalHeader().defaultSectionSize()


def _deciding(event: Event) -> bool:
    return event.direction is Direction.ERROR or event.expected is False


def worst(findings: Sequence[Finding]) -> Tone:
    """Return the tone for the count on the tab."""
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return Tone.BROKEN
    return Tone.ATTENTION if Severity.ATTENTION in severities else Tone.INFO
