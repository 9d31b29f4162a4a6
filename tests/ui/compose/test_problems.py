"""What cannot be sent: marked where it is, nothing sent, nothing lost."""

import pytest

from mailgui.ui.tokens import Tone


def nothing_sent(desk):
    return desk.banner.sentence == "Nothing was sent" and desk.page.controller.report is None


def test_a_malformed_address_is_marked_at_its_field(desk):
    desk.write_to("recipient@good.example", "not an address")
    desk.send()
    assert nothing_sent(desk)
    assert "not an address" in desk.message.head.rows["to"].problem
    assert desk.page.draft().to[1].address == "not an address"
    desk.write_to("recipient@good.example")
    assert desk.message.head.rows["to"].problem == ""


def test_nobody_to_send_to(desk):
    desk.write_to()
    desk.send()
    assert nothing_sent(desk)
    assert "nobody" in desk.message.head.rows["to"].problem


def test_no_sender(desk):
    desk.message.head.origin.set_addresses([])
    desk.send()
    assert nothing_sent(desk)
    assert desk.message.head.rows["from"].problem


@pytest.mark.parametrize("name", ["Sandbox SMTP", "Sandbox API"])
def test_a_missing_attachment_is_marked_on_its_card(desk, tmp_path, name):
    desk.use(name)
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF")
    desk.page.attach([path])
    desk.qtbot.waitUntil(lambda: len(desk.message.attachments.items) == 2)
    path.unlink()
    desk.send()
    assert nothing_sent(desk)
    assert "invoice.pdf" in desk.message.notice.sentence
    desk.page.previewer.refresh()
    desk.previewed(lambda found: found.problem)
    card = desk.message.attachments.strip.cards[1]
    assert card.tone is Tone.BROKEN
    assert "There is no file" in card.item.problem
    assert desk.page._status == "Message not complete"


def test_a_file_that_cannot_be_attached_is_said_at_once(desk, tmp_path):
    desk.page.attach([tmp_path / "gone.zip", tmp_path])
    desk.qtbot.waitUntil(lambda: not desk.message.notice.isHidden())
    assert "gone.zip" in desk.message.notice.sentence
    assert "folder" in desk.message.notice.sentence
    assert len(desk.message.attachments.items) == 1


def test_a_header_with_a_line_break_is_refused(desk):
    tab = desk.message.tabs.headers
    row = tab._add("X-Campaign", "a\r\nBcc: victim@example.com")
    assert "line break" in row.problem
    desk.send()
    assert nothing_sent(desk)
    assert "line break" in desk.message.notice.sentence
    assert desk.message.tabs.tabs.key == "headers"
    row.value.setText("spring")
    desk.send()
    assert desk.page.controller.report is not None
    octets = desk.sandbox().mailbox.body(desk.sandbox().mailbox.list()[0].id)
    assert b"\r\nX-Campaign: spring\r\n" in octets
    assert b"victim" not in octets


def test_a_subject_with_a_line_break_is_refused(desk):
    desk.message.head.subject.setText("Hello\r\nBcc: victim@example.com")
    desk.send()
    assert nothing_sent(desk)
    assert "line break" in desk.message.head.rows["subject"].problem


@pytest.mark.parametrize("name", ["From", "Content-Type", "with space", ""])
def test_headers_that_cannot_be_set_say_why(desk, name):
    row = desk.message.tabs.headers._add(name, "value")
    assert row.problem


def test_message_id_and_date_can_be_set_as_headers(desk):
    tab = desk.message.tabs.headers
    tab._add("Message-ID", "<own@example.com>")
    date = tab._add("Date", "not a date")
    assert "not a date" in date.problem
    date.value.setText("Tue, 24 Nov 2026 09:30:00 +0100")
    desk.send()
    octets = desk.sandbox().mailbox.body(desk.sandbox().mailbox.list()[0].id)
    assert b"Message-ID: <own@example.com>" in octets
    assert b"Date: Tue, 24 Nov 2026 09:30:00 +0100" in octets


def test_what_an_api_cannot_carry_is_shown_before_it_is_sent(desk, monkeypatch):
    from mailgui.findings import Finding, Severity
    from mailgui.ui.compose import sending

    lost = (Finding("api.lost", Severity.BROKEN, "Inline images would be lost"),)
    monkeypatch.setattr(sending, "_not_carried", lambda *_: lost)
    desk.use("Sandbox API")
    desk.send()
    assert desk.page.controller.report is None
    assert desk.exchange.tabs.key == "findings"
    assert desk.banner.sentence.startswith("Not sent yet")
    desk.banner.action_triggered.emit()
    desk.wait_idle()
    assert desk.page.controller.report is not None


def test_real_losses_of_a_provider_are_found():
    from mailgui.api.settings import ApiSettings
    from mailgui.message.draft import Address, Attachment, Draft
    from mailgui.ui.compose.sending import _not_carried

    draft = Draft(
        Address("a@good.example"),
        (Address("b@good.example"),),
        subject="x",
        html='<img src="cid:logo">',
        attachments=(Attachment("logo.png", "image/png", data=b"x", content_id="logo"),),
    )
    settings = ApiSettings("scaleway", options={"region": "fr-par", "project_id": "p"})
    assert any(
        "inline" in f"{f.title} {f.explanation}".lower() for f in _not_carried(draft, settings)
    )
