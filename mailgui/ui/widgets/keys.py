"""Keys that work wherever the keyboard is inside a widget."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

Keys = str | QKeySequence.StandardKey


def bind(widget: QWidget, *pairs: tuple[Keys, Callable[[], object]]) -> None:
    """Call a function on its keys, as long as the keyboard is on ``widget`` or inside it.

    The innermost widget does not win: Qt does nothing where two that both hold the keyboard have
    the same keys. Bind them to widgets that lie beside each other.
    """
    for keys, function in pairs:
        shortcut = QShortcut(QKeySequence(keys), widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(function)
