"""Sending from the page, by both roads, to the real sandbox."""

from mailgui.transcript import Outcome, Stage
from mailgui.ui.tokens import Tone


def body_of_last(desk):
    mailbox = desk.sandbox().mailbox
    return mailbox.body(mailbox.list()[0].id)


def test_the_sample_draft_goes_out_by_smtp_at_once(desk):
    desk.send()
    assert desk.transcript().outcome is Outcome.ACCEPTED
    assert desk.banner.sentence.startswith("Accepted by the server")
    assert desk.banner.tone is Tone.PASS
    assert desk.exchange.tabs.key == "transcript"
    assert any(line.startswith("MAIL FROM:<you@good.example>") for line in desk.lines())
    assert desk.message.head.boxes["to"].chips[0].tone is Tone.PASS


def test_the_sample_draft_goes_out_by_api(desk):
    desk.use("Sandbox API")
    desk.send()
    assert desk.transcript().outcome is Outcome.ACCEPTED
    assert desk.banner.sentence.startswith("Accepted by the API")
    assert desk.exchange.shown_tabs() == [
        "transcript", "timing", "request", "response", "tls", "findings",
    ]  # fmt: skip
    desk.exchange.choose("request")
    desk.qtbot.waitUntil(lambda: "recipient@good.example" in desk.exchange.request.tree.text())
    desk.exchange.choose("response")
    assert desk.exchange.response.status.text == "200"
    assert '"id"' in desk.exchange.response.tree.text()


def test_what_the_mime_tab_shows_is_what_arrives_octet_for_octet(desk):
    tabs = desk.message.tabs
    tabs.html.set_text("<p>Non-break\u00a0space and ümlaut</p>\n<img src='cid:logo'>")
    tabs.tabs.set_key("mime")
    before = desk.previewed(lambda found: found.octets)
    assert before.whole
    desk.send()
    sent = body_of_last(desk)
    assert tabs.mime.octets == before.octets == sent
    assert "\u00a0".encode() in sent or b"=C2=A0" in sent
    desk.qtbot.waitUntil(lambda: "as it was sent at" in tabs.mime._words.text)
    assert tabs.mime.octets == sent


def test_the_next_send_is_another_message_and_the_tab_shows_it(desk):
    desk.message.tabs.tabs.set_key("mime")
    desk.previewed(lambda found: found.octets)
    desk.send()
    first = desk.transcript().message_id
    desk.send()
    second = desk.transcript().message_id
    assert first != second
    mime = desk.message.tabs.mime
    desk.qtbot.waitUntil(lambda: second.encode() in mime.octets and "was sent" in mime._words.text)


def test_a_sent_message_stays_in_the_mime_tab_when_it_is_opened_later(desk):
    desk.send()
    sent = body_of_last(desk)
    desk.message.tabs.tabs.set_key("mime")
    desk.qtbot.waitUntil(lambda: desk.message.tabs.mime.octets == sent)
    desk.message.head.subject.setText("Another")
    desk.previewed(lambda found: found.octets and b"Subject: Another" in found.octets)
    assert desk.transcript().message_id.encode() not in desk.message.tabs.mime.octets


def test_a_refused_recipient_is_marked_and_explained(desk):
    desk.write_to("recipient@good.example", "refuse@good.example")
    desk.send()
    assert desk.transcript().outcome is Outcome.PARTIAL
    tones = [chip.tone for chip in desk.message.head.boxes["to"].chips]
    assert tones == [Tone.PASS, Tone.BROKEN]
    assert desk.exchange.tabs.key == "findings"
    assert desk.exchange.findings.findings.cards
    assert not desk.exchange.findings.recipients.isHidden()


def test_a_tab_chosen_during_the_run_stays(desk):
    desk.write_to("refuse@good.example")
    with desk.qtbot.waitSignal(desk.page.controller.running_changed):
        desk.page.send()
    desk.qtbot.waitUntil(lambda: bool(desk.lines()) or not desk.page.controller.running)
    desk.exchange.tabs.set_key("timing")
    desk.wait_idle()
    assert desk.exchange.tabs.key == "timing"


def test_stop_after_rcpt_sends_nothing(desk):
    desk.bar.stop.set_key("rcpt")
    desk.bar.stop.changed.emit("rcpt")
    assert desk.bar.send.text() == "Run"
    desk.send()
    assert desk.transcript().outcome is Outcome.COMPLETED
    assert desk.transcript().stage is Stage.RCPT
    assert not any(line == "DATA" for line in desk.lines())
    assert not desk.sandbox().mailbox.list()
    assert desk.page.previewer.sent_at is None


