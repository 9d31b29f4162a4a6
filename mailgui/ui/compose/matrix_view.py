"""The tab MX matrix: every mail exchanger of a domain, every address, and who offers what."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from mailgui.jobs.mx_matrix import MatrixPlace, MatrixPlan, MatrixRow, MxMatrix
from mailgui.transcript import visible
from mailgui.ui.compose.matrix_rows import COLUMNS, ready_row, waiting_row
from mailgui.ui.compose.matrix_run import RouteChoice
from mailgui.ui.domain.ask_choice import AskChoice, WideField
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad, set_flag, tip
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.check_box import CheckBox
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.tall_area import TallArea, roomy
from mailgui.ui.widgets.transcript_view import TranscriptView

_EMPTY = (
    "Each mail exchanger of a domain is knocked at, at each of its addresses: greeting, TLS and"
    " certificate, and what it offers. No mail is sent."
)


class MatrixView(QWidget):
    """Whom to ask about, the table, and the transcript of the chosen row.

    Attributes:
        domain, port, ask: the fields; ``table``, ``transcript``: what was found.

    Signals:
        probe_asked: the domain is to be probed.
        stop_asked: the probing is to end.
        choice_changed: another way to get to mail exchangers was chosen.
    """

    probe_asked = Signal()
    stop_asked = Signal()
    choice_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "mx-matrix")
        self._places: list[MatrixPlace] = []
        self._rows: dict[MatrixPlace, MatrixRow] = {}
        self._running = False
        self.domain = WideField(
            190, name="mx-domain", accessible="Domain", placeholder="the recipients' domain"
        )
        self.port = WideField(58, name="mx-port", accessible="Port", placeholder="25")
        self.ask = AskChoice(name="mx-ask")
        self.mta_sts = CheckBox("MTA-STS", name="mx-mta-sts")
        self.dane = CheckBox("DANE", name="mx-dane")
        self.probe = QuietButton("Probe", name="mx-probe")
        self.notice = InlineNotice(name="mx-notice")
        self.sentence = Label(kind=Type.STRONG, wrap=True, selectable=True, name="mx-sentence")
        self.table = DataTable(COLUMNS, name="mx-table", accessible="Mail exchangers", flush=True)
        self.why = Label(tone="secondary", wrap=True, selectable=True, name="mx-why")
        self.transcript = TranscriptView(name="mx-transcript")
        self._lay_out()
        self._connect()

    @property
    def choice(self) -> RouteChoice:
        """How to get to mail exchangers; also for direct sending."""
        return RouteChoice(
            self.ask.key, self._port() or 25, self.mta_sts.isChecked(), self.dane.isChecked()
        )

    def problem(self) -> str:
        """Return what is wrong with the choice, one sentence, or ""; marks the field."""
        fault = self.ask.check()
        if not fault and self._port() is None:
            set_flag(self.port, "problem", "true")
            self.port.setFocus()
            fault = "A port is a number from 1 to 65535."
        self.notice.say(fault, Tone.BROKEN)
        return fault

    def set_policies(self, *, mta_sts: bool, dane: bool) -> None:
        """Choose whether to apply MTA-STS and DANE, without telling anyone."""
        for box, on in ((self.mta_sts, mta_sts), (self.dane, dane)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)

    def begin(self, domain: str) -> None:
        """Say that the probing of ``domain`` begins."""
        self.domain.setText(domain)
        self.set_running(True)
        self.notice.clear()
        self._places, self._rows = [], {}
        self.sentence.setText(f"Looking for the mail exchangers of {visible(domain)}…")
        self.why.setText("")
        self.transcript.clear()
        self.table.set_rows(())
        self._stack.setCurrentIndex(1)

    def show_plan(self, plan: MatrixPlan) -> None:
        """Show every place before it has answered."""
        self._places = list(plan.places)
        count = len(self._places)
        self.sentence.setText(f"Knocking at {count} {'address' if count == 1 else 'addresses'}…")
        self._fill()

    def show_rows(self, rows: Sequence[MatrixRow]) -> None:
        """Show places that have answered, or have not."""
        self._rows.update({row.place: row for row in rows})
        self._fill()

    def show_matrix(self, matrix: MxMatrix) -> None:
        """Show the whole, when it has ended."""
        self.set_running(False)
        self.sentence.setText(visible(matrix.sentence))
        tone = Tone.BROKEN if matrix.problem or matrix.blocked else Tone.INFO
        notes = []
        fetch = matrix.policy
        if fetch is not None and fetch.problem:
            notes.append(f"The MTA-STS policy could not be fetched. {fetch.problem}")
            tone = Tone.ATTENTION if tone is Tone.INFO else tone
        if matrix.left_out:
            notes.append(f"{matrix.left_out} further hosts and addresses were left out.")
        if matrix.cancelled:
            notes.append("Stopped before every address was knocked at.")
        self.notice.say(" ".join(notes), tone)
        self._places = [row.place for row in matrix.rows]
        self._rows = {row.place: row for row in matrix.rows}
        self._fill()
        if self.table.key is None and self._places:
            self.table.choose(self._places[0])

    def fail(self, sentence: str) -> None:
        """Say why nothing was probed."""
        self.set_running(False)
        self.sentence.setText("")
        self.notice.say(sentence, Tone.BROKEN)
        self._stack.setCurrentIndex(1 if self._places else 0)

    def set_running(self, running: bool) -> None:
        """Offer Stop while it runs."""
        self._running = running
        words = "Stop" if running else "Probe"
        self.probe.setText(words)
        self.probe.setAccessibleName(words)

    def focus_first(self) -> None:
        """Put the keyboard where a domain is typed."""
        self.domain.setFocus()
        self.domain.selectAll()

    def _lay_out(self) -> None:
        head = bar("bar")
        flow_layout = QVBoxLayout(head)
        pad(flow_layout, LARGE, SMALL, LARGE, SMALL)
        line = QWidget()
        flow = FlowLayout(line, gap=SMALL + 2)
        port = QWidget()
        beside = QHBoxLayout(port)
        pad(beside, 0, spacing=SMALL)
        words = Label("Port", tone="secondary")
        words.setBuddy(self.port)
        beside.addWidget(words)
        beside.addWidget(self.port)
        for widget in (self.domain, self.probe, port, self.ask, self.mta_sts, self.dane):
            flow.addWidget(widget)
        flow_layout.addWidget(line)
        self.mta_sts.setChecked(True)
        self.dane.setChecked(True)
        self.mta_sts.setToolTip(tip("Fetch the domain's MTA-STS policy, and apply it when sending"))
        self.dane.setToolTip(tip("Ask for TLSA records, and apply them when sending"))
        self.empty = EmptyState(
            "globe", "Who takes a domain's mail", _EMPTY, name="mx-empty", action="Probe"
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._found())
        scroll = TallArea(name="mx-area")
        scroll.add(head)
        scroll.add(Inset(self.notice, LARGE, SMALL, LARGE, 0))
        scroll.add(self._stack, 1)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(scroll)

    def _found(self) -> QWidget:
        found, told, lower = QWidget(), QWidget(), QWidget()
        column = QVBoxLayout(found)
        pad(column, 0)
        inside = QVBoxLayout(told)
        pad(inside, LARGE, MEDIUM - 2, LARGE, SMALL)
        inside.addWidget(self.sentence)
        roomy(self.table, 5)
        roomy(self.transcript, 8)
        below = QVBoxLayout(lower)
        pad(below, 0)
        reason = QWidget()
        padded = QVBoxLayout(reason)
        pad(padded, LARGE, SMALL, LARGE, SMALL)
        padded.addWidget(self.why)
        below.addWidget(reason)
        below.addWidget(self.transcript, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.table)
        splitter.addWidget(lower)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        column.addWidget(told)
        column.addWidget(splitter, 1)
        return found

    def _connect(self) -> None:
        self.probe.clicked.connect(self._pressed)
        self.empty.action_triggered.connect(self.probe_asked)
        self.domain.returnPressed.connect(self.probe_asked)
        self.port.returnPressed.connect(self.probe_asked)
        self.ask.accepted.connect(self.probe_asked)
        self.port.textEdited.connect(lambda _text: set_flag(self.port, "problem", "false"))
        self.ask.choice.changed.connect(lambda _key: self.choice_changed.emit())
        self.port.editingFinished.connect(self.choice_changed)
        for box in (self.mta_sts, self.dane):
            box.toggled.connect(lambda _on: self.choice_changed.emit())
        self.table.chosen.connect(self._show_row)

    @Slot()
    def _pressed(self) -> None:
        (self.stop_asked if self._running else self.probe_asked).emit()

    def _port(self) -> int | None:
        text = self.port.text().strip()
        if not text:
            return 25
        good = text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536
        return int(text) if good else None

    def _fill(self) -> None:
        shown = self.table.key
        rows = [
            ready_row(self._rows[place]) if place in self._rows else waiting_row(place)
            for place in self._places
        ]
        self.table.set_rows(rows, self._places)
        if shown in self._rows:
            self._show_row(shown)

    @Slot(object)
    def _show_row(self, place: MatrixPlace | None) -> None:
        row = self._rows.get(place) if place is not None else None
        if row is None:
            self.why.setText("")
            self.transcript.clear()
            return
        words = [row.problem, *(remark.sentence for remark in row.protection.remarks)]
        if row.match is not None:
            words.append(row.match.reason)
        said = " ".join(dict.fromkeys(filter(None, words)))
        self.why.setText(visible(said or "Everything went well."))
        if row.probe is None:
            self.transcript.clear()
        else:
            self.transcript.set_events(row.probe.transcript.events)
