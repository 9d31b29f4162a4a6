import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.chips import AddressField, check_address, split_addresses


def check(text):
    return "" if "@" in text else f"“{text}” has no @."


@pytest.fixture
def pair(show):
    """A field, and another one that the keyboard can go to."""
    box = QWidget()
    layout = QVBoxLayout(box)
    field = AddressField(name="to", accessible="To", check=check)
    other = QLineEdit()
    layout.addWidget(field)
    layout.addWidget(other)
    show(box, 420, 300)
    box.activateWindow()
    field.entry.setFocus()
    yield field, other
    box.close()


@pytest.fixture
def field(pair):
    return pair[0]


def fill(qtbot, field, addresses):
    """Set addresses and wait until their chips are there."""
    field.set_addresses(addresses)
    qtbot.waitUntil(lambda: all(chip.isVisible() for chip in field.chips))


def type_in(qtbot, field, text):
    qtbot.keyClicks(field.entry, text)


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Comma, Qt.Key.Key_Semicolon]
)
def test_keys_that_end_an_address(field, qtbot, key):
    type_in(qtbot, field, "ada@example.net")
    qtbot.keyClick(field.entry, key)
    assert [chip.text for chip in field.chips] == ["ada@example.net"]
    assert field.entry.text() == ""


def test_enter_with_nothing_written_is_left_to_the_window(field, qtbot):
    qtbot.keyClick(field.entry, Qt.Key.Key_Return)
    assert field.chips == []


def test_leaving_the_field_ends_an_address(pair, qtbot):
    field, other = pair
    type_in(qtbot, field, "ada@example.net")
    qtbot.waitUntil(field.entry.hasFocus)
    other.setFocus()
    qtbot.waitUntil(lambda: len(field.chips) == 1)


def test_a_comma_inside_quotation_marks_is_part_of_the_name(field, qtbot):
    type_in(qtbot, field, '"Lovelace, Ada" <ada@example.net>,')
    assert field.addresses() == ('"Lovelace, Ada" <ada@example.net>',)


def test_what_is_being_written_counts(field, qtbot):
    type_in(qtbot, field, "a@b.example,grace@")
    assert field.addresses() == ("a@b.example", "grace@")


