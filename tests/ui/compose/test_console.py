"""The tab Console with the real engine and the sandbox."""

import base64

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from mailgui.smtp.console_state import Mode
from mailgui.transcript import MASK, Outcome

SECRET = "canary-secret-word"


class Hand:
    """The console and what a person does with it."""

    def __init__(self, desk):
        self.desk, self.qtbot = desk, desk.qtbot
        self.view, self.controller = desk.exchange.console, desk.page.tools.console

    def open(self, depth="ehlo"):
        self.desk.page.tools.open_console()
        self.view.reach.set_key(depth)
        self.view.connect_button.click()
        self.qtbot.waitUntil(self.ready, timeout=20_000)
        return self

    def ready(self):
        state = self.view.state
        return state.open and not state.waiting

    def type(self, text):
        """Type a line and wait for its answer."""
        before = len(self.lines)
        self.view.line.setText(text)
        self.qtbot.keyClick(self.view.line, Qt.Key.Key_Return)
        self.qtbot.waitUntil(
            lambda: len(self.lines) > before and (self.ready() or not self.controller.running),
            timeout=20_000,
        )

    def until(self, text):
        self.qtbot.waitUntil(lambda: any(text in line for line in self.lines), timeout=20_000)

    def until_closed(self):
        self.qtbot.waitUntil(lambda: not self.controller.running, timeout=20_000)

    @property
    def lines(self):
        return [event.text for event in self.view.transcript.table.model_.events]


@pytest.fixture
def hand(desk):
    return Hand(desk)  # what is still open when a test ends, the bridge's drain must close


def test_the_console_opens_without_anything_sent(hand):
    hand.desk.page.tools.open_console()
    assert hand.desk.exchange.tabs.key == "console"
    assert hand.view.isVisible()
    assert not hand.view.line.isEnabled()
    assert hand.view.connect_button.hasFocus()


def test_a_dialogue_by_hand_ends_up_in_the_history(hand):
    hand.open("banner")
    hand.qtbot.waitUntil(hand.view.line.hasFocus)
    hand.type("EHLO me.good.example")
    assert any(line.startswith("250") for line in hand.lines)
    hand.type("NOOP")
    hand.type("QUIT")
    hand.until_closed()
    report = hand.controller.report
    assert report.transcript.outcome is Outcome.COMPLETED
    assert "3 lines typed" in hand.view.notice.sentence
    history = hand.desk.services.history
    worker = hand.desk.page._bridge.worker
    kept = worker.submit(history.get, report.transcript.id).result(10)
    assert kept.transcript.title == "Sandbox SMTP (console)"
    assert not hand.view.line.isEnabled()
    assert hand.view.connect_button.isEnabled()


def test_sign_in_by_hand_leaves_nothing_of_the_secret(hand):
    hand.open("tls")
    said = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()
    hand.type("AUTH PLAIN")
    assert hand.view.state.mode is Mode.ANSWER
    assert hand.view.line.echoMode() is QLineEdit.EchoMode.Password
    assert "never shown" in hand.view.line.placeholderText()
    hand.type(said)
    assert hand.view.line.echoMode() is QLineEdit.EchoMode.Normal
    hand.type(f"AUTH PLAIN {said}")
    assert any(MASK in line for line in hand.lines)
    shown = "\n".join(hand.lines) + repr(hand.view.line.history)
    for form in (SECRET, said):
        assert form not in shown
    assert hand.view.line.history[-1] == "AUTH PLAIN"


def test_the_helpers_carry_the_draft_to_the_sandbox(hand):
    hand.open("tls")
    hand.view.sign_in_asked.emit("PLAIN")
    hand.until("235")
    for key, said in (("mail", "MAIL FROM"), ("rcpt", "RCPT TO"), ("data", "[message:")):
        hand.qtbot.waitUntil(hand.view.helpers[key].isEnabled, timeout=10_000)
        hand.view.helpers[key].click()
        hand.until(said)
    hand.qtbot.waitUntil(hand.ready, timeout=10_000)
    hand.view.helpers["quit"].click()
    hand.until_closed()
    assert "1 message accepted" in hand.view.notice.sentence
    assert len(hand.desk.sandbox().mailbox.list()) == 1


