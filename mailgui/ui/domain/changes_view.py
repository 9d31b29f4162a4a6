"""What has changed since a saved report: a card a section, above the checks."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.domain.report_change import SectionChange
from mailgui.findings import Verdict
from mailgui.jobs.report_words import section_title, verdict_words
from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.buttons import LinkButton
from mailgui.ui.widgets.panel import Panel
from mailgui.ui.widgets.scroll_column import ScrollColumn

_SIGNS = (("added", "+ "), ("gone", "− "))


class ChangesView(QWidget):
    """Shows changes; without any it says so.

    Signals:
        closed: the person has seen enough.
    """

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "domain-changes", "What has changed")
        self._title = Label(kind=Type.TITLE, wrap=True)
        self._close = LinkButton("Back to the checks", name="changes-close", flush=True)
        self._close.clicked.connect(self.closed)
        self._column = ScrollColumn(name="changes-column", accessible="Changes", spacing=MEDIUM)
        self.cards: list[ChangeCard] = []
        head = QHBoxLayout()
        pad(head, LARGE, MEDIUM, LARGE, 0, spacing=MEDIUM)
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addLayout(head)
        layout.addWidget(self._column, 1)

    def show_changes(self, name: str, changes: Sequence[SectionChange]) -> None:
        """Show what changed since the report in the file ``name``."""
        for card in self.cards:
            forget(card)
        self.cards = [ChangeCard(change) for change in changes]
        for card in self.cards:
            self._column.add(card)
        words = "What has changed since" if changes else "Nothing has changed since"
        self._title.setText(f"{words} {visible(name)}")

    def focus_first(self) -> None:
        """Put the keyboard on the way back."""
        self._close.setFocus()


class ChangeCard(Panel):
    """One section's change: the verdicts, records that came and went, findings likewise."""

    def __init__(self, change: SectionChange) -> None:
        super().__init__(_tone(change), card=True)
        self.change = change
        words = f"{section_title(change.name)}: {_verdicts(change)}"
        identify(self, f"change-{change.name}", words)
        layout = QVBoxLayout(self)
        pad(layout, LARGE + 2, MEDIUM, LARGE, MEDIUM, spacing=TIGHT)
        layout.addWidget(Label(words, kind=Type.STRONG, wrap=True, selectable=True))
        for field, sign in _SIGNS:
            for record in getattr(change, field):
                line = Label(sign + visible(record), kind=Type.MONO, wrap=True, selectable=True)
                layout.addWidget(line)
        layout.addSpacing(SMALL if change.appeared or change.settled else 0)
        for titles, begin in ((change.appeared, "New: "), (change.settled, "Settled: ")):
            for title in titles:
                text = begin + visible(title)
                layout.addWidget(Label(text, tone="secondary", wrap=True, selectable=True))


def _tone(change: SectionChange) -> Tone:
    return {1: Tone.PASS, 0: Tone.INFO, -1: Tone.BROKEN}[change.direction]


def _verdicts(change: SectionChange) -> str:
    def words(verdict: Verdict | None) -> str:
        return verdict_words(verdict) if verdict is not None else "not checked"

    if change.before is change.now:
        return f"still {words(change.now)}"
    better = {1: ", which is better", 0: "", -1: ", which is worse"}[change.direction]
    return f"{words(change.before)} before, {words(change.now)} now{better}"
