"""The head of the message is as tall as what stands in it."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.ui.compose.fitted import Fitted
from mailgui.ui.widgets.inline_notice import InlineNotice

WORDS = "The provider cannot carry tags, metadata, a time to send at and an idempotency key. "


@pytest.fixture
def page(show):
    whole, inside = QWidget(), QWidget()
    whole.notice = InlineNotice(name="notice")
    QVBoxLayout(inside).addWidget(whole.notice)
    whole.area = Fitted(inside, least=60, name="area")
    column = QVBoxLayout(whole)
    column.addWidget(whole.area)
    column.addStretch(1)
    return show(whole, 500, 600)


def test_a_long_notice_shows_whole_where_there_is_room(page, qtbot):
    page.notice.say(WORDS * 3, action="Why?")
    qtbot.waitUntil(lambda: page.notice.visibleRegion().boundingRect() == page.notice.rect())
    assert page.area.verticalScrollBar().maximum() == 0


def test_without_room_it_scrolls(page, qtbot):
    page.notice.say(WORDS * 30)
    page.resize(500, 200)
    qtbot.waitUntil(lambda: page.area.verticalScrollBar().maximum() > 0)
    assert page.area.height() <= 200


def test_what_must_be_seen_is_scrolled_to(show, qtbot):
    inside, high, notice = QWidget(), QWidget(), InlineNotice(name="notice")
    high.setFixedHeight(300)
    column = QVBoxLayout(inside)
    column.addWidget(high)
    column.addWidget(notice)
    area = show(Fitted(inside, least=60, name="area", telling=notice), 400, 200)
    assert area.verticalScrollBar().value() == 0
    notice.say("There is nobody to send it to.")
    qtbot.waitUntil(lambda: notice.visibleRegion().boundingRect() == notice.rect())
