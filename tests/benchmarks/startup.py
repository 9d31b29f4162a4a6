"""Cold start to a painted main window, against an empty PySide6 window, as whole processes.

``uv run python -m tests.benchmarks.startup [--rounds N]``. The two alternate; the ratio of each
round counts, and its median is the result.
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print one table for each display there is, return 0 whatever the numbers are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as home:
        own = {**os.environ, "MAILGUI_HOME": home}
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
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
