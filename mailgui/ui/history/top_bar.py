"""The strip above the history: words to look for, filters, and what to do with what is chosen."""

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from mailgui.store.history_search import HistoryFilter
from mailgui.transcript import Kind, Outcome
from mailgui.ui.domain.ask_choice import WideField
from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import PrimaryButton
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.flow_layout import FlowLayout

_OUTCOMES = (
    ("", "Any"),
    ("good", "Accepted"),
    ("bad", "Not accepted"),
    *((each.value, each.value.capitalize()) for each in Outcome),
)
_GOOD = (Outcome.ACCEPTED, Outcome.COMPLETED)
_ROADS = (("", "Both"), (Kind.SMTP.value, "SMTP"), (Kind.HTTP.value, "API"))
_PERIODS = (("", "Any"), ("1", "24 hours"), ("7", "7 days"), ("30", "30 days"))
_PAUSE_MS = 150  # after the last key


class HistoryBar(QFrame):
    """The page's controls.

    Signals:
        filter_changed: something else is looked for.
        again_asked: the message is wanted for another try.
    """

    filter_changed = Signal()
    again_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "history-bar")
        self.setProperty("kind", "bar")
        self.text = WideField(
            190, name="history-search", accessible="Search", placeholder="Address, subject, reply"
        )
        self.text.setProperty("type", "")  # words, not what stands in the DNS
        self.text.addAction(icon("filter", "secondary"), WideField.ActionPosition.LeadingPosition)
        self.text.setToolTip(tip("Words that must all be found (Ctrl+F)"))
        self.outcome = ChoiceButton("Outcome", _OUTCOMES, name="history-outcome")
        self.road = ChoiceButton("Road", _ROADS, name="history-road")
        self.title = ChoiceButton("Profile", [("", "Any")], name="history-profile", most=120)
        self.period = ChoiceButton("Within", _PERIODS, name="history-period")
        self.again = PrimaryButton("Edit and send again", "Ctrl+E", name="history-again")
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.filter_changed)
        self._lay_out()
        self.text.textChanged.connect(lambda _text: self._pause.start())
        for choice in (self.outcome, self.road, self.title, self.period):
            choice.changed.connect(lambda _key: self.filter_changed.emit())
        self.again.clicked.connect(self.again_asked)

    @property
    def wanted(self) -> HistoryFilter:
        """What is looked for."""
        key = self.outcome.key
        outcomes: tuple[Outcome, ...] = ()
        if key == "good":
            outcomes = _GOOD
        elif key == "bad":
            outcomes = tuple(each for each in Outcome if each not in _GOOD)
        elif key:
            outcomes = (Outcome(key),)
        days = self.period.key
        return HistoryFilter(
            text=self.text.text().strip(),
            outcomes=outcomes,
            kind=Kind(self.road.key) if self.road.key else None,
            title=self.title.key,
            since=datetime.now(UTC) - timedelta(days=int(days)) if days else None,
        )

    def set_titles(self, titles: tuple[str, ...]) -> None:
        """Offer these profiles; the chosen one stays."""
        before = self.title.key
        self.title.set_options([("", "Any"), *((each, each) for each in titles)])
        self.title.set_key(before)

    def clear(self) -> None:
        """Look for everything."""
        for choice in (self.outcome, self.road, self.title, self.period):
            choice.set_key("")
        self.text.clear()
        self._pause.stop()
        self.filter_changed.emit()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=SMALL)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in (self.text, self.outcome, self.road, self.title, self.period):
            flow.addWidget(widget)
        layout.addWidget(left, 1)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
