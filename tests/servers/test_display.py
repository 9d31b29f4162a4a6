"""A window opens on the display without a screen."""

import subprocess
import sys

WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, application.quit)

application = QApplication([])
window = Window()
window.show()
application.exec()
print(application.platformName())
"""


def test_a_window_is_painted(display):
    done = subprocess.run(
        [sys.executable, "-c", WINDOW],
        env=display.variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "xcb"), done.stderr
