"""A rounded ground that other widgets stand on: cards, banners, notices."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mailgui.ui.metrics import CARD_RADIUS
from mailgui.ui.theme import tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.painting import paint_ground


class Panel(QWidget):
    """Paints a rounded ground in its tone, or as a card with a coloured edge.

    Attributes:
        tone: what its colour says; None for a plain card.
        card: a card has the base ground, a hairline, and its tone as the left edge only.
    """

    def __init__(
        self, tone: Tone | None = None, *, card: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.tone = tone
        self.card = card
        self.radius = CARD_RADIUS

    def set_tone(self, tone: Tone | None) -> None:
        """Change what the ground's colour says."""
        if tone is not self.tone:
            self.tone = tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        table = tokens()
        painter = QPainter(self)
        if self.card:
            edge = table.foreground(self.tone) if self.tone else ""
            paint_ground(
                painter,
                self.rect(),
                table.base,
                border=table.border,
                edge=edge,
                radius=self.radius,
            )
        else:
            ground = table.ground(self.tone or Tone.NEUTRAL)
            paint_ground(painter, self.rect(), ground, radius=self.radius)
        painter.end()
