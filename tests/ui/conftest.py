"""Widget tests: offscreen unless a display is asked for, with the theme as the program has it."""

import os
import sys
from contextlib import contextmanager

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest


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
