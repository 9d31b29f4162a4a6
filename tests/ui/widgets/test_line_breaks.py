"""Long words may break, numbers keep their units, and what is copied has no marks in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.ui.widgets.basics import Label
from mailgui.ui.widgets.line_breaks import (
    breakable,
    together,
    units_together,
    without_breaks,
    without_marks,
)
from mailgui.ui.widgets.result_banner import ResultBanner, Tone

MARK = "\u200b"
BLANK = "\u00a0"


@given(st.text(st.characters(exclude_characters=MARK), max_size=200))
def test_nothing_but_marks_is_added(text):
    assert without_breaks(breakable(text)) == text


@given(st.text("ab.@-/", max_size=300))
def test_no_stretch_is_longer_than_a_line(text):
    assert all(len(part) < 24 for part in breakable(text).split(MARK))


def test_words_of_usual_length_are_left_alone():
    assert breakable("The domain good.example is fine.") == "The domain good.example is fine."


def test_long_names_break_at_their_joints():
    assert breakable("someone@mail.test.sender.example").split(MARK) == [
        "someone@",
        "mail.",
        "test.",
        "sender.",
        "example",
    ]


@pytest.mark.parametrize("words", ["34 ms", "1.5 s", "20 MB", "3 min", "12 %"])
def test_a_number_keeps_its_unit(words):
    said = units_together(f"Accepted in {words}")
    assert said == f"Accepted in {words.replace(' ', BLANK)}"
    assert without_marks(said) == f"Accepted in {words}"


def test_other_words_are_not_taken_for_units():
    assert units_together("2 seconds and 3 mails") == "2 seconds and 3 mails"
    assert together("a b") == f"a{BLANK}b"


def test_a_label_with_a_long_word_gives_way(show):
    label = show(Label("x" * 200, wrap=True), 150, 300)
    assert label.minimumSizeHint().width() < 300
    assert label.text() == "x" * 200


def test_what_is_copied_has_no_marks_in_it(show, clipboard):
    word = "0eabb6d312e34d399153cb394da0f098"
    label = show(Label(word, wrap=True, selectable=True), 150, 300)
    label.setFocus()
    label.setSelection(0, len(breakable(word)))
    assert MARK in label.selectedText()
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == word


def test_the_banner_keeps_the_unit_with_its_number(show):
    banner = show(ResultBanner())
    banner.finish(Tone.PASS, "Accepted by the server in 34 ms", "250 OK · 2 of 2 recipients")
    assert BLANK in banner._sentence.text()
    assert banner.sentence == "Accepted by the server in 34 ms"
    assert banner.facts == "250 OK · 2 of 2 recipients"
