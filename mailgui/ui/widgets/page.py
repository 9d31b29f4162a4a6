"""What a page is, beside being a widget."""

from typing import Any

from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """An entry of the rail, or a tab of one that has several."""

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start; usually nothing."""
        return {}

    def focus_first(self) -> None:
        """Put the keyboard where the work begins."""
        raise NotImplementedError
