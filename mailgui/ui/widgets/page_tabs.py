"""Several pages under one entry of the rail, each made when it is first shown."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from mailgui.ui.metrics import MEDIUM
from mailgui.ui.widgets.basics import bar, identify, pad
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.tab_bar import TabBar

State = dict[str, Any]
Maker = Callable[[State], Page]


class PageTabs(Page):
    """A bar of tabs above the page in front.

    Signals:
        shown(str): another page is in front; carries its key.
    """

    shown = Signal(str)

    def __init__(
        self,
        makers: Mapping[str, tuple[str, Maker]],
        state: State,
        *,
        name: str,
        accessible: str,
    ) -> None:
        """``makers``: by key, the tab's words and what makes the page from its remembered state."""
        super().__init__()
        identify(self, name)
        self._makers = dict(makers)
        kept = state.get("tabs", {})
        self._states: State = dict(kept) if isinstance(kept, dict) else {}
        self._pages: dict[str, Page] = {}
        self.tabs = TabBar(name=f"{name}-tabs", accessible=accessible)
        self._stack = QStackedWidget()
        strip = bar()
        inside = QVBoxLayout(strip)
        pad(inside, MEDIUM, 0, MEDIUM, 0)
        inside.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(strip)
        layout.addWidget(self._stack, 1)
        for key, (words, _maker) in self._makers.items():
            self.tabs.add(key, words)
        wanted = str(state.get("tab", ""))
        self.tabs.set_key(wanted if wanted in self._makers else next(iter(self._makers)))
        self._bring(self.tabs.key)
        self.tabs.chosen.connect(self._bring)

    def page(self, key: str) -> Page:
        """Return the page ``key``, made if it was not there yet."""
        if key not in self._pages:
            kept = self._states.get(key, {})
            page = self._makers[key][1](kept if isinstance(kept, dict) else {})
            self._pages[key] = page
            self._stack.addWidget(page)
        return self._pages[key]

    def show_page(self, key: str) -> None:
        """Bring a page to the front."""
        self.tabs.set_key(key)

    def save_state(self) -> State:
        """Return what is to be remembered until the next start."""
        made = {key: page.save_state() for key, page in self._pages.items()}
        return {"tab": self.tabs.key, "tabs": {**self._states, **made}}

    def focus_first(self) -> None:
        """Put the keyboard where the page in front wants it."""
        self.page(self.tabs.key).focus_first()

    @Slot(str)
    def _bring(self, key: str) -> None:
        self._stack.setCurrentWidget(self.page(key))
        self.shown.emit(key)
