import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from mailgui.transcript import Direction, Event, Layer
from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.transcript_delegate import ink, wrong
from mailgui.ui.widgets.transcript_model import Column, TranscriptModel, spoken
from mailgui.ui.widgets.transcript_table import TranscriptTable
from mailgui.ui.widgets.transcript_view import TranscriptView, hex_dump


def event(n=0, direction=Direction.RECEIVED, text=None, **more):
    text = f"line {n}" if text is None else text
    return Event(n / 1000, direction, Layer.SMTP, text, text.encode(), **more)


def events(count, start=0):
    return [event(n) for n in range(start, start + count)]


def texts(model):
    return [model.event_at(row).text for row in range(model.rowCount())]


@pytest.fixture
def table(show):
    return show(TranscriptTable(name="t"), 500, 300)


@pytest.fixture
def view(show):
    return show(TranscriptView(), 700, 400)


def test_the_model_keeps_qts_rules(qtbot):
    model = TranscriptModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.append(events(5))
    model.set_filter("3")
    model.append([event(6), event(13)])
    model.set_filter("")
    model.set_events(events(3))
    model.set_events(events(3))
    model.clear()
    assert tester.model() is model


def test_columns(qtbot):
    model = TranscriptModel()
    model.append([event(0), event(0), event(1500)])
    shown = [[model.index(row, column).data() for column in Column] for row in range(3)]
    assert shown[0][Column.TIME] == "0.0 ms"
    assert shown[1][Column.DIFFERENCE] == ""
    assert shown[2][Column.TIME] == "1,500.0"
    assert shown[2][Column.DIFFERENCE] == "+1,500.0"
    assert shown[2][Column.TEXT] == "line 1500"


def test_the_filter_hides_and_counts_differences_to_the_real_line_before(qtbot):
    model = TranscriptModel()
    model.append([event(0, text="EHLO"), event(5, text="250 ok"), event(9, text="250 Ehlo")])
    model.set_filter("ehlo")
    assert texts(model) == ["EHLO", "250 Ehlo"]
    assert model.index(1, Column.DIFFERENCE).data() == "+4.0"
    model.append([event(10, text="no"), event(11, text="ehlo again")])
    assert texts(model) == ["EHLO", "250 Ehlo", "ehlo again"]
    assert model.row_of(0) == 0
    assert model.row_of(1) is None
    model.set_filter("")
    assert model.rowCount() == 5


def test_the_same_events_judged_anew_move_nothing(table, qtbot):
    table.append(events(200))
    table.selectRow(50)
    table.verticalScrollBar().setValue(40)
    judged = [*events(199), event(199, expected=False)]
    with qtbot.assertNotEmitted(table.model_.modelReset):
        table.set_events(judged)
    assert table.verticalScrollBar().value() == 40
    assert table.currentIndex().row() == 50
    assert table.model_.event_at(199).expected is False


def test_colour_and_sign_say_the_same(theme):
    table = tokens()
    assert ink(event(direction=Direction.SENT)) == table.sent
    assert ink(event()) == table.received
    assert ink(event(direction=Direction.INFO)) == table.info
    assert ink(event(expected=False)) == table.broken
    assert ink(event(direction=Direction.ERROR)) == table.broken
    assert wrong(event(expected=False))
    assert not wrong(event(expected=True))


def test_every_row_says_aloud_what_its_signs_say():
    assert (
        spoken(event(text="EHLO", direction=Direction.SENT, tls=True)) == "sent, inside TLS: EHLO"
    )
    assert spoken(event(text="550", expected=False)) == "received, not what was due: 550"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event(text="x"), event(text="x", direction=Direction.SENT)),
        (event(text="x"), event(text="x", tls=True)),
        (event(text="x"), event(text="x", expected=False)),
        (event(text="x", expected=False), event(text="x", direction=Direction.ERROR)),
    ],
)
def test_signs_differ_without_colour(show, one, other):
    from PySide6.QtGui import QImage

    pictures = []
    for each in (one, other):
        table = show(TranscriptTable(name="t"), 500, 100)
        table.append([each])
        left = table.columnViewportPosition(Column.SIGN)
        width, height = table.columnWidth(Column.SIGN), table.rowHeight(0)
        picture = table.viewport().grab().toImage().copy(left, 0, width, height)
        mono = picture.convertToFormat(QImage.Format.Format_Grayscale8)
        corner = mono.pixelColor(0, 0).value()
        pictures.append(
            [
                [abs(mono.pixelColor(x, y).value() - corner) > 60 for x in range(mono.width())]
                for y in range(mono.height())
            ]
        )
    assert pictures[0] != pictures[1]


def test_the_tail_is_followed_only_from_the_end(table, qtbot, qapp):
    table.append(events(200))
    bar = table.verticalScrollBar()
    assert table.following
    assert bar.value() == bar.maximum()
    with qtbot.waitSignal(table.following_changed) as signal:
        bar.setValue(20)
    assert signal.args == [False]
    table.append(events(100, 200))
    qapp.processEvents()
    assert bar.value() == 20
    with qtbot.waitSignal(table.following_changed):
        bar.setValue(bar.maximum())
    table.append(events(100, 300))
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    table.set_following(True)
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.following


def test_resizing_keeps_the_end_in_view_while_following(table, qapp):
    table.append(events(200))
    table.resize(500, 120)
    qapp.processEvents()
    assert table.verticalScrollBar().value() == table.verticalScrollBar().maximum()


