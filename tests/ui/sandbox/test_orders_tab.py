"""Replies on order and a rate, ordered in the window and met by real clients."""

import smtplib

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.sandbox.conduct import Orders
from mailgui.sandbox.rate_limit import RateLimit
from mailgui.sandbox.stage_replies import Stage, make_reply

PATIENCE = 30_000
MESSAGE = b"Subject: x\r\n\r\n"


def client(services):
    sandbox = services.sandbox
    return smtplib.SMTP(sandbox.smtp.host, sandbox.smtp.port, timeout=20)


def entry(tab, key):
    return tab.form.fields[key].field


def test_a_reply_is_ordered_and_taken_back(running, services, qtbot):
    running.show_tab("orders")
    tab = running.orders
    assert tab.notice.sentence == ""
    assert not tab.reset.isEnabled()
    entry(tab, "rcpt-code").setText("450")
    entry(tab, "rcpt-text").setText(r"4.2.1 Later,\n4.2.1 please")
    QTest.keyClick(entry(tab, "rcpt-text"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(tab.notice.sentence), timeout=PATIENCE)
    assert tab.notice.sentence.startswith("In force: 450 at RCPT. It holds until")
    with client(services) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
    said = {"b@x.example": (450, b"4.2.1 Later,\n4.2.1 please")}
    assert caught.value.recipients == said
    tab.reset.click()
    qtbot.waitUntil(lambda: tab.notice.sentence == "", timeout=PATIENCE)
    assert entry(tab, "rcpt-code").text() == ""
    with client(services) as smtp:
        smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)


def test_a_rate_is_ordered(running, services, qtbot):
    tab = running.orders
    entry(tab, "rate").setText("1")
    tab.form.set_chosen("span", "3600")
    tab.form.set_chosen("beyond", "421")
    tab.apply.click()
    qtbot.waitUntil(lambda: bool(tab.notice.sentence), timeout=PATIENCE)
    assert "at most 1 message an hour" in tab.notice.sentence
    with client(services) as smtp:
        smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            smtp.sendmail("a@x.example", ["b@x.example"], MESSAGE)
    assert caught.value.smtp_code == 421
    body = {"from": "a@x.example", "to": "b@x.example", "subject": "s", "text": "t"}
    headers = {"Authorization": f"Bearer {services.sandbox.api_key}"}
    url = services.sandbox.base_url("resend") + "/emails"
    answers = [
        httpx.post(url, json=body, headers=headers, timeout=20, verify=False) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["ratelimit-limit"] == "1"
    assert int(answers[1].headers["retry-after"]) > 0


def test_what_is_wrong_is_told_at_the_field(page, qtbot):
    page.show_tab("orders")
    tab = page.orders
    entry(tab, "mail-code").setText("25")
    entry(tab, "data-text").setText("words without a code")
    entry(tab, "rate").setText("ten")
    tab.order()
    problems = {key: field.problem for key, field in tab.form.fields.items() if field.problem}
    assert problems.keys() == {"mail-text", "data-text", "rate"}
    assert all(each.endswith(".") for each in problems.values())
    assert not tab.notice.sentence


def test_what_is_in_force_can_be_filled_in(page, qtbot):
    orders = Orders({Stage.MESSAGE: make_reply("554", r"a\nb")}, RateLimit(5, 1, "421"))
    with qtbot.waitSignal(page.orders.ordered, timeout=PATIENCE) as told:
        page.orders.fill(orders)
        page.orders.order()
    assert told.args == [orders]
