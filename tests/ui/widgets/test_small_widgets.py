"""Labels, badges, buttons, choices, notices, fields, rail, gauge, segments."""

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from mailgui.findings import Verdict
from mailgui.ui.metrics import BASE_PX, Type
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, forget, hairline, set_flag, tip
from mailgui.ui.widgets.buttons import (
    IconButton,
    LinkButton,
    MenuButton,
    PrimaryButton,
    QuietButton,
    ToolWord,
)
from mailgui.ui.widgets.choice_button import ChoiceButton, PickerButton
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.field_rows import FieldRow, FormField
from mailgui.ui.widgets.formatting import duration, milliseconds, number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.lookup_gauge import LookupGauge
from mailgui.ui.widgets.rail import Rail
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.verdict_badge import Dot, Pill, VerdictBadge

MARKUP = '<b>bold</b><img src="file:///etc/passwd">'


def test_labels_never_read_markup(show):
    label = show(Label(MARKUP))
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == MARKUP


def test_tool_tips_show_foreign_text_to_the_letter():
    assert "<b>" not in tip(MARKUP)[3:]
    assert "&lt;b&gt;" in tip(MARKUP)
    assert QtGui.Qt.mightBeRichText(tip("plain & simple"))
    assert tip("") == ""
    assert len(tip("x" * 10_000)) < 2_200


def test_a_label_changes_its_tone(show):
    label = show(Label("x", tone="secondary"))
    before = label.palette().windowText().color()
    label.set_tone("broken")
    assert label.palette().windowText().color() != before


def test_long_values_are_elided_in_the_middle_and_whole_in_the_tip(show):
    value = "aaaa" + "b" * 400 + "zzzz"
    label = show(ElidedLabel(value, kind=Type.MONO), 200, 30)
    assert label.shown().startswith("aaaa")
    assert label.shown().endswith("zzzz")
    assert "…" in label.shown()
    assert value in label.toolTip()
    assert label.accessibleName() == value
    label.resize(6000, 30)
    assert label.shown() == value
    assert label.toolTip() == ""


def test_eliding_a_huge_text_looks_at_its_ends_only(show):
    label = show(ElidedLabel("a" * 5_000_000 + "z"), 200, 30)
    assert label.shown().endswith("z")
    assert len(label.shown()) < 100


def test_every_verdict_has_its_word_on_the_badge(show):
    words = {verdict: VerdictBadge(verdict).text for verdict in Verdict}
    assert words == {
        Verdict.PASS: "pass",
        Verdict.ATTENTION: "attention",
        Verdict.BROKEN: "broken",
        Verdict.NOT_SET_UP: "not set up",
        Verdict.UNCHECKED: "could not check",
    }
    badge = show(VerdictBadge(None))
    assert badge.text == "asking…"
    badge.set_verdict(Verdict.BROKEN)
    assert (badge.text, badge.tone, badge.accessibleName()) == ("broken", Tone.BROKEN, "broken")


def test_a_pill_has_room_for_its_word(show, theme):
    pill = Pill("could not check")
    narrow = pill.sizeHint()
    theme.set_base_px(BASE_PX * 2)
    assert pill.sizeHint().width() > 1.7 * narrow.width()
    assert pill.sizeHint().height() > 1.5 * narrow.height()
    assert not show(Dot(Tone.PASS), 20, 20).grab().isNull()


@pytest.mark.parametrize(
    "make",
    [
        lambda: PrimaryButton("Send", "Ctrl ↵", name="send"),
        lambda: QuietButton("Test connection", name="test", icon_name="send"),
        lambda: MenuButton("Copy as code", name="code"),
        lambda: LinkButton("Reply-To", name="link"),
        lambda: ToolWord("Follow", name="follow", icon_name="follow-tail"),
        lambda: IconButton("copy", "Copy", name="copy"),
    ],
)
def test_buttons_answer_to_the_keyboard_and_have_names(make, show, qtbot):
    button = show(make(), 200, 60)
    assert button.objectName()
    assert button.accessibleName()
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_focus_can_be_seen(show, qtbot):
    for make in (
        lambda: PrimaryButton("Send", name="send"),
        lambda: QuietButton("Save", name="save"),
        lambda: LinkButton("Cc", name="cc"),
        lambda: IconButton("copy", "Copy", name="copy"),
        lambda: Segmented([("a", "A"), ("b", "B")], name="s", accessible="S"),
    ):
        box = QWidget()
        button = make()
        button.setParent(box)
        show(box, 200, 80)
        box.setFocus()
        button.clearFocus()
        plain = button.grab().toImage()
        box.activateWindow()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(button.hasFocus)
        assert button.grab().toImage() != plain


