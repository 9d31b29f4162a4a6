"""The main window: the rail, the pages, the status line."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mailgui.ui.metrics import HUGE, LARGE, Type
from mailgui.ui.theme import Theme
from mailgui.ui.widgets.basics import Label, bar, pad, tip
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.focus_in_sight import bring_into_sight
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.rail import Rail

if TYPE_CHECKING:
    from mailgui.jobs.services import Services
    from mailgui.store.secrets import Keeping
    from mailgui.ui.bridge import Bridge
    from mailgui.ui.compose.page import ComposePage
    from mailgui.ui.domain.page import DomainPage

State = dict[str, Any]

# In the rail's order: the key, which is also the icon's; the words; whether it stands at the
# bottom. ``_make_KEY`` makes it.
_PAGES = (
    ("compose", "Compose", False),
    ("domain", "Domain", False),
    ("sandbox", "Sandbox", False),
    ("compare", "Compare", False),
    ("history", "History", False),
    ("profiles", "Profiles", True),
    ("settings", "Settings", True),
)
_START_SIZE = (1280, 800)
_LEAST_SIZE = (900, 600)
_SETTLE_MS = 250  # after the first paint: what may wait until then


class MainWindow(QMainWindow):
    """Rail at the left, one page in front, a line of facts below.

    It can be shown before there is an engine; ``begin`` then fills it. Pages are made when they
    are first shown.
    """

    def __init__(self, theme: Theme, state: State) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle("MailGUI")
        self.setMinimumSize(*_LEAST_SIZE)
        self._theme, self._state = theme, state
        self._bridge: Bridge
        self._services: Services
        self._pages: dict[str, Page] = {}
        self._makers: dict[str, Callable[[], Page]] = {
            key: getattr(self, f"_make_{key}") for key, _words, _bottom in _PAGES
        }
        self.rail = Rail()
        self._stack = QStackedWidget()
        self._status = Label(kind=Type.SMALL, tone="secondary", name="status-message")
        self._secrets = Label(kind=Type.SMALL, tone="secondary")
        self._sandbox = ElidedLabel("", kind=Type.SMALL, token="secondary")
        self._sandbox.set_text("Sandbox not started")
        self._lay_out()
        self._fill_rail()
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101 - narrows the type
        application.focusChanged.connect(self._focus_moved)
        self.resize(*_START_SIZE)
        geometry = state.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))

    def begin(self, bridge: "Bridge", services: "Services") -> None:
        """Take the engine and show the page that was in front at the end of the last run."""
        self._bridge, self._services = bridge, services
        services.on_sandbox = bridge.outlet(self._sandbox_started, owner=self)
        self.rail.chosen.connect(self.show_page)
        self.rail.setEnabled(True)
        wanted = self._state.get("page")
        self.show_page("compose")
        if wanted in self._makers and wanted != "compose":
            self.show_page(str(wanted))
        QTimer.singleShot(_SETTLE_MS, self._settle)

    def page(self, key: str) -> Page:
        """Return the page ``key``, made if it was not there yet."""
        if key not in self._pages:
            page = self._makers[key]()
            self._pages[key] = page
            self._stack.addWidget(page)
        return self._pages[key]

    @property
    def compose(self) -> "ComposePage":
        """The Compose page."""
        from mailgui.ui.compose.page import ComposePage

        page = self.page("compose")
        assert isinstance(page, ComposePage)  # noqa: S101 - narrows the type
        return page

    @property
    def domain(self) -> "DomainPage":
        """The checks of the Domain page."""
        from mailgui.ui.domain.room import DomainRoom

        room = self.page("domain")
        assert isinstance(room, DomainRoom)  # noqa: S101 - narrows the type
        return room.checks

    def show_page(self, key: str) -> None:
        """Bring a page to the front, and the keyboard to where its work begins."""
        page = self.page(key)
        self._stack.setCurrentWidget(page)
        self.rail.set_key(key)
        focused = QApplication.focusWidget()
        if focused is None or not self.rail.isAncestorOf(focused):
            page.focus_first()

    def save_state(self) -> State:
        """Return what is to be remembered until the next start."""
        pages = {key: page.save_state() for key, page in self._pages.items()}
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        kept = {**self._state.get("pages", {}), **pages}
        return {
            **self._state,
            "geometry": geometry,
            "page": self.rail.key,
            "scheme": self._theme.choice.value,
            "pages": kept,
        }

    def closeEvent(self, event: QCloseEvent) -> None:
        self._state = self.save_state()
        if "compose" in self._pages:
            self.compose.save_now()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        body = QWidget()
        across = QHBoxLayout(body)
        pad(across)
        across.addWidget(self.rail)
        right = QVBoxLayout()
        pad(right)
        right.addWidget(self._stack, 1)
        across.addLayout(right, 1)
        foot = bar("foot")
        line = QHBoxLayout(foot)
        pad(line, LARGE, 6, LARGE, 6, spacing=HUGE)
        line.addWidget(self._status, 1)
        line.addWidget(self._secrets)
        line.addWidget(self._sandbox)
        right.addWidget(foot)
        self.setCentralWidget(body)

    def _fill_rail(self) -> None:
        for number, (key, words, bottom) in enumerate(_PAGES, start=1):
            keys = f"Alt+{number}"
            self.rail.add(key, words, key, shortcut=keys, bottom=bottom)
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda key=key: self._go(key))
        self.rail.setEnabled(False)  # until there is an engine behind it

    @Slot(QWidget, QWidget)
    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.isAncestorOf(now):
            bring_into_sight(now)

    def _go(self, key: str) -> None:
        self.show_page(key)
        self.page(key).focus_first()  # even from the rail

    def _page_state(self, key: str) -> State:
        state = self._state.get("pages", {})
        kept = state.get(key, {}) if isinstance(state, dict) else {}
        return kept if isinstance(kept, dict) else {}

    def _make_compose(self) -> Page:
        from mailgui.ui.compose.page import ComposePage

        page = ComposePage(self._bridge, self._services, self._page_state("compose"))
        page.status_changed.connect(self._status.setText)
        page.check_domain_requested.connect(self._check_domain)
        page.profiles_requested.connect(lambda: self._go("profiles"))
        return page

    def _make_domain(self) -> Page:
        from mailgui.ui.domain.room import DomainRoom

        return DomainRoom(self._bridge, self._services, self._page_state("domain"))

    def _make_sandbox(self) -> Page:
        from mailgui.ui.sandbox.page import SandboxPage

        state = self._page_state("sandbox")
        page = SandboxPage(self._bridge, self._services, state, self._bridge.outlet)
        page.write_asked.connect(self._write_to)
        page.draft_asked.connect(self._edit_again)
        page.stopped.connect(lambda: self._sandbox.set_text("Sandbox stopped"))
        return page

    def _make_compare(self) -> Page:
        from mailgui.ui.compare.page import ComparePage

        state = self._page_state("compare")
        return ComparePage(self._bridge, self._services, state, draft=self.compose.draft)

    def _make_history(self) -> Page:
        from mailgui.ui.history.page import HistoryPage

        page = HistoryPage(self._bridge, self._services, self._page_state("history"))
        page.draft_asked.connect(self._edit_again)
        return page

    def _make_profiles(self) -> Page:
        from mailgui.ui.profiles.page import ProfilesPage

        page = ProfilesPage(self._bridge, self._services, self._page_state("profiles"))
        page.profiles_changed.connect(self._profiles_changed)
        return page

    def _make_settings(self) -> Page:
        from mailgui.ui.settings.page import SettingsPage

        return SettingsPage(
            self._bridge, self._services, self._page_state("settings"), theme=self._theme
        )

    def _profiles_changed(self) -> None:
        self.compose.profiles_changed()
        if "compare" in self._pages:
            self._pages["compare"].profiles_changed()  # type: ignore[attr-defined]

    def _write_to(self, address: str) -> None:
        from mailgui.message.draft import Address

        draft = self.compose.draft()
        self.compose.set_draft(replace(draft, to=(Address(address),)))
        self._go("compose")

    def _edit_again(self, draft: Any, profile: str) -> None:
        self.compose.set_draft(draft)
        with suppress(LookupError):  # it may have been removed
            self.compose.choose_profile(profile)
        self._go("compose")

    def _check_domain(self, domain: str) -> None:
        self._go("domain")
        self.page("domain").show_page("checks")  # type: ignore[attr-defined]
        self.domain.check(domain)

    def _settle(self) -> None:
        """Do what the first page need not wait for."""
        from mailgui.jobs.warm_up import warm_up

        self._bridge.submit(self._services.secrets.open, on_done=self._secrets_opened, owner=self)
        self._bridge.submit(warm_up)

    def _secrets_opened(self, keeping: "Keeping") -> None:
        words = (
            "Secrets in the system keyring" if keeping.kind == "keyring" else "Secrets in memory"
        )
        self._secrets.setText(words)
        self._secrets.setToolTip(tip(keeping.sentence))

    def _sandbox_started(self, batch: list[Any]) -> None:
        sandbox = batch[-1]
        self._sandbox.set_text(f"Sandbox running · SMTP {sandbox.smtp} · API {sandbox.http}")
        if "sandbox" in self._pages:
            self._pages["sandbox"].started(sandbox)  # type: ignore[attr-defined]
