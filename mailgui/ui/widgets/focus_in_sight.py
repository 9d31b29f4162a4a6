"""What the keyboard comes to is brought into sight, also from outside of what scrolls."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QWidget

_AIR = 12  # pixels that stay between it and the edge


def bring_into_sight(widget: QWidget | None) -> None:
    """Scroll every area that ``widget`` lies in until it shows.

    Qt does so only where the keyboard moves within an area, not where it comes in. What a mouse
    button is on, and what is larger than its area, stays where it is.
    """
    if widget is None or QGuiApplication.mouseButtons().value:
        return
    around = widget.parentWidget()
    while around is not None and not around.isWindow():
        if isinstance(around, QScrollArea):
            _scroll(around, widget)
        around = around.parentWidget()


def _scroll(area: QScrollArea, widget: QWidget) -> None:
    inside, viewport = area.widget(), area.viewport()
    if inside is None or not inside.isAncestorOf(widget) or widget.height() > viewport.height():
        return
    whole = QRect(widget.mapTo(inside, QPoint(0, 0)), widget.size())
    if not viewport.rect().contains(whole.translated(inside.pos())):
        # By its middle: for a field, ensureWidgetVisible would care for the cursor only.
        around = min(widget.height() // 2 + 1 + _AIR, viewport.height() // 2)
        area.ensureVisible(whole.left(), whole.center().y(), 0, around)
