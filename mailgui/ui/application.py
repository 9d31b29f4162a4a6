"""Opens the window: the application, its theme, the engine, and an orderly end."""

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from mailgui.jobs.services import Services
    from mailgui.ui.bridge import Bridge
    from mailgui.ui.main_window import MainWindow

EX_UNAVAILABLE = 69  # sysexits: something that the program needs is not there
_PATIENCE = 3.0  # seconds that the engine gets to end in

NO_DISPLAY = (
    "There is no display to open a window on. `mailgui demo` shows what MailGUI does without one."
)


def has_display() -> bool:
    """Return whether a window can be opened here."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(*, smoke_test: bool = False, scheme: str | None = None) -> int:
    """Open the window and return the exit code when it is closed.

    ``smoke_test``: close it once it has painted. ``scheme``: system, light or dark for this time.
    """
    if not has_display():
        sys.stderr.write(NO_DISPLAY + "\n")
        return EX_UNAVAILABLE
    try:
        from PySide6.QtWidgets import QApplication  # noqa: F401 - loads the system's libraries
    except ImportError as missing:
        sys.stderr.write(
            f"Qt cannot be loaded: {missing}. `./packaging/run` installs what it needs.\n"
        )
        return EX_UNAVAILABLE
    return _run(smoke_test, scheme)


def make_application() -> "QApplication":
    """Return the application object, made once a process, with its names and icon."""
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from mailgui import __version__, resources

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("MailGUI")
    app.setApplicationDisplayName("MailGUI")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.mailgui.MailGUI")
    app.setWindowIcon(QIcon(str(resources.path("icons", "mailgui.svg"))))
    return app


def make_frame(
    state: dict[str, Any], *, scheme: str | None = None, base_px: int | None = None
) -> "MainWindow":
    """Return the main window without an engine: quick to make, and empty until ``begin``."""
    from mailgui.ui.main_window import MainWindow
    from mailgui.ui.theme import Choice, Theme

    app = make_application()
    chosen = scheme or str(state.get("scheme", ""))
    choice = next((each for each in Choice if each.value == chosen), Choice.SYSTEM)
    theme = Theme(app, choice, base_px=base_px or kept_type_size(state))
    window = MainWindow(theme, state)
    theme.dress(window)
    return window


def begin(window: "MainWindow") -> "tuple[Bridge, Services]":
    """Give the window its engine and return it; ``close_engine`` ends it."""
    from mailgui.jobs.services import Services
    from mailgui.ui.bridge import Bridge

    bridge, services = Bridge(), Services()
    window.begin(bridge, services)
    return bridge, services


def kept_type_size(state: dict[str, Any]) -> int | None:
    """Return the size of type that was chosen in the settings, in pixels; None for the system's."""
    pages = state.get("pages")
    settings = pages.get("settings") if isinstance(pages, dict) else None
    size = str(settings.get("type_size", "")) if isinstance(settings, dict) else ""
    return int(size) if size in ("13", "15", "18", "22", "26") else None


def close_engine(bridge: "Bridge", services: "Services") -> None:
    """Stop everything that runs, within a bound."""
    from concurrent.futures import TimeoutError as TooLate

    handle = bridge.worker.submit(services.close)
    try:
        handle.result(_PATIENCE)
    except TooLate:
        handle.cancel()
    bridge.drain(_PATIENCE)


def _run(smoke_test: bool, scheme: str | None) -> int:
    from mailgui.store.state import StateStore
    from mailgui.ui.ending import Ending
    from mailgui.ui.first_paint import FirstPaint

    store = StateStore()
    window = make_frame(store.load(), scheme=scheme)
    ending = Ending(window)
    engines: list[tuple[Bridge, Services]] = []
    FirstPaint(window, window.close if smoke_test else lambda: engines.append(begin(window)))
    window.show()
    code = make_application().exec()
    if engines:
        try:
            store.save(window.save_state())
        except OSError as fault:
            sys.stderr.write(f"The window's size could not be saved: {fault.strerror}.\n")
        close_engine(*engines[0])
    ending.stop()
    window.deleteLater()
    return code
