"""The chosen row of a judged message: its verdict, what is known, what to make of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mailgui.message.received_hops import Hop
from mailgui.transcript import Phase, visible
from mailgui.ui.domain.tools.message_rows import Row
from mailgui.ui.metrics import HUGE, LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column
from mailgui.ui.widgets.data_table_model import Row as TableRow
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.verdict_badge import VerdictBadge
from mailgui.ui.widgets.waterfall import Waterfall

_COLUMNS = (
    Column("#", right=True),
    Column("From", mono=True, most=260),
    Column("By", mono=True, stretch=True),
    Column("With", most=150),
    Column("Encrypted"),
    Column("Delay", right=True, words="Since the hop before; below zero where clocks disagree"),
)
_MOST_BARS = 30
_LONGEST_WORD = 24  # characters


class MessageDetail(QWidget):
    """Shows one row of the judgement."""

    def __init__(self) -> None:
        super().__init__()
        identify(self, "message-detail")
        self._title = Label(kind=Type.TITLE)
        self.badge = VerdictBadge()
        self.sentence = Label(wrap=True, selectable=True, name="message-reason")
        self.facts = Facts()
        self.bars = Waterfall(name="message-bars")
        self._bars_card = Panel(card=True)
        self.hops = DataTable(_COLUMNS, name="message-hops", accessible="The hops, first one first")
        self._records = QVBoxLayout()
        pad(self._records, 0)
        self._box: RecordBox | None = None
        self.source = CodeView(name="message-source", accessible="The header")
        self.findings = FindingList(name="message-findings")
        self._column = ScrollColumn(
            name="message-column",
            accessible="Detail",
            margins=(LARGE, TIGHT, LARGE, LARGE),
            spacing=MEDIUM,
        )
        self._lay_out()

    def show_row(self, row: Row, hops: Sequence[Hop], header: str) -> None:
        """Show a row; ``hops`` and ``header`` are the message's, for the rows about them."""
        self._title.setText(row.title)
        self.badge.setVisible(row.verdict is not None)
        if row.verdict is not None:
            self.badge.set_verdict(row.verdict)
            self.badge.updateGeometry()
        self.sentence.setText(visible(row.sentence))
        self.sentence.setVisible(bool(row.sentence))
        self.facts.set_facts(row.facts)
        self._show_record(row)
        self._show_hops(hops if row.key == "hops" else ())
        source = row.key == "source"
        self._column.setVisible(not source)
        self.source.setVisible(source)
        if source:
            self.source.set_text(header)
        self.findings.set_findings(row.findings)
        self._column.verticalScrollBar().setValue(0)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        pad(outer, 0)
        head = QHBoxLayout()
        pad(head, LARGE, MEDIUM, LARGE, SMALL, spacing=MEDIUM)
        head.addWidget(self._title)
        head.addWidget(self.badge)
        head.addStretch(1)
        outer.addLayout(head)
        inside = QVBoxLayout(self._bars_card)
        pad(inside, LARGE, MEDIUM, LARGE, MEDIUM)
        inside.addWidget(self.bars)
        records = QWidget()
        records.setLayout(self._records)
        for widget in (
            self.sentence,
            self.findings,
            self.facts,
            self._bars_card,
            self.hops,
            records,
        ):
            self._column.add(widget)
        outer.addWidget(self._column, 1)
        outer.addWidget(self.source, 1)

    def _show_record(self, row: Row) -> None:
        forget(self._box)
        self._box = None
        if row.record is not None:
            self._box = RecordBox(visible(row.record), name="message-record")
            self._records.addWidget(self._box)

    def _show_hops(self, hops: Sequence[Hop]) -> None:
        self.hops.setVisible(bool(hops))
        phases = _phases(hops)
        self._bars_card.setVisible(len(phases) > 0)
        self.bars.set_phases(phases)
        self.bars.updateGeometry()
        self.hops.set_rows(_hop_row(number, hop) for number, hop in enumerate(hops, 1))
        self.hops.setFixedHeight(min(self.hops.content_height(), 420))


class Facts(QFrame):
    """What is known, one line each: the name of it, and the value."""

    def __init__(self) -> None:
        super().__init__()
        identify(self, "message-facts", "What is known")
        self.setProperty("kind", "card")
        self._outer = QVBoxLayout(self)
        pad(self._outer, LARGE, MEDIUM, LARGE, MEDIUM)
        self._inner: QWidget | None = None
        self.facts: tuple[tuple[str, str], ...] = ()

    def set_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these; without any the card is hidden."""
        self.facts = tuple(facts)
        forget(self._inner)
        self._inner = QWidget()
        grid = QGridLayout(self._inner)
        pad(grid, 0)
        grid.setHorizontalSpacing(HUGE)
        grid.setVerticalSpacing(TIGHT + 2)
        grid.setColumnStretch(1, 1)
        for number, (name, value) in enumerate(self.facts):
            quiet = Label(visible(name), tone="secondary")
            told: QWidget = Label(visible(value), wrap=True, selectable=True)
            if max(map(len, value.split()), default=0) > _LONGEST_WORD:
                told = ElidedLabel(visible(value))  # it has nowhere to break
            grid.addWidget(quiet, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, number, 1, Qt.AlignmentFlag.AlignTop)
        self._outer.addWidget(self._inner)
        self.setVisible(bool(self.facts))


def _phases(hops: Sequence[Hop]) -> list[Phase]:
    """Return the delays as bars, from the first hop's time on."""
    times = [hop.time for hop in hops if hop.time]
    if len(times) < 2:
        return []
    start = min(times)
    phases = []
    for hop in hops[:_MOST_BARS]:
        if hop.time is None or hop.delay is None:
            continue
        delay = max(0.0, hop.delay)
        end = (hop.time - start).total_seconds()
        phases.append(Phase(visible(hop.by) or "?", max(0.0, end - delay), delay))
    return phases


def _hop_row(number: int, hop: Hop) -> TableRow:
    if hop.tls:
        told = hop.tls_version or "TLS"
        tls = Cell(told, Tone.PASS, 2, hop.cipher)
    elif hop.tls is False:
        tone = Tone.ATTENTION if hop.public_ip else Tone.NEUTRAL
        tls = Cell("no", tone, 0)
    else:
        tls = Cell("–", sort=1)
    delay = Cell("–", sort=-1e9)
    if hop.delay is not None:
        delay = Cell(signed_duration(hop.delay), sort=hop.delay)
    moment = f"{hop.time:%Y-%m-%d %H:%M:%S} UTC" if hop.time else ""
    origin = hop.sender or hop.ip or "–"
    return (
        Cell(str(number), sort=number),
        Cell(origin, more="\n".join(filter(None, (hop.reverse, hop.ip or "")))),
        Cell(hop.by or "–", more=moment),
        hop.protocol or "–",
        tls,
        delay,
    )


def signed_duration(seconds: float) -> str:
    """Return a duration of whole seconds that may be below zero."""
    size = abs(seconds)
    words = f"{size:.0f} s" if size < 100 else duration(size)
    return f"−{words}" if seconds < 0 else words