def test_a_pasted_dialogue_goes_out_at_once(hand):
    hand.open("auth")
    QGuiApplication.clipboard().setText(
        "MAIL FROM:<you@good.example>\nRCPT TO:<b@good.example>\nDATA\n"
        "From: <you@good.example>\nSubject: pasted\n\nHello\n.\n"
    )
    hand.qtbot.keyClick(hand.view.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    hand.qtbot.waitUntil(lambda: bool(hand.desk.sandbox().mailbox.list()), timeout=20_000)
    assert hand.view.line.text() == ""


def test_up_and_down_bring_back_what_was_typed(hand):
    hand.open("ehlo")
    hand.type("NOOP")
    hand.type("RSET")
    line = hand.view.line
    line.setText("HE")
    for expected in ("RSET", "NOOP", "NOOP"):
        hand.qtbot.keyClick(line, Qt.Key.Key_Up)
        assert line.text() == expected
    for expected in ("RSET", "HE"):
        hand.qtbot.keyClick(line, Qt.Key.Key_Down)
        assert line.text() == expected


def test_tab_completes_what_the_server_offers(hand):
    hand.open("ehlo")
    line = hand.view.line
    hand.qtbot.keyClicks(line, "st")
    hand.qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "STARTTLS"
    line.clear()
    hand.qtbot.keyClicks(line, "rcpt")
    popup = line._popup
    assert popup.isVisible()
    hand.qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "RCPT TO:<recipient@good.example>"
    line.setText("MAIL FROM:<you@good.example> S")
    hand.qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "MAIL FROM:<you@good.example> SIZE="
    hand.qtbot.keyClick(line, Qt.Key.Key_Escape)


def test_starttls_by_its_button_makes_the_handshake(hand):
    hand.open("ehlo")
    hand.view.helpers["starttls"].click()
    hand.until("Inside TLS everything begins afresh")
    hand.qtbot.waitUntil(lambda: hand.view.state.tls, timeout=10_000)
    hand.qtbot.waitUntil(hand.view.helpers["ehlo"].isEnabled, timeout=10_000)
    hand.view.helpers["ehlo"].click()
    hand.qtbot.waitUntil(lambda: bool(hand.view.state.ehlo and hand.view.state.ehlo.tls))
    assert "STARTTLS" not in hand.view.state.ehlo.capabilities
    assert "inside TLS" in hand.view._standing.text


def test_dropping_ends_it_and_keeps_the_record(hand):
    hand.open("ehlo")
    hand.view.drop.click()
    hand.until_closed()
    assert "dropped without QUIT" in hand.view.notice.sentence
    assert hand.lines


def test_the_transcript_can_be_saved_while_it_goes_on(hand, monkeypatch, tmp_path):
    target = tmp_path / "console.txt"
    monkeypatch.setattr("mailgui.ui.dialogs.save_file", lambda *_args: (target, "Text (*.txt)"))
    hand.open("ehlo")
    with hand.qtbot.waitSignal(hand.desk.page.saving.done, timeout=10_000):
        hand.view.transcript.save_asked.emit()
    assert "EHLO" in target.read_text()
    assert hand.ready()


def test_closing_the_page_hangs_up(hand):
    hand.open("ehlo")
    hand.desk.page.save_now()
    hand.until_closed()
    assert hand.controller.report is not None


def test_an_api_profile_has_no_console(hand):
    hand.desk.use("Sandbox API")
    assert "console" not in hand.desk.exchange.shown_tabs()
    assert not hand.desk.bar.tools.console.isVisible()


def test_a_send_and_the_console_do_not_disturb_each_other(hand):
    hand.open("ehlo")
    before = list(hand.lines)
    hand.desk.send()
    assert hand.desk.transcript().outcome is Outcome.ACCEPTED
    assert hand.lines == before
    assert hand.ready()


def test_every_control_has_a_name(hand):
    for widget in (
        hand.view.line, hand.view.connect_button, hand.view.drop, hand.view.auth,
        hand.view.reach, *hand.view.helpers.values(),
    ):  # fmt: skip
        assert widget.accessibleName()
        assert widget.objectName()
