"""The keys of the page."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar

from mailgui.ui.compose.tools_button import (
    CODE_KEYS,
    CONSOLE_KEYS,
    MANY_KEYS,
    MATRIX_KEYS,
    STEPS_KEYS,
)
from mailgui.ui.compose.top_bar import SEND_KEYS, TEST_KEYS
from mailgui.ui.widgets.basics import tip

if TYPE_CHECKING:
    from mailgui.ui.compose.page import ComposePage

_LEFT = ("html", "text", "headers", "mime")
API_KEYS = "Ctrl+Shift+A"
_RIGHT_FROM = 5  # Ctrl+5 is the first tab at the right


def install(page: "ComposePage") -> None:
    """Give the page its keys: send, test, cancel, and a number for each tab."""
    _add(page, SEND_KEYS, page.send)
    _add(page, "Ctrl+Enter", page.send)
    _add(page, TEST_KEYS, page.test_connection)
    _add(page, CONSOLE_KEYS, page.tools.open_console)
    _add(page, STEPS_KEYS, page.exchange.open_steps)
    _add(page, MANY_KEYS, page.routes.open_many)
    _add(page, MATRIX_KEYS, page.routes.open_matrix)
    _add(page, CODE_KEYS, page.code.open)
    cancel = _add(page, "Esc", page.controller.cancel)
    cancel.setEnabled(False)  # Esc belongs to menus and prompts unless something runs
    page.controller.running_changed.connect(cancel.setEnabled)
    left = page.message.tabs.tabs
    for number, key in enumerate(_LEFT, start=1):
        _add(page, f"Ctrl+{number}", partial(_go_left, page, key))
        _hint(left, number - 1, f"Ctrl+{number}")
    _add(page, API_KEYS, partial(_go_api, page))
    _hint(left, left.count() - 1, API_KEYS)
    for number in range(_RIGHT_FROM, 11):
        _add(page, f"Ctrl+{number % 10}", partial(_go_right, page, number - _RIGHT_FROM))


def _add(page: "ComposePage", keys: str, function: Callable[[], None]) -> QShortcut:
    shortcut = QShortcut(QKeySequence(keys), page)
    # Wherever the keyboard is, as long as this page is the one in front.
    shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
    shortcut.setAutoRepeat(False)
    shortcut.activated.connect(function)
    return shortcut


def _hint(tabs: QTabBar, index: int, keys: str) -> None:
    tabs.setTabToolTip(index, tip(keys))


def _go_left(page: "ComposePage", key: str) -> None:
    page.message.tabs.tabs.set_key(key)
    page.message.tabs.page(key).setFocus()


def _go_api(page: "ComposePage") -> None:
    if page.message.tabs.api.provider is not None:
        _go_left(page, "api")


def _go_right(page: "ComposePage", place: int) -> None:
    shown = page.exchange.shown_tabs()
    if place < len(shown):
        page.exchange.tabs.set_key(shown[place])
        page.exchange.tabs.setFocus()
