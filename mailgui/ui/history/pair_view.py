"""Two conversations side by side: where the time went, and which lines differ."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.waterfall import phase_name

if TYPE_CHECKING:
    from mailgui.jobs.history import LinePair, PhasePair, SideBySide
    from mailgui.transcript import Transcript

_PHASES = (
    Column("Phase", stretch=True),
    Column("Older", right=True),
    Column("Newer", right=True),
    Column("Difference", right=True),
)
_LINES = (
    Column(""),
    Column("Older", mono=True, stretch=True, most=120),  # with little of their own: equally wide
    Column("Newer", mono=True, stretch=True, most=120),
)


class PairView(QWidget):
    """Shows a pair.

    Signals:
        closed: the person has seen enough.
    """

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "history-pair", "Two conversations side by side")
        self.title = Label(kind=Type.TITLE, wrap=True)
        self.facts = Label(tone="secondary", wrap=True, selectable=True)
        self.close_button = LinkButton("Back to the conversation", name="pair-close", flush=True)
        self.phases = DataTable(_PHASES, name="pair-phases", accessible="Phases of both")
        self.lines = DataTable(_LINES, name="pair-lines", accessible="Lines of both", several=True)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM, LARGE, LARGE, spacing=MEDIUM)
        layout.addLayout(head)
        layout.addWidget(self.facts)
        layout.addWidget(self.phases)
        layout.addWidget(self.lines, 1)
        self.close_button.clicked.connect(self.closed)

    def show_pair(self, pair: "SideBySide") -> None:
        """Show two conversations."""
        differing = sum(not line.same for line in pair.lines)
        self.title.setText(
            "Both went the same way"
            if not differing
            else f"{differing:,} of {len(pair.lines):,} lines differ"
        )
        cut = "\nOnly the beginning of each is compared." if pair.cut else ""
        self.facts.setText(f"Older: {_about(pair.left)}\nNewer: {_about(pair.right)}{cut}")
        self.phases.set_rows(_phase_row(each) for each in pair.phases)
        self.phases.setFixedHeight(min(self.phases.content_height(), self.height() // 3 or 200))
        self.lines.set_rows(_line_row(each) for each in pair.lines)


def _about(transcript: "Transcript") -> str:
    began = f"{transcript.started.astimezone():%Y-%m-%d %H:%M:%S}"
    return visible(
        f"{began} · {transcript.title} · {transcript.peer} · {transcript.outcome.value} · "
        f"{duration(transcript.duration)}"
    )


def _phase_row(pair: "PhasePair") -> Row:
    difference = "–"
    if pair.left is not None and pair.right is not None:
        more = pair.right - pair.left
        difference = f"{'+' if more >= 0 else '−'}{duration(abs(more))}"
    return (
        phase_name(pair.name),
        "–" if pair.left is None else duration(pair.left),
        "–" if pair.right is None else duration(pair.right),
        difference,
    )


def _line_row(pair: "LinePair") -> Row:
    mark = Cell("") if pair.same else Cell("differs", Tone.ATTENTION)
    if not pair.same and not (pair.left and pair.right):
        mark = Cell("only newer" if pair.right else "only older", Tone.INFO)
    return (mark, pair.left, pair.right)
