"""Windows open on the display without a screen: any, and MailGUI's own."""

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


def test_the_main_window_is_painted(display, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mailgui", "--smoke-test"],
        env={**display.variables, "MAILGUI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