def test_an_api_knows_no_stop_point(desk):
    desk.bar.stop.set_key("rcpt")
    desk.use("Sandbox API")
    assert not desk.bar.stop.isVisible()
    desk.send()
    assert desk.transcript().outcome is Outcome.ACCEPTED


def test_a_connection_test_sends_nothing(desk):
    desk.send(testing=True)
    assert desk.transcript().outcome is Outcome.COMPLETED
    assert not desk.sandbox().mailbox.list()


def test_a_connection_test_takes_away_what_a_send_before_it_said_of_recipients(desk):
    desk.send()
    assert [chip.tone for chip in desk.message.head.boxes["to"].chips] == [Tone.PASS]
    desk.send(testing=True)
    assert [chip.tone for chip in desk.message.head.boxes["to"].chips] == [None]


def test_cancelling_while_a_server_is_slow(desk):
    desk.write_to("slow@good.example")
    desk.page.send()
    desk.qtbot.waitUntil(lambda: any("RCPT TO" in line for line in desk.lines()), timeout=10_000)
    assert not desk.bar.send.isEnabled()
    desk.page.send()  # does nothing while one runs
    desk.page.controller.cancel()
    desk.wait_idle()
    assert desk.transcript().outcome is Outcome.CANCELLED
    assert desk.bar.send.isEnabled()
    assert not desk.sandbox().mailbox.list()


def test_cancelling_a_second_time_ends_it_by_force(desk):
    desk.write_to("slow@good.example")
    desk.page.send()
    desk.qtbot.waitUntil(lambda: any("RCPT TO" in line for line in desk.lines()), timeout=10_000)
    desk.page.controller._job._stop = None  # as if the first request to stop went unheard
    desk.page.controller.cancel()
    desk.wait_idle()
    assert desk.banner.sentence == "Cancelled by force"


def test_an_unauthenticated_domain_offers_to_check_it(desk):
    desk.message.head.origin.set_addresses(["spoof@good.example"])
    desk.send()
    assert desk.transcript().outcome is Outcome.REFUSED
    with desk.qtbot.waitSignal(desk.page.check_domain_requested) as asked:
        desk.banner.action_triggered.emit()
    assert asked.args == ["good.example"]


def test_an_api_that_answers_html_is_one_clear_sentence(desk):
    desk.use("Sandbox API")
    desk.write_to("html@good.example")
    desk.send()
    assert desk.banner.tone in (Tone.BROKEN, Tone.ATTENTION)
    assert desk.exchange.findings.findings.cards
    desk.exchange.choose("response")
    assert not desk.exchange.response.tree.isVisible() or desk.exchange.response.tree.problem


def test_the_status_line_knows_the_size_and_the_limit(desk):
    desk.previewed(lambda found: found.size)
    assert desk.page._status.startswith("Message ")
    assert " of " not in desk.page._status
    desk.send()
    desk.previewed()
    assert desk.page._status.endswith(" of 67.1 MB")


def test_the_tls_and_server_tabs_are_filled(desk):
    desk.send()
    facts = dict(desk.exchange.tls.facts.facts)
    assert facts["Version"] == "TLS 1.3"
    assert desk.exchange.tls.verdict.tone is Tone.PASS
    assert dict(desk.exchange.tls.card.facts.facts)["SHA-256"]
    model = desk.exchange.server.model
    shown = {
        model.index(row, 0).data(): (model.index(row, 1).data(), model.index(row, 2).data())
        for row in range(model.rowCount())
    }
    assert shown["STARTTLS"] == ("offered", "− gone")
    assert shown["PIPELINING"] == ("offered", "offered")


def test_without_a_profile_one_sentence_says_so(desk):
    from mailgui.ui.compose.roads import Roads

    desk.bar.set_roads(Roads())
    desk.page.send()
    assert desk.banner.sentence == "There is no profile to send with"
    assert not desk.page.controller.running


def test_a_fault_inside_is_one_sentence_in_the_banner(desk, monkeypatch):
    async def broken(*_args, **_kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("mailgui.ui.compose.controller.carry_out", broken)
    desk.send()
    assert desk.banner.tone is Tone.BROKEN
    assert "RuntimeError" in desk.banner.facts
    assert "secret" not in desk.banner.facts