def test_a_choice_shows_and_tells_what_was_chosen(show, qtbot):
    choice = show(
        ChoiceButton("Stop after", [("", "Full send"), ("auth", "AUTH & co")], name="stop"), 300, 60
    )
    assert choice.key == ""
    assert choice.accessibleName() == "Stop after: Full send"
    with qtbot.waitSignal(choice.changed) as signal:
        choice.menu().actions()[1].trigger()
    assert signal.args == ["auth"]
    assert choice.key == "auth"
    assert choice.menu().actions()[1].isChecked()
    choice.set_options([("", "Full send"), ("data", "DATA")])
    assert choice.key == ""
    choice.set_key("nonsense")
    assert choice.key == ""


def test_a_choice_keeps_its_width_whatever_is_chosen(show):
    choice = show(ChoiceButton("", [("a", "A"), ("b", "A long one")], name="c"), 300, 60)
    width = choice.sizeHint().width()
    choice.set_key("b")
    assert choice.sizeHint().width() == width


def test_the_picker_says_what_it_shows(show):
    picker = show(PickerButton(name="profile", accessible="Profile"), 290, 60)
    picker.set_value("Sandbox SMTP", "SMTP · STARTTLS", Tone.PASS)
    assert picker.accessibleName() == "Profile: Sandbox SMTP, SMTP · STARTTLS"
    assert not picker.grab().isNull()


def test_a_notice_shows_only_while_it_has_something_to_say(show, qtbot):
    box = QWidget()
    notice = InlineNotice(name="notice", dismissible=True, parent=box)
    show(box)
    assert not notice.isVisible()
    notice.say("The file is gone.", Tone.BROKEN, action="Choose another")
    assert notice.isVisible()
    assert notice.accessibleName() == "The file is gone."
    with qtbot.waitSignal(notice.action_triggered):
        notice._action.click()
    with qtbot.waitSignal(notice.dismissed):
        notice._close.click()
    assert not notice.isVisible()
    notice.say("Again.")
    notice.clear()
    assert not notice.isVisible()


def test_an_empty_state_offers_one_thing(show, qtbot):
    state = show(EmptyState("send", "Nothing yet", "It will be here.", name="e", action="Send"))
    with qtbot.waitSignal(state.action_triggered):
        state.findChild(QuietButton, "e-action").click()
    state.set_words("Other", "Words")
    assert state.accessibleName() == "Other"


def test_an_empty_states_sentence_is_shown_whole(show):
    sentence = "The conversation with the server will appear here, line by line, as it happens."
    state = show(EmptyState("send", "Nothing yet", sentence, name="e"), 800, 400)
    label = next(each for each in state.findChildren(Label) if each.text() == sentence)
    assert label.heightForWidth(label.width()) <= label.height()
    assert label.width() > 300


def test_a_form_field_tells_what_is_wrong_in_the_place_of_its_hint(show):
    field = QLineEdit()
    form = show(FormField("Port", field, name="port", hint="From 1 to 65535."))
    assert field.accessibleName() == "Port"
    assert field.accessibleDescription() == "From 1 to 65535."
    form.set_problem("A port is a number.")
    assert form.problem == "A port is a number."
    assert field.accessibleDescription() == "A port is a number."
    assert field.property("problem") == "true"
    form.set_problem("")
    assert form.problem == ""
    assert field.accessibleDescription() == "From 1 to 65535."
    form.set_hint("Other")
    assert field.accessibleDescription() == "Other"


