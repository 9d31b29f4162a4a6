"""What a page shows before there is anything: what will be here, and the one thing to do."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import HUGE, MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.growing import grow


class _Picture(QWidget):
    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._icon = icon_name

    def sizeHint(self) -> QSize:
        edge = metrics().scaled(36)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, self._icon, self.rect(), tokens().secondary)
        painter.end()


class EmptyState(QWidget):
    """A quiet picture, a title, a sentence and at most one button. Where there is little height,
    the picture and the air go first.

    Signals:
        action_triggered: the button was pressed.
    """

    action_triggered = Signal()

    def __init__(
        self,
        icon_name: str,
        title: str,
        sentence: str,
        *,
        name: str,
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, title, sentence)
        layout = QVBoxLayout(self)
        pad(layout, HUGE, spacing=SMALL)
        self._title = Label(title, kind=Type.STRONG)
        self._sentence = Label(sentence, tone="secondary", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        grow(self, lambda: self._sentence.setMaximumWidth(metrics().scaled(420)))
        center = Qt.AlignmentFlag.AlignHCenter
        layout.addStretch(2)
        self._picture = _Picture(icon_name)
        layout.addWidget(self._picture, 0, center)
        layout.addSpacing(MEDIUM - SMALL)
        layout.addWidget(self._title, 0, center)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._sentence, 1000)
        middle.addStretch(1)
        layout.addLayout(middle)
        if action:
            button = QuietButton(action, name=f"{name}-action")
            button.clicked.connect(self.action_triggered)
            layout.addSpacing(SMALL)
            layout.addWidget(button, 0, center)
        layout.addStretch(3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout, height = self.layout(), self.height()
        assert layout is not None  # noqa: S101 - narrows the type
        words = self._sentence.heightForWidth(min(self._sentence.maximumWidth(), self.width()))
        action = self.findChild(QuietButton)
        needed = words + self._title.sizeHint().height() + 3 * SMALL
        needed += action.sizeHint().height() + 2 * SMALL if action is not None else 0
        picture = self._picture.sizeHint().height() + MEDIUM
        self._picture.setVisible(height >= needed + picture + 2 * MEDIUM)
        pad(layout, HUGE if height >= needed + picture + 2 * HUGE else SMALL, spacing=SMALL)

    def set_words(self, title: str, sentence: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
