"""The message's attachments: what they are, and the strip that shows them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from mailgui.message.draft import Attachment
from mailgui.ui.compose.drafting import FileState
from mailgui.ui.widgets.attachment_card import AttachmentItem
from mailgui.ui.widgets.attachment_strip import AttachmentStrip, card_height
from mailgui.ui.widgets.basics import identify

_MOST_LINES = 2.6  # the cut card says that there is more


def content_id_for(filename: str, taken: Sequence[str]) -> str:
    """Return a Content-ID made from a file's name that none of ``taken`` has."""
    stem = filename.rpartition(".")[0] or filename
    wanted = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "image"
    number, made = 2, wanted
    while made in taken:
        made, number = f"{wanted}-{number}", number + 1
    return made


class Attachments(QScrollArea):
    """Keeps the attachments and shows them; grows to some lines of cards, then scrolls.

    Attributes:
        strip: the widget with the cards.

    Signals:
        changed: there are others, or one travels otherwise.
        became_inline(object): this Attachment is one now.
        was_inline(object): this Attachment is none any more, or is gone.
    """

    changed = Signal()
    became_inline = Signal(object)
    was_inline = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "attachments-area")
        self.strip = AttachmentStrip()
        # Its height follows from its width; its size hint would ask for more.
        self.strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._items: list[AttachmentItem] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(self.strip)
        self.strip.remove_asked.connect(self._remove)
        self.strip.inline_asked.connect(self._set_inline)

    @property
    def items(self) -> tuple[Attachment, ...]:
        """The attachments, in order."""
        return tuple(item.attachment for item in self._items)

    def set_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Show these in place of what was there."""
        self._items = [AttachmentItem(attachment) for attachment in attachments]
        self._show()

    def add(self, attachments: Sequence[Attachment]) -> None:
        """Add some; inline ones get a Content-ID of their own."""
        for attachment in attachments:
            taken = [each.content_id or "" for each in self.items]
            if attachment.content_id in taken:
                content_id = content_id_for(attachment.content_id or "", taken)
                attachment = replace(attachment, content_id=content_id)
            self._items.append(AttachmentItem(attachment))
        self._changed()

    def set_states(self, states: Sequence[FileState]) -> None:
        """Show what was found out about the files, where that is news."""
        if len(states) != len(self._items):
            return  # others have come meanwhile; their states will follow
        items = [
            replace(item, size=state.size, problem=state.problem)
            for item, state in zip(self._items, states, strict=True)
        ]
        if items != self._items:
            self._items = items
            self._show()

    def focus_problem(self) -> None:
        """Go to the first card that cannot be sent, or to the button."""
        cards = self.strip.cards
        card = next((c for c in cards if c.item.problem), None)
        (card or self.strip.add_button).setFocus()
        if card:
            self.ensureWidgetVisible(card)

    def sizeHint(self) -> QSize:
        needed = max(
            self.strip.heightForWidth(self._width()), self.strip.minimumSizeHint().height()
        )
        return QSize(self.strip.sizeHint().width(), min(needed, self._most()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(
            self, "_items"
        ):
            self._show()

    @staticmethod
    def _most() -> int:
        return round(card_height() * _MOST_LINES) + 20

    def _width(self) -> int:
        return max(160, self.viewport().width())

    @Slot(int)
    def _remove(self, place: int) -> None:
        gone = self._items.pop(place).attachment
        self._changed()
        if gone.inline:
            self.was_inline.emit(gone)

    @Slot(int, bool)
    def _set_inline(self, place: int, inline: bool) -> None:
        item = self._items[place]
        before = item.attachment
        taken = [each.content_id or "" for each in self.items]
        content_id = content_id_for(before.filename, taken) if inline else None
        after = replace(before, content_id=content_id)
        self._items[place] = replace(item, attachment=after)
        self._changed()
        if inline:
            self.became_inline.emit(after)
        else:
            self.was_inline.emit(before)

    def _changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.strip.set_items(self._items)
        self.updateGeometry()
