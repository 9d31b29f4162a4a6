import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column

COLUMNS = (
    Column("Name", mono=True, stretch=True),
    Column("Count", right=True, words="How many"),
    Column("Verdict"),
)
ROWS = (
    ("b.example", Cell("9", sort=9), Cell("pass", Tone.PASS)),
    ("a.example", Cell("10", sort=10, more="since Monday"), Cell("broken", Tone.BROKEN)),
    ("c\x1b[2J<b>", Cell("1", sort=1), ""),
)


@pytest.fixture
def table(show):
    made = DataTable(COLUMNS, name="things", accessible="Things", several=True)
    QAbstractItemModelTester(made.rows, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.set_rows(ROWS, ("B", "A", "C"))
    return show(made)


def shown(table, column=0):
    model = table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_rows_stand_as_they_were_given_until_they_are_sorted(table):
    assert shown(table)[:2] == ["b.example", "a.example"]
    table.sort_by(0)
    assert shown(table)[:2] == ["a.example", "b.example"]


def test_numbers_sort_as_numbers(table):
    table.sort_by(1, descending=True)
    assert shown(table, 1) == ["10", "9", "1"]


def test_keys_follow_their_rows(table, qtbot):
    table.sort_by(1)
    with qtbot.waitSignal(table.chosen) as told:
        table.choose("A")
    assert told.args == ["A"]
    assert table.key == "A"
    with qtbot.waitSignal(table.opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == ["A"]


def test_the_current_row_stays_when_its_key_does(table):
    table.choose("A")
    table.set_rows((ROWS[1], ROWS[0]), ("A", "B"))
    assert table.key == "A"
    table.set_rows((ROWS[0],), ("B",))
    assert table.key is None


def test_rows_are_copied_with_tabs(table, clipboard):
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard().splitlines()[0] == "b.example\t9\tpass"
    assert table.keys == ["B", "A", "C"]


def test_strangers_text_is_plain_and_visible(table):
    assert "\x1b" not in shown(table)[2]
    tip = table.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip
    assert "since Monday" in table.model().index(1, 1).data(Qt.ItemDataRole.ToolTipRole)


def test_rows_can_be_added_and_changed(table):
    table.rows.add_rows([("d.example",)], ["D"])
    table.rows.set_row(3, ("e.example", Cell("2", sort=2)))
    assert shown(table)[3] == "e.example"
    assert table.rows.row_of("D") == 3
    assert table.content_height() > 4 * 20


def test_every_column_fits_its_cells(table):
    table.rows.set_row(
        0, ("x" * 500, Cell("1234567890", sort=1), Cell("attention", Tone.ATTENTION))
    )
    table.fit_columns()
    assert table.columnWidth(1) >= table.fontMetrics().horizontalAdvance("1234567890")
    assert sum(table.columnWidth(n) for n in range(3)) <= table.viewport().width() + 1


def widths(table):
    return [table.columnWidth(column) for column in range(len(COLUMNS))]


def fits(table):
    return sum(widths(table)) == table.viewport().width()


def test_columns_fill_the_table_and_follow_it(table, qtbot):
    assert fits(table)
    table.resize(900, 400)
    qtbot.waitUntil(lambda: fits(table))
    table.resize(400, 400)
    qtbot.waitUntil(lambda: fits(table))
    assert table.horizontalScrollBar().maximum() == 0


def test_columns_that_the_header_made_wider_still_follow_their_rows(table):
    table.set_rows((("a.example", "", ""),))
    table.horizontalHeader().setMinimumSectionSize(90)
    table.set_rows((("a.example", "a number of some length", ""),))
    assert table.columnWidth(1) > 150


def test_a_width_that_a_person_chose_is_kept(table, qtbot):
    header = table.horizontalHeader()
    edge = QPoint(header.sectionPosition(2) - 1, header.height() // 2)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(80, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(80, 0))
    chosen = table.columnWidth(1)
    table.set_rows((("a.example", "", ""),))
    table.resize(1000, 400)
    qtbot.waitUntil(lambda: fits(table))
    assert table.columnWidth(1) == chosen


def test_words_begin_where_those_of_the_page_do(show):
    made = DataTable(COLUMNS, name="things", accessible="Things", flush=True)
    plain = DataTable(COLUMNS, name="others", accessible="Others")
    for table in (made, plain):
        table.set_rows(ROWS)
        show(table, 200, 300)
    assert (made.air, plain.air) == (8, 0)
    frames = 2 * plain.frameWidth()  # a flush table has none
    assert made.viewport().width() == plain.viewport().width() + frames
    painted = [table.grab().toImage() for table in (made, plain)]
    first = [leftmost(image, table) for image, table in zip(painted, (made, plain), strict=True)]
    assert first[0] == first[1] - plain.frameWidth() + made.air


def leftmost(image, table):
    """Where the first thing is painted in the first column of the first row."""
    top = table.viewport().y() + table.rowViewportPosition(0)
    rows = range(top + 4, top + table.rowHeight(0) - 4)
    ground = image.pixel(table.viewport().x() + 2, rows[0])
    return next(x for x in range(2, 200) if any(image.pixel(x, y) != ground for y in rows))


def test_headings_are_whole_at_any_size(show, theme):
    made = DataTable(COLUMNS, name="things", accessible="Things")
    made.set_rows(ROWS)
    made.sort_by(1, descending=True)
    show(made, 1500, 300)
    header = made.horizontalHeader()
    for size in (13, 18, 26):
        theme.set_base_px(size)
        assert header.fontMetrics().height() < made.fontMetrics().height()
        for column in range(len(COLUMNS)):
            words = made.model().headerData(column, Qt.Orientation.Horizontal)
            assert header.fontMetrics().horizontalAdvance(words) + 16 <= made.columnWidth(column)
