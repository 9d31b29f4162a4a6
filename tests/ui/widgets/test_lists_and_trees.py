import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from mailgui.findings import Verdict
from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.check_list import CheckList
from mailgui.ui.widgets.term_tree import TermNode, TermTree

CHECKS = [("mx", "MX and addresses"), ("spf", "SPF"), ("dkim", "DKIM")]


@pytest.fixture
def checks(show):
    made = show(CheckList(), 380, 300)
    made.set_checks(CHECKS)
    return made


def spoken(checks, row):
    return checks.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_checks_fill_in_as_answers_arrive(checks):
    assert spoken(checks, 1) == "SPF, asking…"
    checks.set_result("spf", Verdict.ATTENTION, "8 of 10 look-ups used")
    assert spoken(checks, 1) == "SPF, attention, 8 of 10 look-ups used"
    assert checks.verdict("spf") is Verdict.ATTENTION
    assert checks.summary("spf") == "8 of 10 look-ups used"
    assert checks.verdict("mx") is None
    checks.stop_waiting()
    assert spoken(checks, 0) == "MX and addresses"
    assert checks.keys == ("mx", "spf", "dkim")
    assert not checks.grab().isNull()


def test_the_keyboard_moves_and_tells(checks, qtbot):
    checks.set_key("mx")
    with qtbot.waitSignal(checks.chosen) as signal:
        qtbot.keyClick(checks, Qt.Key.Key_Down)
    assert signal.args == ["spf"]
    assert checks.key == "spf"
    checks.set_key("nonsense")
    assert checks.key == "spf"


def test_the_current_check_survives_a_new_run(checks):
    checks.set_key("dkim")
    checks.set_result("dkim", Verdict.PASS, "2 keys")
    checks.set_checks(CHECKS)
    assert checks.key == "dkim"
    assert checks.verdict("dkim") is None


def test_check_rows_grow_with_the_font(checks, theme, qapp):
    index = checks.model().index(0, 0)
    before = checks.visualRect(index).height()
    theme.set_base_px(BASE_PX * 2)
    qapp.processEvents()
    after = checks.visualRect(index).height()
    assert after > 1.4 * before
    assert after >= 2 * metrics().line()


def test_the_check_model_keeps_qts_rules(checks):
    model = checks.model()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    checks.set_checks(CHECKS[:1])
    checks.set_result("mx", Verdict.PASS, "x")
    assert tester.model() is model


TERMS = [
    TermNode(
        "include:_spf.example.net",
        "no match",
        Tone.INFO,
        "3 look-ups",
        "41 ms",
        "answered by 9.9.9.9",
        [TermNode("ip4:198.51.100.0/24", "match", Tone.PASS)],
    ),
    TermNode("-all\x07<b>", "not reached"),
]


@pytest.fixture
def tree(show):
    made = show(TermTree(), 700, 200)
    made.set_terms(TERMS)
    return made


def test_terms_are_unfolded_and_made_visible(tree):
    model = tree.model()
    first = model.index(0, 0)
    assert model.rowCount() == 2
    assert model.rowCount(first) == 1
    assert tree.isExpanded(first)
    assert [model.index(0, column).data() for column in range(4)] == [
        "include:_spf.example.net",
        "no match",
        "3 look-ups",
        "41 ms",
    ]
    assert model.index(1, 0).data() == "-all\\x07<b>"
    assert "&lt;b&gt;" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "answered by 9.9.9.9" in first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert not tree.grab().isNull()


def test_a_term_is_copied(tree, clipboard, qtbot):
    tree.setCurrentIndex(tree.model().index(0, 2))
    qtbot.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "include:_spf.example.net"


def test_terms_are_replaced(tree):
    height = tree.content_height()
    tree.set_terms(TERMS[1:])
    assert tree.model().rowCount() == 1
    assert tree.content_height() < height


def test_columns_fit_their_words_at_any_size(tree, theme):
    for scale in (1, 2):
        theme.set_base_px(BASE_PX * scale)
        for row in (0, 1):
            for column in (1, 2, 3):
                index = tree.model().index(row, column)
                wanted = tree.itemDelegate().sizeHint(None, index).width()
                assert tree.columnWidth(column) >= wanted


def widths(tree):
    return [tree.header().sectionSize(column) for column in range(4)]


def test_columns_without_words_take_no_room(show):
    made = show(TermTree(), 700, 200)
    made.set_terms([TermNode("-all"), TermNode("mx", cost="1 look-up")])
    assert widths(made)[1] == 0
    assert widths(made)[3] == 0
    assert widths(made)[2] > 0
    assert sum(widths(made)) == made.viewport().width()


def test_where_it_is_narrow_the_terms_stay_and_the_tree_scrolls(tree, theme, qtbot):
    theme.set_base_px(2 * BASE_PX)
    tree.resize(400, 200)
    qtbot.waitUntil(lambda: tree.horizontalScrollBar().maximum() > 0)
    assert widths(tree)[0] >= metrics().scaled(150)
    assert all(width > 0 for width in widths(tree))


def test_a_tree_without_scrolling_is_as_high_as_its_rows(show, qtbot):
    made = show(TermTree(whole=True), 700, 200)
    made.set_terms([TermNode("a", children=(TermNode("b"), TermNode("c", time="3 ms")))])
    whole = made.height()
    assert whole == made.content_height() >= 3 * metrics().row
    made.collapseAll()
    qtbot.waitUntil(lambda: made.height() == made.content_height() < whole)
    made.expandAll()
    made.resize(120, whole)
    qtbot.waitUntil(lambda: made.height() > whole)  # its scroll bar hides no row
