"""The Settings page: how it looks, where things are kept, which version this is."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui import __version__
from mailgui.jobs.history import retention, set_retention
from mailgui.jobs.services import Services
from mailgui.store import paths
from mailgui.store.history import Retention
from mailgui.store.secrets import Keeping
from mailgui.ui.bridge import Submitter
from mailgui.ui.metrics import BASE_PX, HUGE, LARGE, SMALL, Type
from mailgui.ui.theme import Choice, Theme, metrics
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.segmented import Segmented

_SCHEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_SIZES = (
    ("", "As the system"),
    (str(BASE_PX), "Normal"),
    ("15", "Larger"),
    ("18", "Large"),
    ("22", "Very large"),
    ("26", "Double"),
)
_NUMBERS = (("500", "500"), ("1000", "1,000"), ("5000", "5,000"), ("20000", "20,000"))
_AGES = (
    ("0", "Always"),
    ("365", "1 year"),
    ("90", "90 days"),
    ("30", "30 days"),
    ("7", "7 days"),
)


class SettingsPage(Page):
    """Everything here takes effect at once."""

    def __init__(
        self, bridge: Submitter, services: Services, state: dict[str, Any], *, theme: Theme
    ) -> None:
        super().__init__()
        identify(self, "settings-page")
        self._theme = theme
        self.scheme = Segmented(_SCHEMES, name="scheme", accessible="Colours")
        self.type_size = Segmented(_SIZES, name="type-size", accessible="Size of type")
        self.entries = Segmented(_NUMBERS, name="history-entries", accessible="Conversations kept")
        self.days = Segmented(_AGES, name="history-days", accessible="How long they are kept")
        self.keeping = Label("", wrap=True, selectable=True, name="secrets-sentence")
        self.folders: dict[str, RecordBox] = {}
        self._lay_out()
        self.scheme.set_key(theme.choice.value)
        size = str(state.get("type_size", ""))
        if size in dict(_SIZES):
            self.type_size.set_key(size)
        self.scheme.changed.connect(lambda key: theme.set_choice(Choice(key)))
        self.type_size.changed.connect(lambda key: theme.set_base_px(int(key) if key else None))
        bridge.submit(services.secrets.open, on_done=self._opened, owner=self)
        bridge.submit(retention, services, on_done=self._show_retention, owner=self)
        for choice in (self.entries, self.days):
            choice.changed.connect(lambda _key: self._keep(bridge, services))

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {"type_size": self.type_size.key}

    def focus_first(self) -> None:
        """Put the keyboard on the colours."""
        self.scheme.setFocus()

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        pad(column, 0, spacing=LARGE)
        column.addWidget(Label("Settings", kind=Type.TITLE))
        self._part(column, "Colours", self.scheme, "Takes effect at once.")
        self._part(column, "Size of type", self.type_size, "Everything grows with it.")
        self._part(column, "Conversations in the history", self.entries, "")
        hint = "What is older or beyond the number is forgotten at once, messages with it."
        self._part(column, "For how long", self.days, hint)
        self._part(column, "Passwords and keys", self.keeping, "")
        places = (
            ("profiles", "Profiles", paths.profiles_file()),
            ("data", "History, draft, the window's state", paths.data_folder()),
            ("cache", "What may be deleted at any time", paths.cache_folder()),
        )
        for key, words, path in places:
            self.folders[key] = box = self._folder(key, words, path)
            self._part(column, words, box, "")
        about = Label(f"MailGUI {__version__}", selectable=True, name="version")
        self._part(column, "Version", about, "")
        body.setMaximumWidth(metrics().scaled(680))
        holder = QWidget()
        across = QHBoxLayout(holder)
        pad(across, 0)
        across.addWidget(body, 1000)
        across.addStretch(1)
        scroll = ScrollColumn(
            name="settings-column", accessible="Settings", margins=(HUGE, LARGE, HUGE, HUGE)
        )
        scroll.add(holder)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(scroll)
        self._body = body
        self._theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self._body.setMaximumWidth(metrics().scaled(680))

    @staticmethod
    def _part(column: QVBoxLayout, words: str, widget: QWidget, hint: str) -> None:
        part = QVBoxLayout()
        pad(part, 0, spacing=SMALL - 2)
        title = Label(words, kind=Type.STRONG)
        title.setBuddy(widget)
        part.addWidget(title)
        fixed = isinstance(widget, Segmented)
        part.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if fixed else Qt.AlignmentFlag(0))
        if hint:
            part.addWidget(Label(hint, kind=Type.SMALL, tone="secondary", wrap=True))
        column.addLayout(part)

    @staticmethod
    def _folder(key: str, words: str, path: Path) -> RecordBox:
        return RecordBox(str(path), name=f"folder-{key}", what=f"the path: {words}", wrap=False)

    def _show_retention(self, kept: Retention) -> None:
        offers = ((self.entries, _NUMBERS, kept.entries), (self.days, _AGES, kept.days))
        for choice, options, value in offers:
            choice.set_key(min((key for key, _ in options), key=lambda k: abs(int(k) - value)))

    def _keep(self, bridge: Submitter, services: Services) -> None:
        wanted = Retention(int(self.entries.key), int(self.days.key))
        bridge.submit(set_retention, services, wanted)

    def _opened(self, keeping: Keeping) -> None:
        self.keeping.setText(keeping.sentence)
