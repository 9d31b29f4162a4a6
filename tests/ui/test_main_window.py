"""The whole window by keyboard: everything it comes to shows, has a name, and lets go again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from mailgui.message.draft import Draft
from mailgui.ui.application import begin, close_engine, make_frame
from mailgui.ui.metrics import BASE_PX

PAGES = ("compose", "domain", "sandbox", "compare", "history", "profiles", "settings")
MOST_STOPS = 60


@pytest.fixture(params=[(1280, 800, 13), (900, 600, 26)], ids=["usual", "small and double"])
def window(request, qtbot, undressed, tmp_path, monkeypatch):
    width, height, base = request.param
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    made = make_frame({}, scheme="light", base_px=base)
    bridge, services = begin(made)
    made.resize(width, height)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.compose.draft().subject != "", timeout=20_000)
    yield made
    made.close()
    close_engine(bridge, services)
    made._theme.set_base_px(BASE_PX)  # or a later test's theme takes this for the system's
    made._theme.deleteLater()
    made.deleteLater()


def stops(window):
    """Yield each widget that Tab comes to on the page in front."""
    seen = []
    while len(seen) < MOST_STOPS:
        focused = QApplication.focusWidget()
        if focused is None or focused in seen:
            return
        seen.append(focused)
        yield focused
        leaving = Qt.KeyboardModifier.NoModifier
        if isinstance(focused, QPlainTextEdit) and not focused.tabChangesFocus():
            leaving = Qt.KeyboardModifier.ControlModifier  # there Tab writes a tab
        QTest.keyClick(focused, Qt.Key.Key_Tab, leaving)


@pytest.mark.parametrize("key", PAGES)
def test_every_stop_shows_and_has_a_name(window, qtbot, key):
    window.show_page(key)
    page = window.page(key)
    page.focus_first()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    found = 0
    for stop in stops(window):
        found += 1
        name = f"{type(stop).__name__} {stop.objectName()}"
        assert stop.accessibleName(), name
        qtbot.waitUntil(lambda stop=stop: not stop.visibleRegion().isEmpty())
        shown = stop.visibleRegion().boundingRect()
        assert shown.height() >= min(stop.height(), 20), name
        assert shown.width() >= min(stop.width(), 20), name
    assert found >= 3


@pytest.mark.parametrize("key", ["sandbox", "history"])
def test_a_draft_from_another_page_stands_in_compose_and_the_former_one_can_come_back(
    window, qtbot, key
):
    window.compose.message.head.subject.setText("Mine")
    window.show_page(key)
    window.page(key).draft_asked.emit(Draft(subject="Re: theirs"), "Sandbox API")
    assert window.compose.isVisible()
    assert window.compose.draft().subject == "Re: theirs"
    assert window.compose.bar.road.name == "Sandbox API"
    qtbot.mouseClick(window.compose.message.former._action, Qt.MouseButton.LeftButton)
    assert window.compose.draft().subject == "Mine"
