"""How the gallery sets its samples: side by side, and below one another."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.widgets.basics import pad


def row(*widgets: QWidget, spacing: int = SMALL) -> QWidget:
    """Return the widgets side by side."""
    box = QWidget()
    layout = QHBoxLayout(box)
    pad(layout, 0, spacing=spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return box


def column(*widgets: QWidget, spacing: int = LARGE) -> QWidget:
    """Return the widgets below one another."""
    box = QWidget()
    layout = QVBoxLayout(box)
    pad(layout, LARGE, spacing=spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return box
