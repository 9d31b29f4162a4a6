import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from mailgui.findings import Finding, Severity
from mailgui.transcript import Phase
from mailgui.ui.metrics import BASE_PX
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.finding_card import FindingCard, FindingList
from mailgui.ui.widgets.record_box import RecordBox
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.tab_bar import TabBar, TabPanel
from mailgui.ui.widgets.waterfall import Waterfall, describe


@pytest.fixture
def banner(show):
    box = QWidget()
    made = ResultBanner(parent=box)
    made.resize(560, 80)
    show(box)
    yield made
    made.clear()


def test_short_work_shows_no_busy_banner(banner):
    banner.start("Sending…")
    assert banner.busy
    assert not banner.isVisible()
    banner.finish(Tone.PASS, "Accepted by the server in 14 ms", "250 2.0.0 queued")
    assert banner.isVisible()
    assert not banner.busy
    assert not banner._appear.isActive()


def test_longer_work_shows_its_phase_and_can_be_cancelled(banner, qtbot):
    banner.start("Sending…")
    qtbot.waitUntil(banner.isVisible)
    banner.set_phase("Waiting for the banner")
    banner.set_progress(0.5, "10 of 20 MB")
    assert banner.facts == "Waiting for the banner · 10 of 20 MB"
    with qtbot.waitSignal(banner.cancelled):
        banner._cancel.click()
    assert banner.facts.startswith("Cancelling")
    assert banner._cancel.isEnabled()


def test_after_a_second_the_time_stands_there(banner, monkeypatch):
    banner.start("Sending…")
    banner._show_busy()
    monkeypatch.setattr(banner, "_clock", type("Clock", (), {"elapsed": lambda _self: 1234})())
    banner._show_time()
    assert banner.facts == "1.2 s"


def test_a_second_send_keeps_the_banner_where_it_is(banner):
    banner.finish(Tone.BROKEN, "Refused")
    banner.start("Sending…")
    assert banner.isVisible()
    assert banner.sentence == "Sending…"
    assert banner._cancel.isVisible()


def test_the_end_is_said_with_one_action(banner, qtbot):
    banner.finish(Tone.BROKEN, "Refused: <b>no</b>\x1b[31m", "550 5.7.26", action="Check it")
    assert banner.sentence == "Refused: <b>no</b>\\x1b[31m"
    assert banner.tone is Tone.BROKEN
    assert "550 5.7.26" in banner.accessibleName()
    with qtbot.waitSignal(banner.action_triggered):
        banner._action.click()
    banner.finish(Tone.PASS, "Accepted")
    assert not banner._action.isVisible()
    banner.clear()
    assert not banner.isVisible()


def test_record_copies_the_whole_and_says_so(show, clipboard, qtbot):
    text = "v=DKIM1; p=" + "A" * 800
    for wrap in (True, False):
        box = show(RecordBox(text, name="r", wrap=wrap), 400, 200)
        width = box.copy_button.width()
        qtbot.mouseClick(box.copy_button, Qt.MouseButton.LeftButton)
        assert clipboard() == text
        assert box.copy_button.text() == "Copied"
        assert box.copy_button.width() == width
        qtbot.waitUntil(lambda box=box: box.copy_button.text() == "Copy")


def test_a_wrapped_record_is_as_tall_as_its_lines(show, theme):
    box = show(RecordBox("A" * 800, name="r"), 400, 300)
    tall = box._lines.height()
    box.resize(800, 300)
    assert box._lines.height() < tall
    theme.set_base_px(BASE_PX * 2)
    assert box._lines.height() >= tall
    box.set_text("short")
    lines = box._lines
    assert lines.height() <= lines.fontMetrics().lineSpacing() + 4
    assert lines.height() >= lines.fontMetrics().height()


def test_copy_has_a_name(show):
    button = show(CopyButton(lambda: "x", name="c", what="the SPF record"), 80, 40)
    assert button.accessibleName() == "Copy the SPF record"


def finding(severity=Severity.BROKEN, **more):
    return Finding("smtp.x", severity, "<i>Title</i>", "Explanation", "Fix", **more)


def test_a_card_shows_everything_as_plain_text(show):
    card = show(FindingCard(finding(record="TXT", evidence=("550 no\x07",))), 500, 300)
    texts = [label.text() for label in card.findChildren(QLabel)]
    assert texts[:3] == ["<i>Title</i>", "Explanation", "Fix"]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in card.findChildren(QLabel))
    assert card.accessibleName() == "Broken: <i>Title</i>"
    boxes = card.findChildren(RecordBox)
    assert [box.text for box in boxes] == ["TXT", "550 no\\x07"]
    assert boxes[0].isVisible()
    assert not boxes[1].isVisible()
    card._toggle.click()
    assert boxes[1].isVisible()
    assert card._toggle.text() == "Hide what this rests on"


