"""Reads large JSON documents in a thread of their own, so that the window need not wait."""

import threading
from typing import Any

from PySide6.QtCore import QObject, Signal

from mailgui.ui.widgets.json_document import parse


class JsonReader(QObject):
    """Takes what a thread has read back to the window's thread.

    Signals:
        read(int, object, str): number of the reading, the value, and why there is none.
    """

    read = Signal(int, object, str)

    def start(self, number: int, source: str | bytes) -> None:
        """Read ``source`` aside."""
        thread = threading.Thread(target=self._run, args=(number, source), daemon=True)
        thread.start()

    def _run(self, number: int, source: str | bytes) -> None:
        value, problem = read(source)
        try:
            self.read.emit(number, Box(value), problem)
        except RuntimeError:
            return  # the window has closed


class Box:
    """Keeps Qt from converting a list into something of its own."""

    def __init__(self, value: Any) -> None:
        self.value = value


def read(source: str | bytes) -> tuple[Any, str]:
    """Return the value and an empty string, or None and why there is none."""
    try:
        return parse(source), ""
    except ValueError as error:
        return None, str(error)
