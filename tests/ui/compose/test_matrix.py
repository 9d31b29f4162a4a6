"""The MX matrix and direct sending, from the page to real servers."""

from PySide6.QtCore import Qt

from mailgui.message.draft import Address
from mailgui.transcript import Direction, Outcome
from mailgui.ui.tokens import Tone


def probe(desk, domain, where="sandbox"):
    view = desk.exchange.matrix
    view.ask.restore((), where)
    view.domain.setText(domain)
    desk.page.routes.matrix.probe()
    desk.qtbot.waitUntil(lambda: not desk.page.routes.matrix.running, timeout=20_000)
    return view


def cells(view, row):
    model = view.table.rows
    return [model.cell(row, column).text for column in range(model.columnCount())]


def test_every_mail_exchanger_has_a_row_with_its_transcript(desk):
    view = probe(desk, "good.example")
    assert view.table.rows.rowCount() == 2
    first = cells(view, 0)
    assert first[:2] == ["10", "mx1.good.example"]
    assert first[3] == "answers"
    assert first[4].startswith("TLS 1.")
    assert view.transcript.table.model_.events
    desk.qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert view.table.key.exchanger.host == "mx2.good.example"
    lines = [event.text for event in view.transcript.table.model_.events]
    assert any(line.startswith("EHLO") for line in lines)
    assert not any(line.startswith("MAIL") for line in lines)


def test_the_recipients_domain_is_the_usual_one(desk):
    desk.write_to("b@good.example")
    desk.page.routes.open_matrix()
    view = desk.exchange.matrix
    assert desk.exchange.tabs.key == "matrix"
    assert view.domain.text() == "good.example"


def test_a_domain_that_does_not_exist(desk):
    view = probe(desk, "nowhere.good.example")
    assert "does not exist" in view.sentence.text()
    assert view.table.rows.rowCount() == 0


def test_without_a_domain_and_without_recipients(desk):
    desk.write_to()
    view = desk.exchange.matrix
    view.domain.clear()
    desk.page.routes.matrix.probe()
    assert "Enter a domain" in view.notice.sentence
    assert not desk.page.routes.matrix.running


def test_a_wrong_port_or_server_is_told_in_place(desk):
    view = desk.exchange.matrix
    view.domain.setText("good.example")
    view.port.setText("99999")
    desk.page.routes.matrix.probe()
    assert "65535" in view.notice.sentence
    view.port.clear()
    view.ask.restore((), "other")
    view.ask.field.setText("not a server")
    desk.page.routes.matrix.probe()
    assert view.notice.sentence
    assert not desk.page.routes.matrix.running


def test_direct_to_the_mail_exchangers(desk):
    desk.exchange.matrix.ask.restore((), "sandbox")
    desk.use("Direct to MX")
    desk.write_to("b@good.example")
    desk.send()
    transcript = desk.transcript()
    assert transcript.outcome is Outcome.ACCEPTED
    assert desk.banner.tone is Tone.PASS
    remarks = [e.text for e in transcript.with_direction(Direction.INFO)]
    assert "Trying mx1.good.example, preference 10" in remarks
    assert desk.services.history is not None


def test_direct_to_a_domain_without_mail(desk):
    desk.exchange.matrix.ask.restore((), "sandbox")
    desk.use("Direct to MX")
    desk.write_to("b@nowhere.good.example")
    desk.send()
    assert desk.transcript().outcome is Outcome.FAILED
    assert "does not exist" in desk.banner.sentence


def test_the_policies_are_the_same_in_the_menu_and_on_the_tab(desk):
    desk.use("Direct to MX")
    bar, view = desk.bar, desk.exchange.matrix
    assert bar.tools.mta_sts.isVisible()
    assert "MTA-STS, DANE" in bar.picker.accessibleName()
    bar.tools.dane.trigger()
    assert not view.dane.isChecked()
    assert view.choice.dane is False
    view.mta_sts.click()
    assert not bar.tools.mta_sts.isChecked()
    assert "no policies" in bar.picker.accessibleName()
    desk.use("Sandbox SMTP")
    assert not bar.tools.mta_sts.isVisible()


def test_testing_the_connection_of_direct_sending_probes(desk):
    desk.exchange.matrix.ask.restore((), "sandbox")
    desk.use("Direct to MX")
    desk.write_to("b@good.example")
    desk.page.test_connection()
    desk.qtbot.waitUntil(lambda: not desk.page.routes.matrix.running, timeout=20_000)
    assert desk.exchange.tabs.key == "matrix"
    assert desk.exchange.matrix.table.rows.rowCount() == 2


def test_a_draft_that_cannot_be_sent_marks_the_field(desk):
    desk.use("Direct to MX")
    desk.write_to()
    desk.page.message.head.boxes["to"].set_addresses(())
    desk.send()
    assert desk.banner.sentence == "Nothing was sent"


def test_the_draft_is_untouched_by_the_address(desk):
    desk.page.message.head.boxes["to"].set_addresses(["b@good.example"])
    assert desk.page.draft().to == (Address("b@good.example"),)


def test_no_part_of_the_table_lies_below_what_follows(desk):
    desk.page.routes.open_matrix()
    view = probe(desk, "broken.example")
    desk.page.resize(900, 560)
    view.sentence.setText("A sentence so long that it needs several lines where it is narrow. " * 4)

    def bottom(widget):
        return widget.mapTo(view, widget.rect().bottomLeft()).y()

    def apart():
        following = view.why.mapTo(view, view.why.rect().topLeft()).y()
        bar = view.table.horizontalScrollBar()
        return view.why.isVisible() and bar.isVisible() and bottom(bar) < following

    desk.qtbot.waitUntil(apart)
    assert bottom(view.sentence) < view.table.mapTo(view, view.table.rect().topLeft()).y()