def test_many_are_pasted_at_once(field, qtbot):
    QGuiApplication.clipboard().setText("a@x.example, b@x.example;\nc@x.example\r\nno address")
    qtbot.keyClick(field.entry, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [chip.text for chip in field.chips] == [
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "no address",
    ]
    assert field.problems() == ("“no address” has no @.",)


def test_one_is_pasted_into_what_is_written(field, qtbot):
    type_in(qtbot, field, "ada@")
    QGuiApplication.clipboard().setText(" example.net\n")
    qtbot.keyClick(field.entry, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.entry.text().replace(" ", "") == "ada@example.net"
    assert field.chips == []


def test_text_dropped_or_pasted_from_the_menu_is_cut_too(field):
    field.entry.insert("a@x.example; b@x.example")
    assert [chip.text for chip in field.chips] == ["a@x.example", "b@x.example"]


def test_an_invalid_one_has_a_sign_a_tip_and_a_spoken_reason(field, qtbot):
    field.set_addresses(["<b>x</b>"])
    chip = field.chips[0]
    assert chip.tone is Tone.BROKEN
    assert "has no @" in chip.toolTip()
    assert "<b>" not in chip.toolTip()
    assert "has no @" in chip.accessibleName()
    assert field.entry.accessibleDescription() == "1 taken, 1 not valid"


def test_backspace_goes_back_then_takes_out(field, qtbot):
    fill(qtbot, field, ["a@x.example", "b@x.example"])
    field.entry.setFocus()
    qtbot.keyClick(field.entry, Qt.Key.Key_Backspace)
    assert field.chips[1].hasFocus()
    assert len(field.chips) == 2
    with qtbot.waitSignal(field.changed):
        qtbot.keyClick(field.chips[1], Qt.Key.Key_Backspace)
    assert field.addresses() == ("a@x.example",)
    assert field.chips[0].hasFocus()
    qtbot.keyClick(field.chips[0], Qt.Key.Key_Delete)
    assert field.addresses() == ()
    assert field.entry.hasFocus()


def test_arrows_move_between_chips(field, qtbot):
    fill(qtbot, field, ["a@x.example", "b@x.example"])
    qtbot.keyClick(field.entry, Qt.Key.Key_Left)
    qtbot.keyClick(field.chips[1], Qt.Key.Key_Left)
    assert field.chips[0].hasFocus()
    qtbot.keyClick(field.chips[0], Qt.Key.Key_Left)
    assert field.chips[0].hasFocus()
    qtbot.keyClick(field.chips[0], Qt.Key.Key_Right)
    qtbot.keyClick(field.chips[1], Qt.Key.Key_Right)
    assert field.entry.hasFocus()


def test_the_cross_takes_out(field, qtbot):
    fill(qtbot, field, ["a@x.example", "b@x.example"])
    chip = field.chips[0]
    with qtbot.waitSignal(field.changed):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip._close_rect().center())
    assert field.addresses() == ("b@x.example",)


def test_enter_on_a_chip_edits_it(field, qtbot):
    fill(qtbot, field, ["a@x.example", "b@x.example"])
    qtbot.keyClick(field.chips[0], Qt.Key.Key_F2)
    assert field.entry.text() == "a@x.example"
    assert [chip.text for chip in field.chips] == ["b@x.example"]
    chip = field.chips[0]
    qtbot.mouseDClick(chip, Qt.MouseButton.LeftButton, pos=chip.rect().center())
    assert field.entry.text() == "b@x.example"
    assert [chip.text for chip in field.chips] == ["a@x.example"]


def test_it_grows_to_four_lines_and_then_scrolls(field, qtbot):
    one = field.height()
    field.set_addresses([f"somebody.{n}@example.net" for n in range(5)])
    qtbot.waitUntil(lambda: field.height() > one)
    field.set_addresses([f"somebody.{n}@example.net" for n in range(60)])
    qtbot.waitUntil(lambda: field.verticalScrollBar().maximum() > 0)
    assert 2.5 * one < field.height() < 5 * one
    field.set_addresses([])
    qtbot.waitUntil(lambda: field.height() == one)


def test_a_long_address_stays_inside_the_field(field, qtbot):
    fill(qtbot, field, ["x" * 500 + "@example.net"])
    assert field.chips[0].geometry().right() <= field.viewport().width()


def test_a_single_field_keeps_the_last(show, qtbot):
    field = show(AddressField(name="from", accessible="From", single=True, check=check), 400, 40)
    field.set_addresses(["a@x.example"])
    qtbot.keyClicks(field.entry, "b@x.example,")
    assert field.addresses() == ("b@x.example",)


def test_recipients_are_marked_with_what_became_of_them(field):
    field.set_addresses(["Ada <ada@x.example>", "b@x.example"])
    field.mark("ada@x.example", Tone.PASS, "250 ok")
    field.mark("b@x.example", Tone.BROKEN, "550 unknown")
    assert [chip.tone for chip in field.chips] == [Tone.PASS, Tone.BROKEN]
    assert "550 unknown" in field.chips[1].accessibleName()
    assert field.problems() == ()
    field.clear_marks()
    assert [chip.tone for chip in field.chips] == [None, None]


def test_the_real_check_speaks_in_a_sentence():
    assert check_address("Ada <ada@example.net>") == ""
    assert check_address("ada").endswith(".")


ADDRESSES = st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True))


@given(
    ADDRESSES,
    st.sampled_from([",", ";", "\n", "\r\n", " , "]),
)
def test_splitting_returns_what_was_joined(addresses, separator):
    assert split_addresses(separator.join(addresses)) == addresses


@given(st.text())
def test_splitting_never_loses_a_character_that_counts(text):
    kept = "".join("".join(part.split()) for part in split_addresses(text))
    assert set(kept) <= set(text)
    assert len(kept) >= len("".join(text.split())) - sum(text.count(each) for each in ",;\n\r")
