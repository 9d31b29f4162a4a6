"""The tab Steps: an expert's own order, and what the sandbox makes of it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import Line, Part, XClient
from mailgui.smtp.wanted import Breaks, DeliverBy
from mailgui.transcript import Direction, Outcome, Stage
from mailgui.ui.compose.step_editor import StepEditor, StepsProblem

PLAIN = SmtpSettings("mail.example", 25, tls=TlsMode.NONE)


@pytest.fixture
def editor(show):
    made = show(StepEditor(), 560, 760)
    made.set_settings(PLAIN)
    return made


def titles(editor):
    model = editor.model
    return [model.index(row).data() for row in range(model.rowCount())]


def test_the_usual_steps_are_those_of_the_profile(editor):
    assert titles(editor) == [
        "Connect",
        "Greeting",
        "EHLO",
        "MAIL, RCPT, DATA and the message",
        "QUIT",
    ]
    assert editor.plan(None) is None
    assert editor.plan(Stage.RCPT) == Plan(stop_after=Stage.RCPT)
    editor.set_settings(SmtpSettings("mail.example", 465, username="ann"))
    assert titles(editor)[:2] == ["Connect", "TLS handshake"]
    assert "AUTH" in titles(editor)


def test_steps_are_moved_and_removed_by_the_keyboard(editor):
    editor.list.choose(2)
    QTest.keyClick(editor.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(editor)[1:3] == ["EHLO", "Greeting"]
    assert editor.list.row == 1
    QTest.keyClick(editor.list, Qt.Key.Key_Delete)
    assert "EHLO" not in titles(editor)
    assert editor.plan(None).steps == editor.model.steps
    assert editor.altered


def test_unsuitable_orders_are_allowed_and_marked(editor):
    editor.list.choose(2)
    editor.up.click()
    assert "One stands where servers do not expect it" in editor.state.text()
    spoken = editor.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("before the server's greeting")


def test_lines_of_ones_own(editor, qtbot):
    editor.list.choose(3)
    editor.entry.setFocus()
    QTest.keyClicks(editor.entry, r"NOOP\n")
    QTest.keyClick(editor.entry, Qt.Key.Key_Return)
    assert editor.model.steps[3] == Line(b"NOOP\n")
    index = editor.model.index(3)
    assert editor.model.setData(index, "HELP")
    assert editor.model.steps[3] == Line(b"HELP\r\n")
    assert not editor.model.setData(index, "\\q")
    assert not editor.model.flags(editor.model.index(0)) & Qt.ItemFlag.ItemIsEditable
    editor.entry.setText("\\q")
    editor.add_line.click()
    assert "is no escape" in editor.notice.sentence


def test_inserted_steps_stand_before_the_chosen_one(editor):
    editor.list.choose(3)
    editor._insert("mail")
    editor._insert("rcpt")
    assert editor.model.steps[3:5] == (Part(Stage.MAIL), Part(Stage.RCPT))


def test_rules_and_extensions_go_with_the_plan(editor):
    editor.rules.boxes["bare_lf"].click()
    editor.rules.set_text("end", r"\n.\n")
    editor.extensions.set_text("by", "60")
    editor.extensions.set_text("xclient", "name=spike.example")
    editor.extensions.changed.emit()
    plan = editor.plan(None)
    assert plan.breaks == Breaks(bare_lf=True, end_of_data=b"\n.\n")
    assert plan.wanted.deliver_by == DeliverBy(60)
    assert plan.xclient == (XClient((("NAME", "spike.example"),)),)
    assert plan.steps is None
    assert "XCLIENT NAME" in titles(editor)


@pytest.mark.parametrize(
    ("form", "key", "text"),
    [
        ("extensions", "priority", "12"),
        ("extensions", "hold", "soon"),
        ("extensions", "xclient", "FOO=1"),
        ("extensions", "proxy-source", "here"),
        ("rules", "end", "\\q"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(editor, form, key, text):
    getattr(editor, form).set_text(key, text)
    with pytest.raises(StepsProblem):
        editor.plan(None)
    field = getattr(editor, form).fields[key]
    assert field.problem
    assert field.isVisible()


def test_back_to_the_usual_steps(editor):
    editor.rules.boxes["go_on"].click()
    editor.list.choose(0)
    editor.remove.click()
    assert editor.reset_button.isEnabled()
    editor.reset_button.click()
    assert editor.plan(None) is None
    assert len(titles(editor)) == 5
    assert not editor.reset_button.isEnabled()


def test_it_never_scrolls_sideways_at_doubled_type(editor, theme, qapp):
    theme.set_base_px(26)
    editor.rules.boxes["go_on"].click()
    for fold in ("rules-fold", "extensions-fold"):
        from mailgui.ui.widgets.fold import Fold

        editor.findChild(Fold, fold).set_open(True)
    for _ in range(4):
        qapp.processEvents()
    from mailgui.ui.widgets.scroll_column import ScrollColumn

    assert editor.findChild(ScrollColumn).horizontalScrollBar().maximum() == 0


# On the page, with the sandbox.


def test_send_goes_by_ones_own_steps(desk):
    desk.page.exchange.open_steps()
    steps = desk.exchange.steps
    assert desk.exchange.tabs.key == "steps"
    place = next(i for i, t in enumerate(titles(steps)) if t.startswith("MAIL,"))
    steps.list.choose(place)
    steps._insert("rcpt")
    steps.rules.boxes["go_on"].click()
    desk.send()
    sent = [e.text for e in desk.transcript().events if e.direction is Direction.SENT]
    assert any(line.startswith("RCPT") for line in sent)
    first = next(line for line in sent if line[:4] in ("MAIL", "RCPT"))
    assert first.startswith("RCPT")
    assert desk.transcript().outcome is Outcome.ACCEPTED
    steps.reset()
    desk.send()
    sent = [e.text for e in desk.transcript().events if e.direction is Direction.SENT]
    assert next(line for line in sent if line[:4] in ("MAIL", "RCPT")).startswith("MAIL")


def test_nothing_is_sent_while_a_field_is_wrong(desk):
    desk.exchange.steps.extensions.set_text("priority", "many")
    desk.page.send()
    assert not desk.page.busy
    assert desk.banner.sentence == "Nothing was sent"
    assert desk.exchange.tabs.key == "steps"


def test_an_api_has_no_steps(desk):
    desk.use("Sandbox API")
    assert "steps" not in desk.exchange.shown_tabs()
    assert not desk.bar.tools.steps.isVisible()


def test_after_an_api_the_smtp_profiles_tools_are_there(desk):
    desk.use("Sandbox API")
    desk.send()
    desk.use("Sandbox SMTP")
    desk.page.exchange.open_steps()
    assert desk.exchange.tabs.key == "steps"
    desk.page.tools.open_console()
    assert desk.exchange.tabs.key == "console"
    assert {"request", "console"} <= set(desk.exchange.shown_tabs())  # of what was sent, too


def test_the_banner_of_what_was_sent_does_not_stand_above_a_tool(desk):
    desk.send()
    assert desk.banner.isVisible()
    desk.page.tools.open_console()
    assert not desk.banner.isVisible()
    desk.page.show_tab("transcript")
    assert desk.banner.isVisible()
