"""A display without a screen, for tests that need a real window system."""

import os
import shutil

from tests.servers import availability
from tests.servers.process import ServerProcess, new_folder


class Xvfb:
    """An X server.

    Attributes: ``name``, such as ``:7``; ``variables``, what a program needs in its environment to
    open its windows there. One process has one Qt platform, so such tests start a program.
    """

    def __init__(self) -> None:
        program = availability.program("Xvfb", "xvfb")
        self._folder = new_folder("xvfb")
        self._number = self._folder / "number"
        # The server chooses a free number itself and writes it to the file, opened as descriptor 3.
        self._process = ServerProcess(
            [
                "/bin/sh", "-c",
                'exec "$1" -displayfd 3 -screen 0 1400x1000x24 -nolisten tcp -noreset 3>"$2"',
                "sh", program, str(self._number),
            ],
            self._folder / "xvfb.log",
        )  # fmt: skip
        self.name = ""

    def start(self) -> None:
        """Start; returns when the display takes windows."""
        self._process.start(lambda: self._read_number().endswith("\n"))
        self.name = f":{self._read_number().strip()}"

    @property
    def variables(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"},
            "DISPLAY": self.name,
            "QT_QPA_PLATFORM": "xcb",
        }

    def stop(self) -> None:
        """Stop, and delete the folder."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read_number(self) -> str:
        return self._number.read_text() if self._number.exists() else ""
