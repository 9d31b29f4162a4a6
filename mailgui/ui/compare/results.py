"""What was measured: the advice at the left; where the time goes and how it is spread beside it."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.jobs.compare import Comparison
from mailgui.ui.compare.cost_row import CostRow
from mailgui.ui.compare.phase_bars import PhaseBars
from mailgui.ui.compare.spread_strips import SpreadStrips
from mailgui.ui.domain.grid import title
from mailgui.ui.metrics import LARGE, MEDIUM
from mailgui.ui.widgets.basics import pad
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.side_splitter import SideSplitter


class Results(SideSplitter):
    """One comparison.

    Attributes:
        bars, strips, advice, cost: its parts.
    """

    def __init__(self) -> None:
        self.bars = PhaseBars()
        self.strips = SpreadStrips()
        self.advice = FindingList(name="compare-advice")
        self.cost = CostRow()
        told = ScrollColumn(name="compare-told", accessible="What to make of it")
        told.add(self.advice)
        told.add(self.cost)
        measured = ScrollColumn(name="compare-measured", accessible="What was measured")
        super().__init__(told, measured, usual=360)
        self._parts = (
            (title("Where the time goes"), _card(self.bars)),
            (title("How the times are spread"), _card(self.strips)),
        )
        for words, card in self._parts:
            measured.add(words)
            measured.add(card)

    def show_comparison(self, result: Comparison) -> None:
        """Show what came of it; where nothing was taken there is nothing to draw."""
        sides = result.sides
        some = any(side.taken for side in sides)
        for words, card in self._parts:
            words.setVisible(some)
            card.setVisible(some)
        self.bars.set_sides(sides)
        self.strips.set_sides(sides)
        self.cost.set_names((sides[0].name, sides[1].name))
        self.show_advice(result)

    def show_advice(self, result: Comparison) -> None:
        """Show only the advice anew, as after a price was typed."""
        self.advice.set_findings(result.advice)


def _card(inside: QWidget) -> Panel:
    panel = Panel(card=True)
    layout = QVBoxLayout(panel)
    pad(layout, LARGE, MEDIUM, LARGE, MEDIUM)
    layout.addWidget(inside)
    return panel
