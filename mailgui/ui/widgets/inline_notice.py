"""A sentence that stands where the work is: a sign, plain words, perhaps one thing to do."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import MEDIUM, SMALL
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone, tone_icon
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.beside import Beside
from mailgui.ui.widgets.buttons import IconButton, LinkButton
from mailgui.ui.widgets.panel import Panel


class Sign(QWidget):
    """An icon in its tone's colour, beside words that say the same."""

    def __init__(
        self, tone: Tone = Tone.INFO, *, edge: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._edge = edge
        self._tone = tone
        self._icon = tone_icon(tone)

    def set_tone(self, tone: Tone, icon_name: str = "") -> None:
        """Change colour and icon; by default the tone's own icon."""
        self._tone, self._icon = tone, icon_name or tone_icon(tone)
        self.update()

    def sizeHint(self) -> QSize:
        # As high as the line of words beside it.
        edge = metrics().scaled(self._edge)
        return QSize(edge, max(edge, metrics().line()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge = min(self.width(), self.height())
        square = QRect(0, (self.height() - edge) // 2, edge, edge)
        paint_icon(painter, self._icon, square, tokens().foreground(self._tone))
        painter.end()


class InlineNotice(Panel):
    """A notice in its tone; hidden until it has something to say.

    Signals:
        action_triggered: the word to press was pressed.
        dismissed: the person closed it.
    """

    action_triggered = Signal()
    dismissed = Signal()

    def __init__(
        self, *, name: str, dismissible: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(Tone.INFO, parent=parent)
        identify(self, name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QHBoxLayout(self)
        pad(layout, MEDIUM, SMALL, MEDIUM, SMALL, spacing=SMALL)
        self._sign = Sign()
        self._words = Label(wrap=True)
        self._action = LinkButton("", name=f"{name}-action")
        self._close = IconButton("close", "Dismiss", name=f"{name}-dismiss", edge=12)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.addWidget(self._words)
        middle = Qt.AlignmentFlag.AlignVCenter
        layout.addWidget(Beside(words, self._action, align=middle), 1, middle)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._action.clicked.connect(self.action_triggered)
        self._close.clicked.connect(self._dismiss)
        self._action.hide()
        self._close.setVisible(dismissible)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._words.text()

    def say(self, sentence: str, tone: Tone = Tone.INFO, *, action: str = "") -> None:
        """Show a sentence; an empty one hides the notice."""
        self.set_tone(tone)
        self._sign.set_tone(tone)
        self._words.setText(sentence)
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def clear(self) -> None:
        """Say nothing."""
        self.say("")

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
