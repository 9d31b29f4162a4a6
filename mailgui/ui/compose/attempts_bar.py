"""A line that offers every try of a message that was tried more than once."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget

from mailgui.jobs.attempts import Attempt
from mailgui.transcript import Outcome, Transcript, visible
from mailgui.ui.metrics import SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import outcome_tone
from mailgui.ui.widgets.basics import Label, forget, identify, pad
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.verdict_badge import Pill

_LEAST_WORDS = 220  # pixels at the usual size
_MOST = 12  # tries that have a segment of their own; of more, the last ones


class AttemptsBar(QWidget):
    """Attempt [1] [2] [3], and what came of the one that is shown; hidden where there is only one.

    Signals:
        chosen(object): the Transcript of another try.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "attempts")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._attempts: tuple[Attempt[Transcript], ...] = ()
        self.segments: Segmented | None = None
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        pad(self._lines, 0, spacing=SMALL)
        self._layout = QHBoxLayout()
        pad(self._layout, 0, spacing=SMALL)
        self._lines.addLayout(self._layout)
        self._layout.addWidget(Label("Attempt", tone="secondary"))
        self.verdict = Pill("", outcome_tone(Outcome.UNKNOWN))
        self.words = Label(kind=Type.SMALL, tone="secondary", wrap=True, selectable=True)
        self._layout.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addStretch(1)
        self._lines.addWidget(self.words, 1)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Let the words begin a line of their own where there is little room beside."""
        beside = self.width() - self._layout.sizeHint().width() - SMALL
        needed = min(metrics().scaled(_LEAST_WORDS), self._words_width())
        ways = QBoxLayout.Direction
        self._lines.setDirection(ways.LeftToRight if beside >= needed else ways.TopToBottom)
        self._lines.setSpacing(SMALL if beside >= needed else TIGHT)

    def _words_width(self) -> int:
        return metrics().measure(Type.SMALL).horizontalAdvance(self.words.text()) + SMALL

    def set_attempts(self, attempts: Sequence[Attempt[Transcript]]) -> None:
        """Offer these tries, the last one being shown."""
        if self.segments is not None:
            self._layout.removeWidget(self.segments)
            forget(self.segments)
            self.segments = None
        self._attempts = tuple(attempts)[-_MOST:]
        self.setVisible(len(self._attempts) > 1)
        if len(self._attempts) < 2:
            return
        options = [(str(each.number), str(each.number)) for each in self._attempts]
        self.segments = Segmented(options, name="attempts-choice", accessible="Attempt")
        self.segments.set_key(options[-1][0])
        self.segments.changed.connect(self._chosen)
        self._layout.insertWidget(1, self.segments)
        self._say(self._attempts[-1])

    @Slot(str)
    def _chosen(self, key: str) -> None:
        attempt = next(each for each in self._attempts if str(each.number) == key)
        self._say(attempt)
        self.chosen.emit(attempt.report)

    def _say(self, attempt: Attempt[Transcript]) -> None:
        transcript = attempt.report
        code = f" {transcript.reply.code}" if transcript.reply else ""
        self.verdict.set_pill(f"{transcript.outcome.value}{code}", outcome_tone(transcript.outcome))
        settled = transcript.outcome is Outcome.ACCEPTED
        words = "" if settled else visible(attempt.reason)
        if attempt.again:
            words += f" The next one began {attempt.wait:.1f} s later."
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self._arrange()
