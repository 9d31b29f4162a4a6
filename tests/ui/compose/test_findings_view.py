"""The tab Findings shares its height between what is worth knowing and where it was decided."""

from mailgui.ui.metrics import BASE_PX


def refused(desk):
    desk.write_to("refuse@good.example")
    desk.send()
    desk.exchange.choose("findings")
    return desk.exchange.findings


def test_the_findings_show_and_so_does_the_line_that_decided(desk, theme):
    view = refused(desk)
    column, place = view.widget(0), view.widget(1)
    card = view.findings.cards[0]
    assert column.height() >= card.height()
    assert place.height() >= 4 * place.verticalHeader().defaultSectionSize()
    theme.set_base_px(2 * BASE_PX)
    desk.qtbot.waitUntil(lambda: column.height() >= 0.4 * view.height() - 2)


def test_what_a_person_moved_stays_where_it_is(desk):
    view = refused(desk)
    view.moveSplitter(120, 1)
    view.splitterMoved.emit(120, 1)
    before = view.sizes()[0]
    desk.send()
    assert abs(view.sizes()[0] - before) < 10  # the banner above may be another line


def test_recipients_are_told_in_columns(desk):
    desk.write_to("a@good.example", "refuse@good.example", "b@good.example")
    desk.send()
    grid = desk.exchange.findings.recipients.layout()
    words = [grid.itemAtPosition(row, 0).widget().text for row in range(3)]
    assert words == ["refused", "accepted", "accepted"]
    lefts = {grid.itemAtPosition(row, 1).widget().x() for row in range(3)}
    assert len(lefts) == 1
    spoken = grid.itemAtPosition(0, 1).widget().accessibleName()
    assert spoken.startswith("refuse@good.example: refused. 550")
