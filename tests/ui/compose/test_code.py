"""The tab Code, with the real engine and sandbox."""

import runpy

import pytest

from mailgui.jobs.code import CodeKind
from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.ui import dialogs


@pytest.fixture
def coding(desk):
    """A desk with the tab Code in front, and functions to use it."""
    view, controller = desk.exchange.code, desk.page.code
    desk.write_to("b@good.example")

    def settled():
        desk.qtbot.waitUntil(lambda: not controller.busy, timeout=10_000)
        return view.text()

    def choose(kind):
        view.choice._chosen(kind)
        return settled()

    desk.view, desk.settled, desk.choose = view, settled, choose
    assert "code" not in desk.exchange.shown_tabs()
    controller.open()
    assert "code" in desk.exchange.shown_tabs()
    desk.use("Sandbox SMTP")
    desk.qtbot.waitUntil(lambda: bool(settled()), timeout=10_000)
    return desk


def test_it_follows_the_draft_and_the_profile(coding):
    assert "curl" in coding.view.text()
    coding.message.head.subject.setText("Another $subject")
    coding.qtbot.waitUntil(lambda: "Another $subject" in coding.settled(), timeout=10_000)
    coding.use("Sandbox API")
    coding.qtbot.waitUntil(lambda: "/resend/emails" in coding.settled(), timeout=10_000)
    assert "$RESEND_API_KEY" in coding.view.text()
    assert coding.sandbox().api_key not in coding.view.text()


def test_every_language(coding):
    coding.use("Sandbox API")
    for kind in CodeKind:
        assert coding.choose(kind)
        assert coding.view.code.whole_text()
        assert coding.view.save.isEnabled()


def test_what_does_not_fit_is_said_in_place(coding):
    coding.choose(CodeKind.HTTPX)
    assert coding.view.text() == ""
    assert "speaks HTTP" in coding.view._empty.accessibleDescription()
    assert not coding.view.save.isEnabled()
    assert coding.choose(CodeKind.SMTPLIB)
    assert coding.view.save.isEnabled()


def test_an_incomplete_message(coding):
    coding.write_to()
    coding.qtbot.waitUntil(lambda: coding.settled() == "", timeout=10_000)
    assert "nobody to send to" in coding.view._empty.accessibleDescription()


def test_the_secret_only_with_a_warning_and_for_one_profile(coding):
    coding.choose(CodeKind.SMTPLIB)
    assert coding.sandbox().password not in coding.view.text()
    assert coding.view.notice.isHidden()
    coding.view.inline.setChecked(True)
    coding.qtbot.waitUntil(lambda: coding.sandbox().password in coding.settled(), timeout=10_000)
    assert "The secret stands in this code" in coding.view.notice.sentence
    coding.use("Sandbox API")
    coding.qtbot.waitUntil(lambda: "smtp.resend.com" in coding.settled(), timeout=10_000)
    assert not coding.view.inline.isChecked()
    assert coding.view.notice.isHidden()


def test_a_secret_that_is_not_known(coding, services):
    services.profiles.add(Profile("Work", SmtpSettings("mail.example.com", username="u")))
    coding.page.profiles_changed()
    coding.qtbot.waitUntil(lambda: coding.bar._roads.find("Work") is not None, timeout=10_000)
    coding.use("Work")
    coding.qtbot.waitUntil(lambda: "mail.example.com" in coding.settled(), timeout=10_000)
    coding.view.inline.setChecked(True)
    coding.qtbot.waitUntil(lambda: coding.settled() == "", timeout=10_000)
    assert "is not known on this machine" in coding.view._empty.accessibleDescription()


def test_direct_to_mx_names_no_server(coding):
    coding.use("Direct to MX")
    coding.qtbot.waitUntil(lambda: coding.settled() == "", timeout=10_000)
    assert "no server to name" in coding.view._empty.accessibleDescription()


def test_the_language_is_remembered(make_desk):
    first = make_desk()
    first.exchange.code.choice._chosen("go")
    state = first.page.save_state()
    assert state["code"] == "go"
    assert make_desk(state).exchange.code.kind is CodeKind.GO
    assert make_desk({"code": "cobol"}).exchange.code.kind is CodeKind.CURL


def test_copied_and_saved_code_is_whole_and_runs(coding, clipboard, tmp_path, monkeypatch):
    coding.choose(CodeKind.SMTPLIB)
    coding.view.copy.click()
    assert clipboard() == coding.view.text()
    path = tmp_path / "mine"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: (path, ""))
    coding.view.save.click()
    saved = path.with_suffix(".py")
    coding.qtbot.waitUntil(lambda: saved.exists() and saved.stat().st_size > 0, timeout=10_000)
    monkeypatch.setenv("SMTP_PASSWORD", coding.sandbox().password)
    before = len(coding.sandbox().mailbox)
    runpy.run_path(str(saved))
    assert len(coding.sandbox().mailbox) == before + 1


def test_nothing_is_made_while_nobody_looks(desk):
    desk.write_to("b@good.example")
    desk.previewed()
    assert desk.page.code._shown is None
    assert not desk.services.sandbox.running


def test_what_the_steps_ask_for_and_the_code_lacks_is_said_at_its_top(coding):
    coding.exchange.steps.rules.boxes["bare_lf"].click()
    coding.qtbot.waitUntil(lambda: "rules that are broken" in coding.settled(), timeout=10_000)
    coding.exchange.steps.rules.boxes["bare_lf"].click()
    coding.qtbot.waitUntil(lambda: "rules that are broken" not in coding.settled(), timeout=10_000)
