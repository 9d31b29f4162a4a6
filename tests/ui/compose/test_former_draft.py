from dataclasses import replace

import pytest

from mailgui.message.draft import Address, Draft

OTHER = Draft(to=(Address("b@good.example"),), subject="Another", text="From the history\n")


@pytest.fixture
def former(desk):
    return desk.message.former


def press(former):
    former._action.click()


def test_the_sample_is_nobody_s_and_is_not_offered(desk, former):
    desk.page.set_draft(OTHER)
    assert former.isHidden()


def test_what_was_written_is_offered_back_and_so_is_what_stood_there_then(desk, former):
    desk.message.head.subject.setText("Mine")
    mine = desk.page.draft()
    desk.page.set_draft(OTHER)
    assert former.isVisible()
    assert "“Mine” made room" in former.sentence
    desk.message.head.subject.setText("Answered")
    answered = desk.page.draft()
    press(former)
    assert desk.page.draft() == mine
    assert "“Answered”" in former.sentence
    press(former)
    assert desk.page.draft() == answered
    assert "“Mine”" in former.sentence


def test_a_draft_that_nobody_changed_is_not_offered_and_leaves_the_offer(desk, former):
    desk.message.head.subject.setText("Mine")
    desk.page.set_draft(OTHER)
    desk.page.set_draft(replace(OTHER, subject="A third"))
    assert "“Mine”" in former.sentence
    press(former)
    assert desk.page.draft().subject == "Mine"
    assert former.isHidden()


def test_the_offer_can_be_declined(desk, former, qtbot):
    desk.message.head.subject.setText("Mine")
    desk.page.set_draft(OTHER)
    former._close.click()
    assert former.isHidden()
    press(former)
    assert desk.page.draft().subject == "Another"


def test_a_long_subject_and_strange_characters(desk, former):
    desk.message.head.subject.setText("\u202e" + "long " * 100)
    desk.page.set_draft(OTHER)
    assert len(former.sentence) < 120
    assert "\u202e" not in former.sentence


def test_the_body_that_there_is_comes_to_the_front(desk):
    tabs = desk.message.tabs.tabs
    desk.page.set_draft(OTHER)
    assert tabs.key == "text"
    desk.page.set_draft(replace(OTHER, text=None, html="<p>Hello</p>"))
    assert tabs.key == "html"
    tabs.set_key("headers")
    desk.page.set_draft(OTHER)
    assert tabs.key == "headers"