def test_a_field_rows_label_leads_to_its_field(show):
    field = QLineEdit()
    row = show(FieldRow("Subject", field, LinkButton("Cc", name="cc"), name="row"), 400, 50)
    assert row.label.buddy() is field


def test_the_rail_by_mouse_and_keyboard(show, qtbot):
    rail = Rail()
    for key in ("compose", "domain"):
        rail.add(key, key.title(), key, shortcut="Ctrl+1")
    rail.add("settings", "Settings", "settings", bottom=True)
    show(rail, 92, 500)
    assert rail.key == "compose"
    with qtbot.waitSignal(rail.chosen) as signal:
        qtbot.mouseClick(rail._buttons["domain"], Qt.MouseButton.LeftButton)
    assert signal.args == ["domain"]
    rail.activateWindow()
    rail._buttons["domain"].setFocus()
    qtbot.waitUntil(rail._buttons["domain"].hasFocus)
    with qtbot.waitSignal(rail.chosen) as signal:
        qtbot.keyClick(rail._buttons["domain"], Qt.Key.Key_Down)
    assert signal.args == ["settings"]
    rail.set_key("compose")
    assert rail.key == "compose"
    assert rail.sizeHint().width() == 92
    assert rail._buttons["settings"].y() > rail._buttons["domain"].y() + 100


@pytest.mark.parametrize(
    ("spent", "void", "tone", "said"),
    [
        (0, 0, Tone.PASS, "Look-ups 0 of 10, void 0 of 2"),
        (8, 1, Tone.ATTENTION, "Look-ups 8 of 10, void 1 of 2"),
        (10, 2, Tone.ATTENTION, "Look-ups 10 of 10, void 2 of 2"),
        (11, 0, Tone.BROKEN, "Look-ups 11 of 10, void 0 of 2: too many"),
        (1, 3, Tone.PASS, "Look-ups 1 of 10, void 3 of 2: too many"),
    ],
)
def test_the_gauge_says_how_much_is_spent(show, spent, void, tone, said):
    gauge = show(LookupGauge(), 400, 40)
    gauge.set_values(spent, void)
    assert gauge.tone is tone
    assert gauge.accessibleName() == said
    assert not gauge.grab().isNull()


def test_segments_by_mouse_and_keyboard(show, qtbot):
    segments = show(Segmented([("a", "Tree"), ("b", "Raw")], name="s", accessible="View"), 300, 40)
    assert segments.key == "a"
    with qtbot.waitSignal(segments.changed) as signal:
        qtbot.keyClick(segments, Qt.Key.Key_Right)
    assert signal.args == ["b"]
    assert segments.accessibleName() == "View: Raw"
    qtbot.keyClick(segments, Qt.Key.Key_Right)
    assert segments.key == "b"
    place = segments._rects()[0].center()
    with qtbot.waitSignal(segments.changed):
        qtbot.mouseClick(segments, Qt.MouseButton.LeftButton, pos=place)
    segments.set_key("b")
    assert segments.key == "b"


def test_tool_tip_of_an_icon_button_is_safe(show):
    button = show(IconButton("close", f"Remove {MARKUP}", name="x"), 60, 60)
    assert "<img" not in button.toolTip()
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), QPoint(2, 2))
    assert QApplication.sendEvent(button, event)


def test_small_helpers(show):
    line = show(hairline(vertical=True))
    assert line.width() == 1
    set_flag(line, "drop", "true")
    assert line.property("drop") == "true"
    forget(None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 ms"),
        (0.0003, "0.3 ms"),
        (0.0181, "18 ms"),
        (0.999, "999 ms"),
        (0.9999, "1.0 s"),
        (12.34, "12.3 s"),
        (100, "1 min 40 s"),
        (3725, "62 min 5 s"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_numbers():
    assert milliseconds(1.2345) == "1,234.5"
    assert milliseconds(100) == "100.0 s"
    assert number(1, "look-up") == "1 look-up"
    assert number(4, "look-up") == "4 look-ups"
    assert number(2, "query", "queries") == "2 queries"
    assert number(12345, "line") == "12,345 lines"
