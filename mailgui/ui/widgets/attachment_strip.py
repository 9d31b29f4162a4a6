"""The strip of attachments: cards, a place to drop files, and a button to choose them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.attachment_card import AttachmentCard, AttachmentItem
from mailgui.ui.widgets.basics import forget, identify, pad, set_flag
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.flow_layout import FlowLayout


def dropped_files(data: QMimeData) -> list[Path]:
    """Return the local files that a drag carries."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class _AddButton(QuietButton):
    def __init__(self, name: str) -> None:
        super().__init__("Add or drop files", name=name)
        self.setAccessibleName("Add files")
        self.setProperty("kind", "dashed")
        self.setIcon(icon("plus", "accent"))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), card_height()))


def card_height() -> int:
    """Return the height of a card, so that the button beside them is as tall."""
    sizes = metrics()
    lines = sizes.line() + sizes.line(Type.SMALL) + 4
    return lines + 2 * (TIGHT + 2)


class AttachmentStrip(QFrame):
    """Shows attachments; the page keeps them, and sets them anew after each change.

    Signals:
        add_asked: the button was pressed; the page asks for files.
        remove_asked(int): the attachment at this place shall go.
        inline_asked(int, bool): it shall be shown inside the HTML, or not.
    """

    add_asked = Signal()
    remove_asked = Signal(int)
    inline_asked = Signal(int, bool)

    def __init__(self, *, name: str = "attachments", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Attachments")
        self.setProperty("kind", "foot")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(self)
        pad(layout, LARGE, MEDIUM - 2, LARGE, MEDIUM - 2)
        self._body = QWidget()
        self._flow = FlowLayout(self._body, gap=SMALL)
        layout.addWidget(self._body)
        self.add_button = _AddButton(f"{name}-add")
        self.add_button.clicked.connect(self.add_asked)
        self._flow.addWidget(self.add_button)
        self.cards: list[AttachmentCard] = []

    def set_items(self, items: Sequence[AttachmentItem]) -> None:
        """Show these attachments in place of what was there."""
        if [card.item for card in self.cards] == list(items):
            return
        focused = next((n for n, card in enumerate(self.cards) if card.hasFocus()), None)
        for card in self.cards:
            self._flow.removeWidget(card)
            forget(card)
        self.cards = []
        for place, item in enumerate(items):
            card = AttachmentCard(item, name=f"{self.objectName()}-{place}")
            card.remove_asked.connect(lambda place=place: self.remove_asked.emit(place))
            card.inline_asked.connect(lambda on, place=place: self.inline_asked.emit(place, on))
            self._flow.insert_widget(place, card)
            card.show()  # the layout would show it a moment later
            self.cards.append(card)
        if focused is not None:
            neighbours = [*self.cards[: focused + 1], self.add_button]
            neighbours[min(focused, len(neighbours) - 1)].setFocus()
        self._body.updateGeometry()
        self.updateGeometry()

    def set_drop_target(self, active: bool) -> None:
        """Show that what is being dragged can be dropped here, or no longer."""
        set_flag(self.add_button, "drop", "true" if active else "false")
