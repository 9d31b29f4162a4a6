import os
import signal

import pytest
from PySide6.QtWidgets import QWidget

from mailgui.ui.ending import Ending


@pytest.fixture
def window(show, qtbot):
    made = show(QWidget())
    qtbot.waitUntil(made.isVisible)
    return made


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_closes_the_window_and_the_next_acts_as_ever(window, qtbot, name):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    ending = Ending(window)
    os.kill(os.getpid(), number)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert signal.getsignal(number) in (before, signal.default_int_handler, signal.SIG_DFL)
    assert ending._writer.fileno() == -1


def test_it_can_be_stopped(window):
    ending = Ending(window)
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ending.stop()
    ending.stop()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.set_wakeup_fd(-1) == -1
