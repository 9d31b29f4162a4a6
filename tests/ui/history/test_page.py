from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from mailgui.findings import Finding, Severity
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.store.kept_draft import MAX_PASTED
from mailgui.transcript import (
    Direction,
    Event,
    HttpExchange,
    Kind,
    Layer,
    Outcome,
    Reply,
    Stage,
    Transcript,
)
from mailgui.ui.history.list_pane import when
from mailgui.ui.history.page import HistoryPage

PATIENCE = 30_000
START = datetime(2025, 11, 24, 6, 0, tzinfo=UTC)
DRAFT = Draft(sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="Figures")


def transcript(number, **fields):
    plain = Transcript(
        id=f"t{number:05}",
        kind=Kind.SMTP,
        started=START + timedelta(minutes=number),
        title="Work",
        peer="mail.example:25",
        outcome=Outcome.ACCEPTED,
        stage=Stage.MESSAGE,
        reply=Reply(250, "taken"),
        events=(Event(0.1, Direction.SENT, Layer.SMTP, f"NOOP {number}"),),
        duration=0.25,
    )
    return replace(plain, **fields)


@pytest.fixture
def add(bridge, services):
    """Remember transcripts, as a send does."""

    def added(*transcripts, findings=(), draft=None):
        async def work():
            for each in transcripts:
                await services.history.append(each, findings, draft=draft)

        bridge.worker.submit(work).result(30)

    return added


@pytest.fixture
def page(bridge, services, show, qtbot):
    made = show(HistoryPage(bridge, services, {}), 1200, 760)
    qtbot.waitUntil(lambda: not made.busy, timeout=PATIENCE)
    return made


@pytest.fixture
def settle(page, qtbot):
    """Wait until a condition holds and nothing is asked any more."""

    def wait(condition=lambda: True):
        qtbot.waitUntil(
            lambda: condition() and not page.busy and not page._soon.isActive(), timeout=PATIENCE
        )

    return wait


def select(page, *rows):
    table = page.list.table
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().clearSelection()
    for row in rows:
        table.selectionModel().select(table.model().index(row, 0), flags.Select | flags.Rows)


def ids(page):
    return [entry.id for entry in page.list.entries]


def test_it_says_what_will_be_here(page):
    assert page.findChild(object, "history-empty").isVisible()
    assert not page.bar.again.isEnabled()
    assert not page.list.export.isEnabled()


def test_new_conversations_appear_by_themselves(page, add, settle):
    add(transcript(1))
    settle(lambda: ids(page) == ["t00001"])
    assert page.shown.transcript.id == "t00001"
    add(transcript(2))
    settle(lambda: ids(page) == ["t00002", "t00001"])
    assert page.shown.transcript.id == "t00001"  # what is open stays open
    assert page.list.count.text() == "2 conversations"


def test_a_conversation_is_shown_as_compose_shows_it(page, add, settle):
    finding = Finding("x", Severity.BROKEN, "No such mailbox")
    refused = transcript(1, outcome=Outcome.REFUSED, reply=Reply(550, "no", "5.1.1"))
    add(refused, findings=[finding])
    settle(lambda: page.shown is not None)
    view = page.report
    assert view.transcript.table.model().rowCount() == 1
    assert "no such mailbox" in view.banner.sentence
    assert [card.finding for card in view.findings.findings.cards] == [finding]
    assert not view.tabs.isTabVisible(2)  # the request, of an API


def test_an_api_conversation_has_request_and_answer(page, add, settle):
    exchange = HttpExchange("POST", "https://api.example/x", (), b"{}", status=200)
    add(transcript(1), transcript(2, kind=Kind.HTTP, exchanges=(exchange,), title="API"))
    settle(lambda: len(ids(page)) == 2)
    page.show_transcript("t00002")
    settle(lambda: page.shown.transcript.id == "t00002")
    assert page.report.tabs.isTabVisible(2)
    page.report.tabs.set_key("request")
    page.show_transcript("t00001")
    settle(lambda: page.shown.transcript.id == "t00001")
    assert page.report.tabs.key == "transcript"


