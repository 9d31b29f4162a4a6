"""The tab Timing: where the time went, phase by phase."""

from PySide6.QtWidgets import QWidget

from mailgui.transcript import Phase, Transcript
from mailgui.ui.compose.facts import FactsGrid, heading
from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.waterfall import Waterfall


class TimingView(ScrollColumn):
    """The waterfall, live, and below it when it was and with whom.

    Attributes:
        waterfall: the bars.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="timing", accessible="Timing", spacing=SMALL, parent=parent)
        self.waterfall = Waterfall(name="timing-waterfall")
        self._facts = FactsGrid(name="timing-facts", accessible="The conversation")
        self.add(heading("Where the time went"))
        self.add(self.waterfall)
        self.column.addSpacing(SMALL)
        self.add(self._facts)

    def clear(self) -> None:
        """Show nothing yet."""
        self.waterfall.clear()
        self._facts.set_facts(())

    def phase_started(self, name: str, at: float) -> None:
        """Show that a phase runs."""
        self.waterfall.phase_started(name, at)

    def phase_ended(self, phase: Phase) -> None:
        """Add a phase."""
        self.waterfall.phase_ended(phase)

    def show_transcript(self, transcript: Transcript) -> None:
        """Show a finished conversation."""
        self.waterfall.set_phases(transcript.phases, transcript.duration)
        started = transcript.started.astimezone()
        sent = sum(len(event.octets) + (event.data_length or 0) for event in transcript.events)
        self._facts.set_facts(
            [
                ("Began", f"{started:%Y-%m-%d %H:%M:%S}"),
                ("With", transcript.peer),
                ("Took", duration(transcript.duration)),
                ("Octets", f"{sent:,} recorded in both directions"),
                ("Message-ID", transcript.message_id or ""),
                ("Id there", transcript.remote_id or ""),
            ]
        )
