"""The small things that every widget needs: plain labels, safe tool tips, names, hairlines."""

from html import escape

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QMenu, QSizePolicy, QWidget

from mailgui.ui.metrics import Type
from mailgui.ui.theme import restyle
from mailgui.ui.widgets.line_breaks import breakable, without_breaks

_TIP_LIMIT = 2000


def identify(widget: QWidget, name: str, accessible: str = "", description: str = "") -> None:
    """Give a widget the names by which tests, scripts and screen readers know it."""
    widget.setObjectName(name)
    if accessible:
        widget.setAccessibleName(accessible)
    if description:
        widget.setAccessibleDescription(description)


def tip(text: str) -> str:
    """Return ``text`` as a tool tip that shows it to the letter, whatever it holds."""
    if not text:
        return ""
    shown = text if len(text) <= _TIP_LIMIT else f"{text[:_TIP_LIMIT]}…"
    return f'<p style="white-space:pre-wrap">{escape(shown)}</p>'


class Label(QLabel):
    """A label that never reads markup. Where it wraps, words too long for a line break too, and
    what is copied from it is the text as it was set.

    ``tone`` is one of the style sheet's: secondary, accent, pass, attention, broken, info.
    """

    def __init__(
        self,
        text: str = "",
        *,
        kind: Type = Type.BODY,
        tone: str = "",
        wrap: bool = False,
        selectable: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", kind.value)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if wrap:
            policy = self.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        super().setText(breakable(text) if self.wordWrap() else text)

    def text(self) -> str:
        return without_breaks(super().text())

    def copy(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        """Copy what is selected."""
        if self.hasSelectedText():
            chosen = without_breaks(self.selectedText())
            QGuiApplication.clipboard().setText(chosen, mode)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self.copy()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if QGuiApplication.clipboard().supportsSelection():
            self.copy(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            event.ignore()
            return
        menu = QMenu(self)
        menu.addAction("Copy", self.copy).setEnabled(self.hasSelectedText())
        menu.addAction("Select all", lambda: self.setSelection(0, len(QLabel.text(self))))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def set_tone(self, tone: str) -> None:
        """Change the colour, by its meaning."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


def hairline(*, vertical: bool = False) -> QFrame:
    """Return a thin line, the only kind of line there is."""
    line = QFrame()
    line.setProperty("kind", "hairline")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def bar(kind: str = "bar", parent: QWidget | None = None) -> QFrame:
    """Return a strip across the page: ``bar`` (line below), ``foot`` (line above) or ``row``."""
    frame = QFrame(parent)
    frame.setProperty("kind", kind)
    return frame


def pad(layout: QLayout, *margins: int, spacing: int = 0) -> None:
    """Set a layout's margins, one for all sides or four, and its spacing."""
    left, top, right, bottom = margins if len(margins) == 4 else (margins or (0,)) * 4
    layout.setContentsMargins(left, top, right, bottom)
    layout.setSpacing(spacing)


def set_flag(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the style sheet knows, and restyle when it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        restyle(widget)


def forget(thing: QObject | None) -> None:
    """Delete a widget that is no longer needed, out of sight at once."""
    if isinstance(thing, QWidget):
        thing.hide()
        thing.setParent(None)
    if thing is not None:
        thing.deleteLater()