def test_words_and_filters(page, add, settle, qtbot):
    add(transcript(1), draft=DRAFT)
    add(transcript(2, outcome=Outcome.REFUSED), transcript(3, kind=Kind.HTTP, title="API"))
    settle(lambda: len(ids(page)) == 3)
    qtbot.keyClicks(page.bar.text, "figures")
    settle(lambda: ids(page) == ["t00001"])
    page.bar.clear()
    settle(lambda: len(ids(page)) == 3)
    for choice, key, expected in (
        (page.bar.outcome, "bad", ["t00002"]),
        (page.bar.road, "http", ["t00003"]),
        (page.bar.title, "Work", ["t00002", "t00001"]),
        (page.bar.period, "1", []),
    ):
        choice.set_key(key)
        choice.changed.emit(key)
        settle(lambda expected=expected: ids(page) == expected)
        page.bar.clear()
        settle(lambda: len(ids(page)) == 3)


def test_nothing_found_is_said(page, add, settle):
    add(transcript(1))
    settle(lambda: len(ids(page)) == 1)
    page.bar.text.setText("no such words")
    settle(lambda: ids(page) == [])
    assert page.findChild(object, "history-none").accessibleName() == "Nothing found"
    assert page.shown is None


def test_further_pages_are_loaded_at_the_end(page, add, settle):
    add(*(transcript(number) for number in range(450)))
    settle(lambda: len(ids(page)) == 200)
    assert page.list.count.text() == "450 conversations"
    for expected in (400, 450):
        page.list.table.scrollToBottom()
        settle(lambda expected=expected: len(ids(page)) == expected)
    page.list.table.scrollToBottom()
    settle()
    assert ids(page) == [f"t{number:05}" for number in reversed(range(450))]
    assert page.list.table.model().rowCount() == 450


def test_a_message_goes_back_to_compose(page, add, settle, qtbot):
    large = Attachment("large.bin", data=b"x" * (MAX_PASTED + 1))
    add(transcript(1), draft=replace(DRAFT, attachments=(large,)))
    settle(lambda: page.shown is not None)
    with qtbot.waitSignal(page.draft_asked) as asked:
        qtbot.keyClick(page.list.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert asked.args == [DRAFT, "Work"]
    assert page.notice.sentence == "Too large to be kept, attach again: large.bin."


def test_a_conversation_without_its_message_cannot_be_sent_again(page, add, settle):
    add(transcript(1))
    settle(lambda: page.shown is not None)
    assert not page.bar.again.isEnabled()


def test_two_are_compared(page, add, settle):
    add(transcript(1), transcript(2))
    settle(lambda: len(ids(page)) == 2 and page.shown is not None)
    assert not page.list.compare.isEnabled()
    page.compare()
    assert page.notice.sentence.startswith("Choose two conversations")
    select(page, 0, 1)
    page.list.compare.click()
    settle(lambda: page.pair is not None and page.pair.isVisible())
    assert page.pair.title.text() == "1 of 1 lines differ"
    model = page.pair.lines.model()
    assert [model.index(0, column).data() for column in range(3)] == [
        "differs",
        "→ NOOP 1",
        "→ NOOP 2",
    ]
    page.pair.close_button.click()
    assert page.report.isVisible()


def test_what_is_deleted_can_be_brought_back(page, add, settle, qtbot):
    add(transcript(1), transcript(2), draft=DRAFT)
    settle(lambda: len(ids(page)) == 2)
    select(page, 0)
    page.list.table.setFocus()
    qtbot.keyClick(page.list.table, Qt.Key.Key_Delete)
    settle(lambda: ids(page) == ["t00001"])
    assert page.notice.sentence == "1 conversation deleted."
    page.notice.action_triggered.emit()
    settle(lambda: ids(page) == ["t00002", "t00001"])
    page.show_transcript("t00002")
    settle(lambda: page.shown is not None and page.shown.transcript.id == "t00002")
    assert page.bar.again.isEnabled()  # its message came back with it


def test_export_offers_what_fits(page, add, settle, clipboard):
    add(transcript(1))
    settle(lambda: page.shown is not None)
    actions = {action.text(): action for action in page.list.menu.actions()}
    actions["Copy as text"].trigger()
    assert "NOOP 1" in clipboard()
    code = [action.text() for action in actions["Copy as code"].menu().actions()]
    assert "swaks" in code
    assert "curl" in code


def test_times_are_short():
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert when(now - timedelta(hours=2), now) == "10:00:00"
    assert when(now - timedelta(days=2), now) == "22 Nov 12:00"
    assert when(now - timedelta(days=400), now) == "2025-10-20"
