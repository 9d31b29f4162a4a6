"""The one banner of a conversation: phase, time and Cancel while it runs; then what happened."""

import re

from PySide6.QtCore import QElapsedTimer, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.metrics import LARGE, MEDIUM, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.beside import Beside
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.inline_notice import Sign
from mailgui.ui.widgets.line_breaks import together, units_together, without_marks
from mailgui.ui.widgets.panel import Panel

SHOW_AFTER_MS = 200
TICK_MS = 100
TIME_AFTER = 1.0  # seconds
_SHORT = re.compile(r"(?:[a-z]|\d+ of )[^·]{1,29}")  # "not encrypted", "2 of 2 recipients"


class _Progress(QWidget):
    """A thin line that moves while work runs; with a share it fills from the left."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.share: float | None = None
        self.step = 0

    def sizeHint(self) -> QSize:
        return QSize(80, 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(table.border))
        width = self.width()
        if self.share is not None:
            painter.fillRect(QRect(0, 0, round(width * self.share), 3), QColor(table.accent))
        else:
            part = max(24, width // 5)
            left = (self.step * 9) % (width + part) - part
            painter.fillRect(QRect(left, 0, part, 3), QColor(table.accent))
        painter.end()


class ResultBanner(Panel):
    """Says what is going on, or how it ended. Hidden while there is nothing to say.

    Signals:
        cancelled: Cancel was pressed.
        action_triggered: the one action was pressed.
    """

    cancelled = Signal()
    action_triggered = Signal()

    def __init__(self, *, name: str = "result", parent: QWidget | None = None) -> None:
        super().__init__(Tone.INFO, parent=parent)
        identify(self, name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._sign = Sign(edge=20)
        self._sentence = Label(kind=Type.STRONG, wrap=True, selectable=True)
        self._facts = Label(wrap=True, selectable=True)
        self._progress = _Progress()
        self._cancel = QuietButton("Cancel", name=f"{name}-cancel", small=True)
        self._action = QuietButton("", name=f"{name}-action", small=True)
        self._cancel.clicked.connect(self._cancel_pressed)
        self._action.clicked.connect(self.action_triggered)
        self._action.hide()
        self._lay_out()
        self._phase = ""
        self._progress_words = ""
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_time)
        self._appear = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._appear.timeout.connect(self._show_busy)
        self.busy = False
        self.hide()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE - 2, MEDIUM - 2, LARGE - 2, MEDIUM - 2, spacing=MEDIUM)
        words = QVBoxLayout()
        pad(words, 0, spacing=TIGHT - 1)
        words.addWidget(self._sentence)
        words.addWidget(self._facts)
        words.addSpacing(TIGHT)
        words.addWidget(self._progress)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(Beside(words, self._cancel, self._action), 1)

    @property
    def sentence(self) -> str:
        """What it says in its first line."""
        return without_marks(self._sentence.text())

    @property
    def facts(self) -> str:
        """What it says in its second line."""
        return without_marks(self._facts.text())

    def start(self, sentence: str) -> None:
        """Say that work runs, such as "Sending…"; it shows when that takes longer than 200 ms."""
        self.busy = True
        self._phase = self._progress_words = ""
        self._progress.share = None
        self._sentence.setText(sentence)
        self._clock.start()
        self._appear.start()
        if self.isVisible():
            self._show_busy()

    def set_phase(self, words: str) -> None:
        """Say what is going on now, such as "Waiting for the banner"."""
        self._phase = words
        self._show_time()

    def set_progress(self, share: float | None, words: str = "") -> None:
        """Show how far the work is: ``share`` from 0 to 1, and words such as "3 of 20 MB"."""
        self._progress.share = None if share is None else min(1.0, max(0.0, share))
        self._progress_words = words
        self._show_time()

    def finish(self, tone: Tone, sentence: str, facts: str = "", *, action: str = "") -> None:
        """Say how it ended; ``action`` is the words of the one thing to do, if any."""
        self._stop_timers()
        self.set_tone(tone)
        self._sign.set_tone(tone, "check" if tone is Tone.PASS else "")
        self._sentence.set_tone({Tone.NEUTRAL: "secondary"}.get(tone, tone.value))
        self._sentence.setText(units_together(visible(sentence)))
        self._facts.setText(_together(visible(facts, keep_newlines=True)))
        self._facts.setVisible(bool(facts))
        self._progress.hide()
        self._cancel.hide()
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{sentence} {facts}".strip())
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self._stop_timers()
        self.hide()

    @Slot()
    def _show_busy(self) -> None:
        if not self.busy:
            return
        self.set_tone(Tone.INFO)
        self._sign.set_tone(Tone.INFO, "history")
        self._sentence.set_tone("info")
        self._facts.show()
        self._progress.show()
        self._cancel.setEnabled(True)
        self._cancel.show()
        self._action.hide()
        self._show_time()
        self._tick.start()
        self.setAccessibleName(self._sentence.text())
        self.show()

    @Slot()
    def _show_time(self) -> None:
        if not self.busy:
            return
        passed = self._clock.elapsed() / 1000
        time = duration(passed) if passed >= TIME_AFTER else ""
        facts = " · ".join(filter(None, (self._phase, self._progress_words, time)))
        self._facts.setText(facts or " ")
        self._progress.step += 1
        self._progress.update()

    def _cancel_pressed(self) -> None:
        # Stays pressable: a second press insists.
        self.set_phase("Cancelling")
        self.cancelled.emit()

    def _stop_timers(self) -> None:
        self.busy = False
        self._tick.stop()
        self._appear.stop()

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().scaled(200), super().minimumSizeHint().height())


def _together(facts: str) -> str:
    """Keep the words of a short fact on one line; a reply stays as it came, to be copied."""
    parts = facts.split(" · ")
    return " · ".join(together(part) if _SHORT.fullmatch(part) else part for part in parts)
