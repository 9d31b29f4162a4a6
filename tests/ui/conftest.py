"""Widget tests: offscreen unless a display is asked for, with the theme as the program has it."""

import gc
import os
import sys
from contextlib import contextmanager

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent


def pytest_collection_modifyitems(items):
    """Offscreen Qt grumbles whenever a window is shown; that is no fault of ours."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(autouse=True, scope="module")
def _garbage_is_gone():
    """What a test left of widgets must not be collected by a thread of a later test."""
    gc.enable()  # a bridge that nobody drained leaves it off
    yield
    gc.collect()


@pytest.fixture(scope="session")
def _theme(qapp):
    from mailgui.ui.metrics import BASE_PX
    from mailgui.ui.theme import Choice, Theme

    return Theme(qapp, Choice.LIGHT, base_px=BASE_PX)


@pytest.fixture
def theme(_theme, qapp):
    """The application's theme: light, at the usual size, whatever a test makes of it."""
    from mailgui.ui.metrics import BASE_PX
    from mailgui.ui.theme import Choice

    if qapp.styleSheet() == "":  # a test before dressed a window of its own
        _theme.dress(qapp)
    yield _theme
    _theme.set_choice(Choice.LIGHT)
    _theme.set_base_px(BASE_PX)
    _theme._apply()  # a test may have had a theme of its own


@pytest.fixture
def undressed(qapp):
    """The application without a style sheet, as in the program: there the window has it."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet("")


@pytest.fixture
def show(qtbot, theme):
    """Show a widget and wait until it is on the screen."""

    def shown(widget, width=600, height=400):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return shown


@pytest.fixture
def clipboard(qapp):
    """The clipboard's text, as a function."""
    qapp.clipboard().clear()
    return lambda: qapp.clipboard().text()


@pytest.fixture
def bridge(qtbot):
    from mailgui.ui.bridge import Bridge

    made = Bridge()
    yield made
    assert made.drain(5)


@pytest.fixture
def sync_bridge():
    from tests.ui.support.sync_bridge import SyncBridge

    return SyncBridge()


@pytest.fixture
def capture_exceptions(monkeypatch):
    """Collect what reaches the excepthook inside a block."""

    @contextmanager
    def capture():
        raised = []
        with monkeypatch.context() as patch:
            patch.setattr(sys, "excepthook", lambda *info: raised.append(info))
            yield raised

    return capture
