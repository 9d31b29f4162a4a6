"""The Sandbox page, with real servers behind it."""

import base64
import hashlib
import hmac
import json
import smtplib
import time

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.api.webhook_verdict import Reason, Verification, WebhookVerdict
from mailgui.jobs.webhook_record import WebhookRecord
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, now
from mailgui.transcript import visible
from mailgui.ui.sandbox.page import SandboxPage

PATIENCE = 30_000
KEY = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def send(services, subject="Hello", to="ada@x.example"):
    sandbox = services.sandbox
    with smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20) as client:
        body = f"From: Ana <ana@good.example>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nText.\r\n"
        client.sendmail("ana@good.example", [to], body)


def signed(message_id="m-1", key=KEY):
    tree = {"type": "email.bounced", "data": {"email_id": message_id, "to": ["ada@x.example"]}}
    body = json.dumps(tree).encode()
    stamp = str(int(time.time()))
    octets = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(octets, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    sign = "v1," + base64.b64encode(digest).decode()
    return body, {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": sign}


def cells(table, row=0):
    return [table.rows.cell(row, column).text for column in range(len(table.rows.columns))]


def test_nothing_runs_until_it_is_asked(page, services):
    assert page.bar.state.text == "not started"
    assert page.findChild(object, "captured-empty").isVisible()
    assert not services.sandbox.running
    page.show_tab("connection")
    assert page.findChild(object, "connection-empty").isVisible()


def test_ctrl_enter_starts_and_stop_stops(page, services, qtbot):
    QTest.keyClick(page.tabs.tabs, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.bar.state.text == "running", timeout=PATIENCE)
    assert f"SMTP {services.sandbox.smtp.port}" in page.bar.addresses.text
    assert services.sandbox.running
    with qtbot.waitSignal(page.stopped, timeout=PATIENCE):
        page.bar.stop.click()
    assert page.bar.state.text == "not started"
    assert not services.sandbox.running


def test_secrets_are_shown_only_when_asked_for(running, services, clipboard):
    row = running.connection.rows["SMTP Password"]
    assert services.sandbox.password not in row.value.text
    row.show_button.click()
    assert row.value.text == services.sandbox.password
    row.show_button.click()
    assert services.sandbox.password not in row.value.text
    row.findChild(object, "connection-smtp-password-copy").click()
    assert clipboard() == services.sandbox.password
    assert running.connection.rows["SMTP Port"].value.text == str(services.sandbox.smtp.port)


def test_mail_that_comes_is_a_row_at_once(running, services, qtbot):
    send(services)
    table = running.messages.table
    qtbot.waitUntil(lambda: table.rows.rowCount() == 1, timeout=PATIENCE)
    assert cells(table)[1:5] == ["SMTP", "Ana <ana@good.example>", "ada@x.example", "Hello"]
    view = running.messages.message
    qtbot.waitUntil(lambda: view.view is not None, timeout=PATIENCE)
    assert view.subject.text == "Hello"
    assert "Text." in view.text.toPlainText()
    assert "Subject: Hello" in view.source.toPlainText()
    assert ["Road", "SMTP, not encrypted"] in [
        cells(view.session, n) for n in range(view.session.rows.rowCount())
    ]


def test_search_delete_and_clear(running, services, qtbot):
    for name in ("first", "second", "third"):
        send(services, subject=name)
    table = running.messages.table
    qtbot.waitUntil(lambda: table.rows.rowCount() == 3, timeout=PATIENCE)
    running.messages.search.setText("SECOND ana@")
    assert [cells(table)[4], table.rows.rowCount()] == ["second", 1]
    running.messages.search.setText("nobody")
    assert running.findChild(object, "captured-none").isVisible()
    running.messages.search.clear()
    table.choose(services.sandbox.mailbox.list()[-1].id)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert [m.subject for m in services.sandbox.mailbox.list()] == ["third", "second"]
    running.messages.clear_button.click()
    assert len(services.sandbox.mailbox) == 0
    assert running.findChild(object, "captured-empty").isVisible()


def test_a_sample_from_the_empty_page(page, services, qtbot):
    page.findChild(object, "captured-empty-action").click()
    qtbot.waitUntil(lambda: len(services.sandbox.mailbox) == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.busy, timeout=PATIENCE)


def test_a_captured_message_is_checked(running, services, qtbot):
    send(services)
    view = running.messages.message
    qtbot.waitUntil(lambda: view.view is not None, timeout=PATIENCE)
    view.check.click()
    qtbot.waitUntil(lambda: view.verdicts.rows.rowCount() > 2, timeout=PATIENCE)
    assert [cells(view.verdicts, n)[0] for n in range(3)] == ["DKIM", "SPF", "DMARC"]
    words = [cells(view.verdicts, n)[1] for n in range(view.verdicts.rows.rowCount())]
    assert words == [word.lower() for word in words]


@pytest.mark.parametrize(("button", "subject"), [("reply", "Re: Hello"), ("edit", "Hello")])
def test_a_captured_message_becomes_a_draft(running, services, qtbot, button, subject):
    send(services)
    view = running.messages.message
    qtbot.waitUntil(lambda: view.view is not None, timeout=PATIENCE)
    with qtbot.waitSignal(running.draft_asked, timeout=PATIENCE) as asked:
        getattr(view, button).click()
    draft, profile = asked.args
    assert (draft.subject, profile) == (subject, "")
    ada, ana = "ada@x.example", "ana@good.example"
    people = (draft.sender.address, draft.to[0].address)
    assert people == ((ada, ana) if button == "reply" else (ana, ada))
    assert ("> Text." in draft.text) is (button == "reply")


def test_a_message_that_cannot_be_parsed_says_why_and_shows_what_there_is(running, services, qtbot):
    bomb = "Content-Type: multipart/mixed; boundary=b\r\n\r\nThe words.\r\n" + "--b\r\n\r\n" * 2_000
    send(services, subject=f"<b>x</b>\r\n{bomb}")
    view = running.messages.message
    qtbot.waitUntil(lambda: view.view is not None, timeout=PATIENCE)
    assert "more than 1,000 parts" in view.notice.sentence
    assert "What could be read is shown" in view.notice.sentence
    assert "The words." in view.text.toPlainText()
    assert ["Subject", "<b>x</b>"] in [
        cells(view.headers, n) for n in range(view.headers.rows.rowCount())
    ]
    assert "--b" in view.source.toPlainText()


def test_an_attachment_is_saved(running, services, qtbot, tmp_path, monkeypatch):
    body = {
        "from": "a@good.example", "to": "b@x.example", "subject": "s", "text": "t",
        "attachments": [{"filename": "../x.txt", "content": base64.b64encode(b"data").decode()}],
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {services.sandbox.api_key}"}
    url = services.sandbox.base_url("resend") + "/emails"
    assert httpx.post(url, json=body, headers=headers, timeout=20, verify=False).status_code == 200
    view = running.messages.message
    qtbot.waitUntil(lambda: view.view is not None, timeout=PATIENCE)
    target, asked = tmp_path / "saved", []
    monkeypatch.setattr(
        "mailgui.ui.sandbox.messages_tab.save_file",
        lambda _parent, _title, name, _filters: asked.append(name) or (target, ""),
    )
    view.show_tab("files")
    view.save_file.click()
    qtbot.waitUntil(target.exists, timeout=PATIENCE)
    assert target.read_bytes() == b"data"
    assert asked == ["x.txt"]


def test_a_posted_webhook_ends_as_a_row(running, services, qtbot):
    webhooks = running.webhooks
    running.show_tab("webhooks")
    assert running.findChild(object, "webhook-empty").isVisible()
    address = webhooks.bar.address.text
    assert address == services.sandbox.webhook_url("resend")
    body, headers = signed()
    answer = httpx.post(address, content=body, headers=headers, timeout=20, verify=False)
    assert answer.json()["verdict"] == "unchecked"
    qtbot.waitUntil(lambda: webhooks.table.rows.rowCount() == 1, timeout=PATIENCE)
    row = cells(webhooks.table)
    assert row[1:] == [
        "Resend", "email.bounced", "bounced", "ada@x.example", "m-1", "unchecked",
    ]  # fmt: skip
    assert "Enter the signing secret" in webhooks.view.verdict.sentence
    webhooks.bar.key.entry.setText(KEY)
    webhooks.bar.key.entry.textEdited.emit(KEY)
    webhooks.bar.keep.click()
    qtbot.waitUntil(lambda: cells(webhooks.table)[-1] == "genuine", timeout=PATIENCE)
    assert "svix-signature: v1," in webhooks.view.raw.toPlainText()
    qtbot.waitUntil(lambda: webhooks.bar.key.stored, timeout=PATIENCE)
    assert webhooks.bar.key.entry.text() == ""
    forged = httpx.post(address, content=body + b" ", headers=headers, timeout=20, verify=False)
    assert forged.status_code == 401
    qtbot.waitUntil(lambda: webhooks.table.rows.rowCount() == 2, timeout=PATIENCE)
    assert cells(webhooks.table, 1)[-1] == "forged"
    running.webhooks.bar.clear.click()
    assert webhooks.table.rows.rowCount() == 0


def test_a_pasted_request_is_checked_in_place(page, qtbot):
    page.show_tab("webhooks")
    webhooks = page.webhooks
    webhooks.bar.paste.click()
    assert webhooks.paste.isVisible()
    webhooks.paste.text.setPlainText("")
    webhooks.paste.check.click()
    qtbot.waitUntil(lambda: bool(webhooks.notice.sentence), timeout=PATIENCE)
    assert "Paste the request" in webhooks.notice.sentence
    webhooks.paste.text.setPlainText('{"type": "email.opened"}')
    webhooks.paste.check.click()
    qtbot.waitUntil(lambda: webhooks.table.rows.rowCount() == 1, timeout=PATIENCE)
    assert cells(webhooks.table)[-1] == "forged"
    assert "svix-signature is missing" in webhooks.view.verdict.sentence
    assert webhooks.view.isVisible()


@pytest.mark.parametrize("provider", ["resend", "mandrill"])
def test_a_simulated_webhook_of_a_captured_message(running, services, qtbot, provider):
    body = {"from": "a@good.example", "to": "b@x.example", "subject": "s", "text": "t"}
    headers = {"Authorization": f"Bearer {services.sandbox.api_key}"}
    url = services.sandbox.base_url("resend") + "/emails"
    given = httpx.post(url, json=body, headers=headers, timeout=20, verify=False).json()["id"]
    (message,) = services.sandbox.mailbox.list()
    webhooks = running.webhooks
    webhooks.bar.choose(provider)
    if provider == "resend":
        running.messages.simulate_asked.emit(message, "bounced")
    else:
        webhooks.simulate("bounced")
    qtbot.waitUntil(lambda: webhooks.table.rows.rowCount() == 1, timeout=PATIENCE)
    row = cells(webhooks.table)
    assert (row[3], row[6]) == ("bounced", "genuine")
    assert row[5] == (given if provider == "resend" else "sandbox-0001")
    qtbot.waitUntil(lambda: not webhooks.busy, timeout=PATIENCE)


def test_hostile_webhooks_show_as_plain_text(running, services, qtbot):
    url = services.sandbox.webhook_url("resend")
    tree = {"type": "<b>x</b>\u202e", "data": {"to": ["<img src=x>"], "email_id": "\x1b[2J"}}
    httpx.post(url, json=tree, timeout=20, verify=False)
    httpx.post(url, content=b"\xff\xfe not json", timeout=20, verify=False)
    table = running.webhooks.table
    qtbot.waitUntil(lambda: table.rows.rowCount() == 2, timeout=PATIENCE)
    assert cells(table)[2].startswith("<b>x</b>\\u202e")
    assert cells(table, 1)[2] == "(unreadable)"


def test_what_had_to_go_is_told(page, qtbot):
    empty = page.findChild(object, "captured-empty")
    assert "keeps 1,000 messages, 256 MiB in all" in empty.accessibleDescription()
    assert (
        "keeps 500 webhooks, 32 MiB"
        in page.findChild(object, "webhook-empty").accessibleDescription()
    )
    mailbox = Mailbox(max_messages=2)
    page.messages.attach(mailbox)
    hostile = ("<b>x</b>\u202e@x.example", *(f"{n}{'y' * 900}@x.example" for n in range(999)))
    for number in range(5):
        shown = tuple(visible(each) for each in hostile)
        message = CapturedMessage(
            str(number), now(), "smtp", "", shown, 1, headers={"Subject": "<img src=x>"}
        )
        mailbox.add(message, b"x")
    page.messages.refresh()
    assert page.messages.counted.text() == "2 messages · 3 older dropped"
    row = cells(page.messages.table)
    assert row[3].startswith("<b>x</b>\\u202e@x.example, 0yyy")
    assert row[3].endswith(" and 980 more")
    assert len(row[3]) < 10_000
    assert row[4] == "<img src=x>"
    qtbot.waitUntil(lambda: not page.busy, timeout=PATIENCE)


def test_webhooks_that_had_to_go_are_told(page, monkeypatch):
    monkeypatch.setattr("mailgui.ui.sandbox.webhooks_tab.MAX_RECORDS", 2)
    verdict = Verification(WebhookVerdict.UNCHECKED, Reason.NO_KEY, "Not checked.")
    page.webhooks.take(
        [
            WebhookRecord(
                str(number), now(), "resend", "Resend", "received", verdict, (), "POST", "/", (),
                "x", 1,
            )
            for number in range(5)
        ]
    )  # fmt: skip
    assert [record.id for record in page.webhooks.records] == ["3", "4"]
    assert page.webhooks.notice.sentence.startswith("The oldest had to go. The sandbox keeps 500")


def test_faults_can_be_copied_and_written_to(page, qtbot, clipboard):
    table = page.faults.table
    assert table.rows.rowCount() > 20
    page.faults.copy.click()
    assert clipboard() == "refuse@good.example"
    with qtbot.waitSignal(page.write_asked) as asked:
        page.faults.write.click()
    assert asked.args == ["refuse@good.example"]
    table.choose(("Sender", "spoof@good.example"))
    assert not page.faults.write.isEnabled()


def test_what_it_was_is_remembered(page, bridge, services, show, qtbot):
    page.webhooks.bar.choose("mandrill")
    page.webhooks.bar.url_entered.emit("https://hooks.example/in")
    page.show_tab("webhooks")
    again = show(SandboxPage(bridge, services, page.save_state(), bridge.outlet), 1180, 760)
    assert again.tabs.tabs.key == "webhooks"
    assert again.webhooks.bar.provider.key == "mandrill"
    assert again.webhooks.bar.url.text() == "https://hooks.example/in"


@pytest.mark.parametrize("tab", ["messages", "webhooks", "faults", "orders", "connection"])
def test_every_control_has_a_name(running, services, qtbot, tab):
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit

    send(services)
    running.webhooks.simulate("delivered")
    qtbot.waitUntil(lambda: running.messages.message.view is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: running.webhooks.view.record is not None, timeout=PATIENCE)
    running.show_tab(tab)
    seen = 0
    for kind in (QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit):
        for widget in running.findChildren(kind):
            own = not widget.objectName().startswith("qt_") and widget.isVisible()
            if own and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                seen += 1
                assert widget.objectName()
                assert widget.accessibleName() or widget.text(), widget.objectName()
    assert seen > 3
    qtbot.waitUntil(lambda: not running.busy, timeout=PATIENCE)
