"""Tabs that do not all fit are brought into sight by arrows like the window's others."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.tab_bar import TabBar

KEYS = ("checks", "message", "several", "reports", "records", "servers")


@pytest.fixture
def bar(show):
    made = TabBar(name="tabs", accessible="Parts")
    for key in KEYS:
        made.add(key, f"The {key}")
    return show(made, 250, 40)


def scrollers(bar):
    return [button for button in bar.findChildren(QToolButton) if button.isVisible()]


def test_the_arrows_have_names_and_room(bar):
    left, right = scrollers(bar)
    assert left.accessibleName()
    assert right.accessibleName()
    assert not left.isEnabled()
    assert right.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert right.width() >= metrics().scaled(22)


def test_the_arrows_are_painted_on_the_windows_ground(bar):
    for button in scrollers(bar):
        painted = button.grab().toImage()
        assert painted.pixelColor(1, 1).name().upper() == tokens().window.upper()
        colours = {
            painted.pixel(x, y) for x in range(painted.width()) for y in range(painted.height())
        }
        assert len(colours) > 2


def test_an_arrow_brings_tabs_into_sight(bar, qtbot):
    before = bar.tabRect(0).left()
    qtbot.mouseClick(scrollers(bar)[1], Qt.MouseButton.LeftButton)
    assert bar.tabRect(0).left() < before


def test_the_tab_in_front_is_always_in_sight(bar):
    bar.set_key("servers")
    assert bar.rect().contains(bar.tabRect(len(KEYS) - 1).center())


def test_with_room_there_are_no_arrows(bar, qtbot):
    bar.resize(900, 40)
    qtbot.waitUntil(lambda: not scrollers(bar))


def test_a_count_is_told_to_a_screen_reader(bar):
    bar.set_count("reports", 3, Tone.ATTENTION)
    assert bar.accessibleTabName(3) == "The reports, 3"
    bar.set_count("reports", 0)
    assert bar.accessibleTabName(3) == "The reports"
