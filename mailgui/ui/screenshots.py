"""Draws every page and state of the window to PNG files, by driving the real window.

``python -m mailgui.ui.screenshots FOLDER`` writes them all, in both schemes. The sandbox answers,
so nothing leaves this machine; run it with ``QT_QPA_PLATFORM=offscreen`` where there is no display.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from mailgui.message.draft import Address, Draft
from mailgui.ui.application import begin, close_engine, make_frame
from mailgui.ui.main_window import MainWindow
from mailgui.ui.screenshot_states import api, code, domain_tools, history, message, routes
from mailgui.ui.screenshot_states.console import console_states
from mailgui.ui.screenshot_states.sandbox import sandbox_states
from mailgui.ui.screenshot_states.steps import steps_states

SIZE = (1280, 800)
_PATIENCE = 60.0  # seconds for one state


class NotReached(RuntimeError):
    """A state that was to be drawn did not come about in time."""


class Stage:
    """One window, driven from state to state."""

    def __init__(self, window: MainWindow, folder: Path, suffix: str) -> None:
        self.window = window
        self._folder, self._suffix = folder, suffix
        self.written: list[Path] = []
        self._pulse = QTimer(interval=50)  # so that waiting for events ends
        self._pulse.start()

    def wait(self, what: str, ready: Callable[[], bool]) -> None:
        """Let the window work until ``ready``; raises NotReached."""
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            if time.monotonic() > deadline:
                raise NotReached(f"The window did not get as far as: {what}.")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    def shoot(self, name: str) -> None:
        """Draw the window as it is now."""
        for _ in range(4):  # layouts settle over some rounds
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            QCoreApplication.processEvents()
        path = self._folder / f"{name}-{self._suffix}.png"
        if not self.window.grab().save(str(path)):
            raise NotReached(f"{path} could not be written.")
        self.written.append(path)

    def send(self, profile: str, draft: Draft) -> None:
        """Send ``draft`` by a profile and wait for the end."""
        compose = self.window.compose
        compose.choose_profile(profile)
        compose.set_draft(draft)
        compose.send()
        self.wait(f"sending by {profile}", lambda: not compose.busy)

    def check(self, domain: str) -> None:
        """Check a domain of the sandbox and wait for the end."""
        page = self.window.domain
        page.ask_server("sandbox")
        page.check(domain)
        self.wait(f"checking {domain}", lambda: not page.busy)


def _compose_states(stage: Stage) -> None:
    compose = stage.window.compose
    stage.window.show_page("compose")
    stage.wait("the sample draft", lambda: compose.draft().subject != "")
    stage.shoot("compose-new")
    sample = replace(compose.draft(), to=(Address("first@good.example"), Address("b@good.example")))
    stage.send("Sandbox SMTP", sample)
    stage.shoot("compose-accepted")
    for key in ("timing", "tls", "server"):
        compose.show_tab(key)
        stage.shoot(f"compose-{key}")
    refused = replace(sample, to=(*sample.to, Address("refuse@good.example")))
    stage.send("Sandbox SMTP", replace(sample, to=(Address("refuse@good.example"),)))
    stage.shoot("compose-refused")
    stage.send("Sandbox SMTP", refused)
    stage.shoot("compose-partial")
    stage.send("Sandbox API", sample)
    for key in ("request", "response"):
        compose.show_tab(key)
        stage.shoot(f"compose-api-{key}")


def _domain_states(stage: Stage) -> None:
    stage.window.show_page("domain")
    stage.shoot("domain-new")
    for domain in ("good.example", "broken.example"):
        stage.check(domain)
        for section in ("spf", "dkim", "dmarc"):
            stage.window.domain.show_section(section)
            stage.shoot(f"domain-{domain.partition('.')[0]}-{section}")


def _tool_states(stage: Stage) -> None:
    domain_tools.states(stage)


def _compare_states(stage: Stage) -> None:
    stage.window.show_page("compare")
    stage.shoot("compare-new")
    page = stage.window.page("compare")
    stage.wait("the profiles to compare", lambda: page.ready)  # type: ignore[attr-defined]
    page.compare()  # type: ignore[attr-defined]
    stage.wait("comparing", lambda: not page.busy)  # type: ignore[attr-defined]
    stage.shoot("compare-result")


def _other_states(stage: Stage) -> None:
    for key in ("profiles", "settings"):
        stage.window.show_page(key)
        stage.shoot(key)


_MAIN = (_compose_states, _domain_states, _compare_states, _other_states)
_STATES = (
    *_MAIN,
    _tool_states,
    steps_states,
    console_states,
    code.states,
    routes.states,
    message.states,
    history.states,
    api.states,
    sandbox_states,
)


@contextmanager
def _stage(folder: Path, scheme: str, base_px: int | None) -> Iterator[Stage]:
    window = make_frame({}, scheme=scheme, base_px=base_px)
    bridge, services = begin(window)
    window.resize(*SIZE)
    window.show()
    suffix = scheme if base_px is None else f"{scheme}-{base_px}px"
    try:
        yield Stage(window, folder, suffix)
    finally:
        window.close()
        close_engine(bridge, services)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def render_all(
    folder: Path,
    *,
    schemes: tuple[str, ...] = ("light", "dark"),
    base_px: int | None = None,
    main_only: bool = False,
) -> list[Path]:
    """Draw every page and state in each scheme; returns the files in the order drawn.

    ``base_px`` sets the size of body type; with ``main_only`` only the states that show what the
    window is for, which takes seconds in place of minutes. Raises NotReached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for scheme in schemes:
        with _stage(folder, scheme, base_px) as stage:
            for states in _MAIN if main_only else _STATES:
                states(stage)
            written += stage.written
    return written


def main() -> int:
    """Write the screenshots into the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Draw every page of the window to PNG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base-px", type=int, help="size of body type, such as 26")
    parser.add_argument("--scheme", choices=["light", "dark"], action="append")
    options = parser.parse_args()
    schemes = tuple(options.scheme or ("light", "dark"))
    for path in render_all(options.folder, schemes=schemes, base_px=options.base_px):
        sys.stdout.write(f"{path}\n")
    QApplication.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
