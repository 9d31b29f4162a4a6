"""A record, command or reply in the fixed font, ready to copy."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.metrics import MEDIUM, RADIUS, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.painting import paint_focus, paint_ground

_MOST_LINES = 12
_MOST_SHOWN = 20_000


class _WrappedText(QPlainTextEdit):
    """Read-only text that is as tall as its lines, up to a limit; then it scrolls."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setProperty("kind", "record")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.fit()

    def fit(self) -> None:
        """Take the height that the text needs at the present width."""
        self.setFont(metrics().font(Type.MONO))
        lines = max(1, round(self.document().size().height()))
        shown = min(lines, _MOST_LINES)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if lines > shown else policy.ScrollBarAlwaysOff
        )
        height = shown * self.fontMetrics().lineSpacing() + 2
        if height != self.height():
            self.setFixedHeight(height)


class RecordBox(QWidget):
    """Shows ``text``, wrapped or in one line elided in the middle; Copy copies the whole.

    Args:
        text: what is shown and copied.
        name: the object name.
        what: what Copy copies, for screen readers, such as "the SPF record".
        wrap: whether to break lines; otherwise one line.
    """

    def __init__(
        self,
        text: str = "",
        *,
        name: str = "record",
        what: str = "the record",
        wrap: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, what)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._text = ""
        layout = QHBoxLayout(self)
        pad(layout, MEDIUM - 2, TIGHT, TIGHT + 2, TIGHT, spacing=MEDIUM)
        self._line: ElidedLabel | None = None
        self._lines: _WrappedText | None = None
        if wrap:
            self._lines = _WrappedText(self)
            identify(self._lines, f"{name}-text", what)
            layout.addLayout(self._beside_copy(self._lines), 1)
        else:
            self._line = ElidedLabel(kind=Type.MONO)
            self._line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            layout.addWidget(self._line, 1, Qt.AlignmentFlag.AlignVCenter)
        self.copy_button = CopyButton(lambda: self._text, name=f"{name}-copy", what=what)
        layout.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        self.set_text(text)

    @staticmethod
    def _beside_copy(lines: QWidget) -> QVBoxLayout:
        """Let the first line stand level with the word Copy."""
        sizes = metrics()
        air = max(0, (sizes.line() + 8 - sizes.line(Type.MONO)) // 2)
        layout = QVBoxLayout()
        pad(layout, 0, air, 0, air)
        layout.addWidget(lines)
        return layout

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        if self._line is not None:
            self._line.set_text(text)
        if self._lines is not None:
            self._lines.setPlainText(text[:_MOST_SHOWN])
            self._lines.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground = QColor(tokens().ground(Tone.NEUTRAL)).name()
        paint_ground(painter, self.rect(), ground, radius=RADIUS)
        if self._lines is not None and self._lines.hasFocus():
            paint_focus(painter, self.rect())
        painter.end()
