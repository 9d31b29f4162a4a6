"""Buttons stand beside their words while those keep their room, else below."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from mailgui.ui.metrics import BASE_PX
from mailgui.ui.widgets.basics import Label
from mailgui.ui.widgets.beside import Beside
from mailgui.ui.widgets.buttons import QuietButton


@pytest.fixture
def told():
    return Label("A sentence of some length that can break where it has to.", wrap=True)


@pytest.fixture
def button():
    return QuietButton("Send it again", name="again")


@pytest.fixture
def beside(show, told, button):
    words = QVBoxLayout()
    words.addWidget(told)
    return show(Beside(words, button), 600, 200)


def is_below(button, told):
    return button.geometry().top() >= told.geometry().bottom()


def test_with_room_the_button_stands_beside(beside, told, button):
    assert button.geometry().left() >= told.geometry().right()
    assert not is_below(button, told)


def test_without_room_the_button_goes_below(beside, told, button, qtbot):
    beside.resize(300, 200)
    qtbot.waitUntil(lambda: is_below(button, told))
    assert told.width() == 300
    beside.resize(600, 200)
    qtbot.waitUntil(lambda: not is_below(button, told))


def test_larger_type_takes_the_room_away(beside, told, button, theme, qtbot):
    theme.set_base_px(BASE_PX * 2)
    qtbot.waitUntil(lambda: is_below(button, told))


def test_a_button_that_is_away_takes_no_room(beside, told, button, qtbot):
    beside.resize(300, 200)
    button.hide()
    qtbot.waitUntil(lambda: told.width() == 300)
    button.show()
    qtbot.waitUntil(lambda: is_below(button, told))


def test_buttons_stand_where_they_are_told_to(show, told, button, qtbot):
    words = QVBoxLayout()
    words.addWidget(told)
    beside = Beside(words, button, align=Qt.AlignmentFlag.AlignVCenter)
    show(beside, 600, 200)
    assert abs(button.geometry().center().y() - 100) <= 1
