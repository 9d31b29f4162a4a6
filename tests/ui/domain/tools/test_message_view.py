import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from mailgui.ui.domain.tools import message_view
from mailgui.ui.domain.tools.message_view import MessageView
from mailgui.worker import Worker
from tests.support.name_server import NameServer, Zone
from tests.support.signing import MESSAGE, record, rsa_key, sign

PATIENCE = 30_000
RECEIVED = (
    b"Received: from mx.example.org ([10.0.0.4]) by box.example.org with LMTP; "
    b"Tue, 03 Nov 2026 12:06:41 +0000\r\n"
    b"Received: from mail.good.example (mail.good.example [192.0.2.25]) by mx.example.org with "
    b"ESMTP; Tue, 03 Nov 2026 12:06:39 +0000\r\n"
    b"Received: from desk ([192.168.1.20]) by mail.good.example with ESMTPSA; "
    b"Tue, 03 Nov 2026 12:00:01 +0000\r\n"
    b"Return-Path: <ann@good.example>\r\n"
)


@pytest.fixture(scope="module")
def server():
    zone = Zone(
        "good.example TXT v=spf1 ip4:192.0.2.25 -all\n_dmarc.good.example TXT v=DMARC1; p=reject"
    )
    zone.add("s1._domainkey.good.example", "TXT", record(rsa_key()))
    made = NameServer(zone)
    worker = Worker()
    worker.submit(made.__aenter__).result(30)
    yield made.address
    worker.submit(made.__aexit__, None, None, None).result(30)
    assert worker.drain(10)


@pytest.fixture
def view(bridge, services, show, server):
    return show(MessageView(bridge, services, {"ask": server, "servers": [server]}), 1200, 760)


@pytest.fixture
def judged(view, qtbot):
    def judge(octets):
        view.judge_octets(octets)
        qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
        return view

    return judge


def test_it_says_what_will_be_here(view):
    assert view.findChild(object, "message-empty").isVisible()
    assert not view.again.isEnabled()


def test_a_good_message(judged):
    view = judged(RECEIVED + sign())
    assert view.sentence.text() == "This message is from good.example, as it says: DMARC passes."
    assert view.rows.keys == ("dmarc", "dkim", "spf", "arc", "hops", "header", "source")
    assert [view.rows.verdict(key) for key in ("dmarc", "dkim", "spf", "arc")] == [
        "pass",
        "pass",
        "pass",
        None,
    ]
    assert view.rows.summary("dkim") == "pass, s1, RSA 2048"
    assert view.rows.hasFocus()
    facts = dict(view.detail.facts.facts)
    assert facts["Author's domain"] == "good.example"
    assert facts["A receiver would"] == "take it as it is"


def test_an_altered_message(judged):
    view = judged(RECEIVED + sign() + b"-- \r\nlist\r\n")
    view.show_row("dkim")
    assert view.rows.verdict("dkim") == "broken"
    (card,) = view.detail.findings.cards
    assert "added at the end of the body" in card.finding.explanation
    assert not view.detail.sentence.isVisible()  # the card says it
    assert view.rows.verdict("dmarc") == "pass"  # by SPF


def test_the_hops_are_a_table_with_bars(judged):
    view = judged(RECEIVED + sign())
    view.show_row("hops")
    model = view.detail.hops.model()
    column = [model.index(row, 5).data() for row in range(model.rowCount())]
    assert column == ["–", "6 min 38 s", "2 s"]
    assert [phase.name for phase in view.detail.bars.phases] == [
        "mx.example.org",
        "box.example.org",
    ]
    assert [card.finding.id for card in view.detail.findings.cards] == [
        "verify.hops.slow",
        "verify.hops.clear",
    ]
    view.show_row("dkim")
    assert not view.detail.hops.isVisible()


def test_several_signatures_have_a_row_each(judged):
    view = judged(sign(sign(), selector="other"))
    assert [key for key in view.rows.keys if key.startswith("dkim")] == ["dkim-1", "dkim-2"]
    assert view.rows.verdict("dkim-1") == "broken"  # no key there
    assert view.rows.verdict("dkim-2") == "pass"


def test_the_source_is_shown_as_plain_text(judged):
    view = judged(MESSAGE.replace(b"Lunch", b"<b>\x1b[2J"))
    view.show_row("source")
    assert "<b>\\x1b[2J" in view.detail.source.toPlainText()
    assert "\x1b" not in view.about.text


def test_the_client_can_be_given_and_checked_again(judged, qtbot):
    view = judged(RECEIVED + sign())
    view.ip.setText("203.0.113.1")
    qtbot.keyClick(view.ip, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
    assert view.rows.summary("spf") == "fail for 203.0.113.1"
    view.ip.setText("nonsense")
    view.again.click()
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
    assert "not an IP address" in view.notice.sentence
    assert view.rows.summary("spf") == "fail for 203.0.113.1"


def test_what_is_no_message_is_told_in_place(judged):
    view = judged(b"\x00\x01")
    assert view.notice.sentence == "This is not a message: it has no header fields."
    assert view.findChild(object, "message-empty").isVisible()


def test_a_file_is_opened(view, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "mail.eml"
    path.write_bytes(sign())
    monkeypatch.setattr(message_view, "open_files", lambda _parent: [path])
    qtbot.keyClick(view, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.report is not None and not view.busy, timeout=PATIENCE)
    assert view.about.text.endswith(" · mail.eml")


def test_a_file_is_dropped(view, qtbot, tmp_path):
    path = tmp_path / "mail.eml"
    path.write_bytes(sign())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    view.dropEvent(drop)
    qtbot.waitUntil(lambda: view.report is not None and not view.busy, timeout=PATIENCE)


def test_the_source_is_pasted(view, qtbot, qapp):
    qapp.clipboard().clear()
    view.paste_source()
    assert view.notice.sentence.startswith("The clipboard is empty.")
    qapp.clipboard().setText(sign().decode().replace("\r\n", "\n"))
    view.paste_source()
    qtbot.waitUntil(lambda: view.report is not None and not view.busy, timeout=PATIENCE)
    assert view.rows.verdict("dkim") == "pass"


def test_whom_to_ask_is_remembered_and_the_message_is_not(view, server):
    assert view.save_state() == {"ask": server, "servers": [server]}
