"""Many messages from the page: progress, pause, cancel, outcomes, failures."""

import pytest

from mailgui.transcript import Outcome
from mailgui.ui.tokens import Tone


@pytest.fixture
def many(desk):
    desk.page.routes.open_many()
    view = desk.exchange.many

    def run(count, connections=1, rate=""):
        view.count.setText(str(count))
        view.connections.setText(str(connections))
        view.rate.setText(str(rate))
        desk.page.routes.many.start()
        desk.qtbot.waitUntil(lambda: not desk.page.routes.many.running, timeout=30_000)
        return view

    return run


def outcomes(view):
    rows = view.outcomes.rows
    return {rows.cell(n, 0).text: rows.cell(n, 1).text for n in range(rows.rowCount())}


def test_the_draft_goes_out_many_times(desk, many):
    view = many(12, connections=3)
    assert outcomes(view) == {"accepted": "12"}
    assert view.banner.tone is Tone.PASS
    assert view.banner.sentence == "The server accepted all 12 messages"
    assert "a second" in view.banner.facts
    assert len(desk.sandbox().mailbox.list()) == 12
    assert not view.failures.isVisible()
    assert view.transcript.table.model_.events
    assert desk.exchange.tabs.key == "many"


def test_failures_are_listed_with_their_transcripts(desk, many):
    desk.write_to("refuse@good.example")
    view = many(3)
    assert outcomes(view) == {"refused": "3"}
    assert view.failures.rows.rowCount() == 3
    assert view.failures.rows.cell(0, 0).text == "refused"
    assert view.failures.rows.cell(0, 2).text.startswith("5")
    shown = [event.text for event in view.transcript.table.model_.events]
    assert any(line.startswith("RCPT TO:<refuse@") for line in shown)
    assert view.banner.tone is Tone.BROKEN


def test_by_api(desk, many):
    desk.use("Sandbox API")
    assert outcomes(many(4, connections=2)) == {"accepted": "4"}
    assert len(desk.sandbox().mailbox.list()) == 4


def test_paused_nothing_goes_on_until_resumed(desk):
    desk.page.routes.open_many()
    view, controller = desk.exchange.many, desk.page.routes.many
    view.count.setText("500")
    view.rate.setText("100")
    controller.start()
    desk.qtbot.waitUntil(lambda: "of 500" in view.banner.facts, timeout=10_000)
    view.pause.click()
    assert view.pause.text() == "Resume"
    controller.cancel()
    desk.qtbot.waitUntil(lambda: not controller.running, timeout=10_000)
    found = controller.report.outcomes
    assert 0 < found[Outcome.ACCEPTED] < 500
    assert found[Outcome.CANCELLED] > 0
    assert not view.pause.isEnabled()
    assert view.start.isEnabled()


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("count", "0", "Messages"),
        ("count", "many", "Messages"),
        ("connections", "1001", "Connections"),
        ("rate", "-1", "rate"),
        ("rate", "fast", "rate"),
    ],
)
def test_a_wrong_number_is_told_in_place(desk, field, text, words):
    desk.page.routes.open_many()
    view = desk.exchange.many
    getattr(view, field).setText(text)
    desk.page.routes.many.start()
    assert not desk.page.routes.many.running
    assert words in view.banner.facts


def test_straight_to_the_exchangers(desk, many):
    desk.exchange.matrix.ask.restore((), "sandbox")
    desk.use("Direct to MX")
    desk.write_to("b@good.example")
    assert outcomes(many(5, connections=2)) == {"accepted": "5"}
    assert len(desk.sandbox().mailbox.list()) == 5


def test_a_draft_that_cannot_be_sent(desk):
    desk.message.head.boxes["to"].set_addresses(())
    desk.page.routes.open_many()
    desk.page.routes.many.start()
    desk.qtbot.waitUntil(lambda: not desk.page.routes.many.running, timeout=10_000)
    assert desk.exchange.many.banner.sentence == "Nothing was sent"


def test_by_the_provider_s_batch_call(desk, many):
    view = desk.exchange.many
    assert not view._ways.isVisible()
    desk.use("Sandbox API")
    assert view._ways.isVisible()
    view.way._chosen("copies")
    assert not view.connections.isEnabled()
    assert "at most 100 messages" in view._hint.text()
    desk.message.attachments.set_attachments(())  # this provider's batch call takes none
    assert outcomes(many(120)) == {"accepted": "120"}
    assert view.banner.sentence == "The API accepted all 120 messages in 2 requests"
    assert not view.failures.isVisible()


def test_one_to_each_and_who_was_refused(desk, many):
    desk.use("Sandbox API")
    desk.message.attachments.set_attachments(())
    desk.write_to("ada@good.example", "refuse@good.example")
    view = desk.exchange.many
    view.way._chosen("each")
    assert not view.count.isEnabled()
    many(1)
    counted = outcomes(view)
    assert counted["accepted"] == "1"
    assert view.failures.rows.rowCount() == 1
    assert "refuse@good.example" in view.failures.rows.cell(0, 3).text
    assert view.failures.rows.cell(0, 1).text == "message 2"


def test_what_the_batch_call_does_not_take_is_said(desk, many):
    desk.use("Sandbox API")
    desk.exchange.many.way._chosen("copies")
    view = many(3)
    assert "batch call" in view.banner.facts
    assert desk.exchange.many.banner.tone is Tone.BROKEN
