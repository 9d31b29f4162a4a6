"""Cold start to a painted main window, against an empty PySide6 window, as whole processes.

``uv run python -m tests.benchmarks.startup [--rounds N]``. The two alternate; the ratio of each
round counts, and its median is the result. The main window paints its frame first and fills in
the page right after; "ready to write" is when the Compose page has painted too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from statistics import median

from tests.servers.xvfb import Xvfb

_AIM = 2.0
_EMPTY = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event): QTimer.singleShot(0, app.quit)
window = Window()
window.setCentralWidget(QLabel("Empty"))
window.show()
app.exec()
"""
_READY = """
from PySide6.QtCore import QTimer
from mailgui.ui.application import begin, close_engine, make_application, make_frame
from mailgui.ui.first_paint import FirstPaint
window = make_frame({})
def fill():
    begin(window)
    FirstPaint(window.compose, ready)
def ready():
    import os
    os._exit(0)
FirstPaint(window, fill)
window.show()
make_application().exec()
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table for each display there is, return 0 whatever the numbers are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as home:
        # As on a person's machine: byte code is kept, whatever the environment here says.
        own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        own |= {"MAILGUI_HOME": f"{home}/home", "PYTHONPYCACHEPREFIX": f"{home}/byte-code"}
        _compare("offscreen", {**own, "QT_QPA_PLATFORM": "offscreen"}, rounds)
        if shutil.which("Xvfb"):
            display = Xvfb()
            display.start()
            try:
                _compare("Xvfb", {**own, **display.variables}, rounds)
            finally:
                display.stop()
    return 0


def _compare(where: str, environment: Mapping[str, str], rounds: int) -> None:
    contenders = {
        "empty window": [sys.executable, "-c", _EMPTY],
        "MailGUI": [sys.executable, "-m", "mailgui", "--smoke-test"],
        "MailGUI, ready to write": [sys.executable, "-c", _READY],
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for command in contenders.values():
        _seconds(command, environment)  # fills the disk's cache, and writes byte code
    for _ in range(rounds):
        for name, command in contenders.items():
            seconds[name].append(_seconds(command, environment))
    print(f"\n{where}, {rounds} rounds{'':12}least   median   (ms)")
    for name, taken in seconds.items():
        print(f"{name:30}{min(taken) * 1000:8.0f}{median(taken) * 1000:9.0f}")
    pairs = zip(seconds["MailGUI"], seconds["empty window"], strict=True)
    ratios = [ours / empty for ours, empty in pairs]
    least = min(seconds["MailGUI"]) / min(seconds["empty window"])
    verdict = "met" if median(ratios) <= _AIM else "MISSED"
    print(
        f"ratio: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), of the least "
        f"{least:.2f}; aim {_AIM}: {verdict}"
    )


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
