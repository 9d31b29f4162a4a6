"""A card for one attached file: its name, how it travels, its size, and a way to take it out."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from mailgui.message.draft import Attachment
from mailgui.transcript import visible
from mailgui.ui.icons import icon
from mailgui.ui.metrics import MEDIUM, RADIUS, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.buttons import IconButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.painting import paint_focus
from mailgui.ui.widgets.panel import Panel

_WIDEST = 220


@dataclass(frozen=True, slots=True)
class AttachmentItem:
    """An attachment with what was found out about its file.

    Attributes:
        size: octets, or None while nobody has looked.
        problem: why it cannot be sent, one sentence, or an empty string.
    """

    attachment: Attachment
    size: int | None = None
    problem: str = ""


def facts(item: AttachmentItem) -> str:
    """Return an attachment's second line: "inline · cid:logo · 14 KB"."""
    from mailgui.message.attachments import human_size

    attachment = item.attachment
    parts = ["inline", f"cid:{attachment.content_id}"] if attachment.inline else ["attachment"]
    if item.size is not None:
        parts.append(human_size(item.size))
    return " · ".join(parts)


class AttachmentCard(Panel):
    """Shows one attachment.

    Signals:
        remove_asked: its ✕, Delete or Backspace was pressed.
        inline_asked(bool): it shall be shown inside the HTML, or be a file of its own.
    """

    remove_asked = Signal()
    inline_asked = Signal(bool)

    def __init__(self, item: AttachmentItem, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Tone.BROKEN if item.problem else None, card=True, parent=parent)
        self.item = item
        self.radius = RADIUS
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        filename = visible(item.attachment.filename)
        second = item.problem or facts(item)
        identify(self, name, f"{filename}, {second}")
        self.setToolTip(tip(f"{filename}\n{item.attachment.content_type}\n{second}"))
        title = ElidedLabel(filename)
        below = ElidedLabel(
            f"✕ {item.problem}" if item.problem else second,
            kind=Type.SMALL,
            token="broken" if item.problem else "secondary",
        )
        widest = metrics().scaled(_WIDEST)
        for label in (title, below):
            label.setMaximumWidth(widest)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        pad(layout, MEDIUM - 1, TIGHT + 2, TIGHT, TIGHT + 2, spacing=SMALL)
        words = QVBoxLayout()
        pad(words, 0, spacing=0)
        words.addWidget(title)
        words.addWidget(below)
        remove = IconButton("close", f"Remove {filename}", name=f"{name}-remove", edge=12)
        remove.clicked.connect(self.remove_asked)
        layout.addLayout(words)
        layout.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_asked.emit()
        elif event.key() == Qt.Key.Key_Menu:
            self._open_menu(self.mapToGlobal(QPoint(SMALL, self.height())))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._open_menu(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            paint_focus(painter, self.rect())
            painter.end()

    def menu(self) -> QMenu:
        """Return what can be done with it."""
        made = QMenu(self)
        inline = made.addAction("Show inside the HTML")
        inline.setCheckable(True)
        inline.setChecked(self.item.attachment.inline)
        inline.triggered.connect(self._ask_inline)
        made.addSeparator()
        made.addAction(icon("trash"), "Remove", self.remove_asked.emit)
        return made

    def _open_menu(self, where: QPoint) -> None:
        menu = self.menu()
        menu.exec(where)
        menu.deleteLater()

    @Slot(bool)
    def _ask_inline(self, inline: bool) -> None:
        self.inline_asked.emit(inline)
