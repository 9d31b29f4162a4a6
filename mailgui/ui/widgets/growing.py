"""Sizes that are set once have to be set again when the size of type changes."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

_CHANGES = (QEvent.Type.FontChange, QEvent.Type.StyleChange)


class _Growing(QObject):
    def __init__(self, widget: QWidget, measure: Callable[[], None]) -> None:
        super().__init__(widget)
        self._measure = measure
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            self._measure()
        return False


def grow(widget: QWidget, measure: Callable[[], None]) -> None:
    """Call ``measure`` now, and whenever ``widget`` gets another font: it sets what grows."""
    measure()
    _Growing(widget, measure)
