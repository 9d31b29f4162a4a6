import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.jobs.demo import sample_draft
from mailgui.message.draft import Draft
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.ui.compare.page import ComparePage

PATIENCE = 30_000


@pytest.fixture
def drafts():
    return [sample_draft()]


@pytest.fixture
def page(bridge, services, show, qtbot, drafts):
    made = show(ComparePage(bridge, services, {"count": "5"}, draft=lambda: drafts[-1]), 1180, 760)
    qtbot.waitUntil(lambda: made.ready, timeout=PATIENCE)
    return made


@pytest.fixture
def measured(page, qtbot):
    page.compare()
    qtbot.waitUntil(lambda: page.result is not None, timeout=PATIENCE)
    return page


def test_an_smtp_profile_against_an_api_one_is_the_usual_choice(page):
    assert (page.bar.first.key, page.bar.second.key) == ("Sandbox SMTP", "Sandbox API")
    assert page.findChild(object, "compare-empty").isVisible()
    assert not page.bar.export.isEnabled()


def test_only_profiles_are_offered(page):
    names = [action.text() for action in page.bar.first.menu().actions()]
    assert names == ["Sandbox SMTP", "Sandbox API"]


def test_ctrl_enter_measures_both(page, qtbot):
    QTest.keyClick(page.bar.first, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.bar.button.text() == "Cancel"
    qtbot.waitUntil(lambda: page.result is not None, timeout=PATIENCE)
    assert [len(side.taken) for side in page.result.sides] == [5, 5]
    assert page.bar.button.text() == "Compare"
    words = [row.words for row in page.results.bars.rows]
    assert words.index("Opening") < words.index("Each message") < words.index("Messages a second")
    assert "taken: Sandbox SMTP 5 of 5" in page.results.bars.accessibleDescription()
    assert "median" in page.results.strips.accessibleDescription()
    assert page.facts.text().startswith("10 messages")


def test_prices_change_the_advice_at_once(measured):
    for field, price in zip(measured.results.cost.fields, ("0,10", "0.40"), strict=True):
        field.setText(price)
        field.textEdited.emit(price)
    titles = [card.finding.title for card in measured.results.advice.cards]
    assert "Sandbox SMTP costs 0.10 for 1,000 messages, Sandbox API 0.40" in titles
    measured.results.cost.fields[0].setText("cheap")
    measured.results.cost.fields[0].textEdited.emit("cheap")
    assert measured.results.cost.fields[0].property("problem") == "true"
    assert measured.results.cost.prices == (None, 0.4)


def test_escape_ends_it_with_what_there_is(page, qtbot):
    page.bar.count.set_key("500")
    page.compare()
    qtbot.waitUntil(lambda: page._done > 4, timeout=PATIENCE)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.busy, timeout=PATIENCE)
    assert page.result.cancelled
    assert 0 < len(page.result.sides[0].samples) < 500


def test_real_mail_needs_a_recipient_first(page, services, qtbot, drafts):
    services.profiles.add(Profile("Mine", SmtpSettings("127.0.0.1", 1)))
    page.profiles_changed()
    qtbot.waitUntil(lambda: len(page.bar._roads.roads) == 3, timeout=PATIENCE)
    drafts.append(Draft(text="x"))
    page.bar.second.set_key("Mine")
    page.compare()
    assert "needs a sender and a recipient" in page.notice.sentence
    assert not page.busy


def test_a_dead_server_is_explained(page, services, qtbot):
    services.profiles.add(Profile("Mine", SmtpSettings("127.0.0.1", 1)))
    page.profiles_changed()
    qtbot.waitUntil(lambda: len(page.bar._roads.roads) == 3, timeout=PATIENCE)
    page.bar.second.set_key("Mine")
    page.compare()
    qtbot.waitUntil(lambda: page.result is not None, timeout=PATIENCE)
    assert page.sentence.text() == "There is nothing to compare: see what failed."
    assert any("Mine" in card.finding.title for card in page.results.advice.cards)


def test_it_can_be_copied_and_saved(measured, clipboard, tmp_path, qtbot, monkeypatch):
    measured.copy_text()
    assert "round trips a message" in clipboard()
    target = tmp_path / "comparison.json"
    monkeypatch.setattr("mailgui.ui.compare.page.save_file", lambda *_: (target, ""))
    measured.bar.save_asked.emit()
    qtbot.waitUntil(target.exists, timeout=PATIENCE)
    assert len(json.loads(target.read_text())["profiles"]) == 2


def test_choices_are_remembered(measured):
    assert measured.save_state() == {
        "first": "Sandbox SMTP",
        "second": "Sandbox API",
        "count": "5",
        "connection": "kept",
    }