def test_cards_are_ranked_worst_first_and_replaced(show):
    cards = show(FindingList(), 500, 500)
    cards.set_findings(
        [finding(Severity.INFO), finding(Severity.BROKEN), finding(Severity.ATTENTION)]
    )
    order = [card.finding.severity for card in cards.cards]
    assert order == [Severity.BROKEN, Severity.ATTENTION, Severity.INFO]
    names = [card.objectName() for card in cards.cards]
    assert len(set(names)) == 3
    cards.set_findings([])
    assert not cards.isVisible()
    assert cards.findChildren(FindingCard) == []


@pytest.mark.parametrize("scale", [1, 2])
def test_no_line_of_a_card_is_cut_off(show, theme, qapp, scale):
    theme.set_base_px(BASE_PX * scale)
    column = ScrollColumn(name="column", accessible="Findings")
    cards = FindingList()
    long = "A sentence that needs more than one line to be told, whoever reads it. " * 4
    cards.set_findings([Finding("a.b", Severity.BROKEN, long, long, long, record="x" * 300)] * 2)
    column.add(cards)
    show(column, 420, 400)
    qapp.processEvents()
    for label in cards.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
    assert column.horizontalScrollBar().maximum() == 0


PHASES = [
    Phase("dns", 0.0, 0.018),
    Phase("tls", 0.018, 0.0, "reused"),
    Phase("data", 0.02, 0.237, failed=True),
]


def test_the_waterfall_describes_itself(show):
    fall = show(Waterfall(), 500, 200)
    assert fall.accessibleDescription() == "Nothing was timed yet" or not fall.phases
    fall.set_phases(reversed(PHASES))
    assert fall.phases == tuple(PHASES)
    said = fall.accessibleDescription()
    assert said == "DNS 18 ms; TLS 0.0 ms, reused; data 237 ms, failed"
    assert describe(PHASES[0], with_start=True) == "DNS 18 ms, began at 0.0 ms"
    assert not fall.grab().isNull()


def test_the_waterfall_grows_live(show):
    fall = show(Waterfall(), 500, 200)
    fall.phase_started("connect", 0.0)
    one = fall.sizeHint().height()
    fall.phase_ended(Phase("connect", 0.0, 0.1))
    fall.phase_started("tls", 0.1)
    assert fall.sizeHint().height() > one
    assert not fall.grab().isNull()
    fall.clear()
    assert fall.phases == ()


def test_the_waterfalls_failed_phase_is_in_the_broken_colour(show):
    from mailgui.ui.theme import tokens

    fall = show(Waterfall(), 500, 100)

    def has(value):
        image = fall.grab().toImage()
        points = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return any(image.pixelColor(x, y).name().upper() == value for x, y in points)

    fall.set_phases([Phase("data", 0, 1)])
    assert has(tokens().accent)
    assert not has(tokens().broken)
    fall.set_phases([Phase("data", 0, 1, failed=True)])
    assert has(tokens().broken)


def test_the_waterfalls_tool_tip(show, qtbot):
    fall = show(Waterfall(), 500, 120)
    fall.set_phases(PHASES)
    where = QPoint(5, 5)
    event = QHelpEvent(QEvent.Type.ToolTip, where, fall.mapToGlobal(where))
    QApplication.sendEvent(fall, event)
    assert "DNS 18 ms" in QToolTip.text()
    QToolTip.hideText()


def test_tabs_by_key_with_counts(show, qtbot):
    tabs = TabBar(name="tabs", accessible="Result")
    tabs.add("transcript", "Transcript")
    tabs.add("findings", "Findings")
    show(tabs, 400, 50)
    assert tabs.key == "transcript"
    width = tabs.tabRect(1).width()
    tabs.set_count("findings", 2, Tone.BROKEN)
    assert tabs.tabRect(1).width() > width
    assert tabs.accessibleTabName(1) == "Findings, 2"
    tabs.set_count("findings", 0)
    assert tabs.tabRect(1).width() == width
    with qtbot.waitSignal(tabs.chosen) as signal:
        qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert signal.args == ["findings"]
    assert not tabs.grab().isNull()
    tabs.set_shown("transcript", False)
    assert not tabs.isTabVisible(0)


def test_tabs_do_not_move_when_another_comes_to_the_front(show):
    tabs = TabBar(name="tabs", accessible="Result")
    for key in ("Transcript", "Timing", "TLS"):
        tabs.add(key, key)
    show(tabs, 400, 50)
    before = [tabs.tabRect(n) for n in range(3)]
    tabs.set_key("TLS")
    assert [tabs.tabRect(n) for n in range(3)] == before


def test_tabs_grow_with_the_font(show, theme):
    tabs = TabBar(name="tabs", accessible="Result")
    tabs.add("a", "Transcript")
    show(tabs, 800, 100)
    before = tabs.tabRect(0).width()
    theme.set_base_px(BASE_PX * 2)
    assert tabs.tabRect(0).width() > 1.6 * before


def test_a_tab_panel_shows_the_page_of_its_tab(show):
    panel = TabPanel(name="result", accessible="Result")
    pages = {key: QWidget() for key in ("one", "two")}
    for key, page in pages.items():
        panel.add(key, key.title(), page)
    show(panel)
    assert pages["one"].isVisible()
    panel.tabs.set_key("two")
    assert pages["two"].isVisible()
    assert panel.page("two") is pages["two"]
