"""A person at a real display: the window opens, Ctrl+Enter sends the sample message."""

import asyncio
import subprocess
import sys

from mailgui.store.history import History
from tests.servers import availability
from tests.servers.process import wait_until


def test_control_and_enter_send_the_sample_message(display, tmp_path, monkeypatch):
    xdotool = availability.program("xdotool", "xdotool")
    places = {"MAILGUI_HOME": tmp_path / "home", "TMPDIR": tmp_path / "temporary"}
    for name, place in places.items():
        place.mkdir()
        monkeypatch.setenv(name, str(place))
    environment = {**display.variables, **{name: str(place) for name, place in places.items()}}

    def keys(*words):
        done = subprocess.run(
            [xdotool, *words], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout.split()

    with subprocess.Popen(
        [sys.executable, "-m", "mailgui"], env=environment, stderr=subprocess.PIPE, text=True
    ) as window:
        try:
            found = []
            wait_until(
                lambda: (
                    bool(found.extend(keys("search", "--onlyvisible", "--name", "^MailGUI$")))
                    or bool(found)
                ),
                lambda: "The window did not open.",
            )
            # Without a window manager nobody gives it the keyboard.
            keys("windowfocus", "--sync", found[-1])

            def sent():
                keys("key", "ctrl+Return")  # at first the draft may not be there yet
                return bool(_sent())

            wait_until(sent, lambda: "Nothing was sent.")
        finally:
            window.terminate()
    assert window.returncode == 0, "the system's word to end closes it as its button does"
    assert list(places["TMPDIR"].iterdir()) == []
    entry = _sent()[-1]
    assert entry.outcome == "accepted"
    assert entry.title == "Sandbox SMTP"


def _sent():
    async def newest():
        history = History()
        try:
            return await history.newest()
        finally:
            await history.close()

    return asyncio.run(newest())
