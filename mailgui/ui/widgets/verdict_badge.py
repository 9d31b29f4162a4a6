"""Pills: a word on a ground in the colour that says the same."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mailgui.findings import Verdict
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone, verdict_tone, verdict_word
from mailgui.ui.widgets.painting import paint_ground, paint_pill, pill_size


class Pill(QWidget):
    """A short word in a tone."""

    def __init__(
        self, text: str = "", tone: Tone = Tone.INFO, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._text = ""
        self._tone = tone
        self.set_pill(text, tone)

    @property
    def text(self) -> str:
        """The word on it."""
        return self._text

    @property
    def tone(self) -> Tone:
        """What its colour says."""
        return self._tone

    def set_pill(self, text: str, tone: Tone) -> None:
        """Change word and tone."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return pill_size(self._text)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_pill(painter, self.rect(), self._text, self._tone)
        painter.end()


class VerdictBadge(Pill):
    """A check's verdict: pass, attention, broken, not set up, could not check; None: asking."""

    def __init__(self, verdict: Verdict | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.verdict: Verdict | None = None
        self.set_verdict(verdict)

    def set_verdict(self, verdict: Verdict | None) -> None:
        """Show ``verdict``; None says that it is still being asked."""
        self.verdict = verdict
        if verdict is None:
            self.set_pill("asking…", Tone.NEUTRAL)
        else:
            self.set_pill(verdict_word(verdict), verdict_tone(verdict))


class Dot(QWidget):
    """A small round mark beside a name; it repeats what a word says and is silent by itself."""

    def __init__(self, tone: Tone = Tone.NEUTRAL, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tone = tone

    def set_tone(self, tone: Tone) -> None:
        """Change its colour."""
        self.tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        edge = metrics().scaled(8)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        value = tokens().foreground(self.tone)
        paint_ground(painter, self.rect(), value, radius=self.width() // 2)
        painter.end()