def test_100k_rows_in_batches_stay_cheap(table, qapp):
    def seconds(count):
        start = time.perf_counter()
        for _ in range(count // 2000):
            table.append(events(2000))
            qapp.processEvents()
        return time.perf_counter() - start

    first = seconds(20_000)
    seconds(60_000)
    last = seconds(20_000)
    assert table.model_.rowCount() == 100_000
    # Not a bound in seconds: the last rows may not cost much more than the first.
    assert last < 5 * first + 0.5


def test_rows_grow_with_the_font(table, theme):
    table.append(events(3))
    assert table.rowHeight(0) == 22
    theme.set_base_px(BASE_PX * 2)
    assert table.rowHeight(0) == metrics().row
    assert table.rowHeight(0) > 30
    widest = table.fontMetrics().horizontalAdvance("00,000.0")
    assert table.columnWidth(Column.TIME) > widest


def test_times_of_a_long_wait_fit_their_columns(table):
    fit = metrics().measure(metrics_kind())
    assert table.columnWidth(Column.DIFFERENCE) >= fit.horizontalAdvance("+99,999.9") + 8
    assert table.columnWidth(Column.TIME) >= fit.horizontalAdvance("99,999.9") + 8


def metrics_kind():
    from mailgui.ui.metrics import Type

    return Type.MONO


def test_copying(table, clipboard, qtbot):
    table.append(
        [
            event(0, Direction.SENT, "EHLO desk"),
            event(1, text="250 ok", tls=True),
            event(2, text="550 no", expected=False),
        ]
    )
    table.copy_selection()
    assert clipboard() == " -> EHLO desk\n<~  250 ok\n<** 550 no"
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "<~  250 ok"
    table.copy_texts()
    assert clipboard() == "250 ok"
    table.set_filter("550")
    table.copy_all()
    assert clipboard().count("\n") == 2


def test_the_context_menu_offers_what_can_be_done(table):
    def offered():
        return {action.text(): action.isEnabled() for action in table.context_menu().actions()}

    assert offered()["Copy all"] is False
    table.append(events(2))
    assert offered()["Copy lines"] is False
    table.selectRow(0)
    assert offered() == {
        "Copy lines": True,
        "Copy text only": True,
        "Copy all": True,
        "Select all": True,
    }


def test_the_chosen_event_survives_the_filter(table):
    table.append(events(50))
    table.selectRow(33)
    table.set_filter("3")
    assert table.model_.event_at(table.currentIndex().row()).text == "line 33"
    table.set_filter("")
    assert table.currentIndex().row() == 33


def test_the_view_before_and_after(view):
    assert view._stack.currentIndex() == 0
    assert not view._save.isEnabled()
    view.append(events(10))
    assert view._stack.currentIndex() == 1
    assert view._save.isEnabled()
    view.clear()
    assert view._stack.currentIndex() == 0
    view.set_empty_words("No answer", "…")


def test_filtering_by_hand(view, qtbot):
    view.append(events(40))
    view.table.setFocus()
    qtbot.waitUntil(view.table.hasFocus)
    qtbot.keyClick(view.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(view._filter.hasFocus)
    qtbot.keyClicks(view._filter, "line 3")
    qtbot.waitUntil(lambda: view.table.model_.rowCount() == 11)
    assert view._hits.text() == "11 of 40 lines"
    view._filter.clear()
    qtbot.keyClick(view._filter, Qt.Key.Key_Return)
    assert view.table.model_.rowCount() == 40
    assert view._hits.text() == ""


def test_follow_button_and_tail_agree(view, qapp):
    view.append(events(200))
    qapp.processEvents()
    assert view._follow.isChecked()
    view.table.verticalScrollBar().setValue(0)
    assert not view._follow.isChecked()
    view._follow.click()
    assert view.table.following


def test_the_chosen_line_in_full_and_as_octets(view):
    long = "A" * 3000
    view.append([event(0), event(1, text=long)])
    view.table.selectRow(1)
    view._details.click()
    assert view._detail.isVisible()
    assert view._detail.whole_text() == long
    view._hex.click()
    assert view._detail.whole_text().startswith("000000  41 41")
    view.table.selectRow(0)
    assert view._detail.whole_text().endswith("line 0")
    view._details.click()
    assert not view._hex.isChecked()
    assert not view._detail.isVisible()


def test_save_is_left_to_the_page(view, qtbot):
    view.append(events(1))
    with qtbot.waitSignal(view.save_asked):
        view._save.click()


def test_hex_dump():
    assert hex_dump(b"") == ""
    lines = hex_dump(bytes(range(0x30, 0x42)) + b"\r\n").splitlines()
    assert lines[0].startswith("000000  30 31 32")
    assert lines[0].endswith("0123456789:;<=>?")
    assert lines[1].startswith("000010  40 41 0d 0a")
    assert lines[1].endswith("@A··")
    assert hex_dump(b"x" * 70_000).splitlines()[-1] == "… 4,464 more octets"


def test_the_keyboard_comes_to_a_row_that_is_in_sight(show, qtbot):
    from mailgui.ui.widgets.transcript_table import TranscriptTable

    table = TranscriptTable(name="rows")
    table.set_events([Event(0.0, Direction.SENT, Layer.SMTP, f"line {n}") for n in range(500)])
    show(table, 400, 200)
    table.set_following(True)
    table.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    assert table.currentIndex().row() > 480
    assert not table.selectionModel().selectedRows()
    assert table.following
