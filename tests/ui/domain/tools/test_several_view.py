import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.ui.domain.room import DomainRoom
from mailgui.ui.domain.tools.several_view import SeveralView

PATIENCE = 60_000


@pytest.fixture
def view(bridge, services, show):
    return show(SeveralView(bridge, services, {"ask": "sandbox"}), 1100, 700)


def cells(view, key):
    row = view.table.rows.row_of(key)
    return [view.table.rows.cell(row, column).text for column in range(7)]


def test_a_row_for_each_domain(view, qtbot):
    view.domains.setPlainText("good.example, broken.example\ngood.example\na..b")
    QTest.keyClick(view.domains, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert view.button.text() == "Cancel"
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
    assert set(view.done) == {"good.example", "broken.example", "a..b"}
    good, broken = cells(view, "good.example"), cells(view, "broken.example")
    assert good[1] == "0"
    assert int(broken[1]) >= 3
    assert good[4] == "pass"
    assert broken[4] == "broken"
    assert "has an empty label" in cells(view, "a..b")[3]
    assert view.facts.text.startswith("3 domains in")


def test_the_worst_stand_first(view, qtbot):
    view.domains.setPlainText("good.example broken.example")
    view.check()
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
    assert view.table.model().index(0, 0).data() == "broken.example"


def test_nothing_to_check_is_said(view):
    view.domains.setPlainText(" \n")
    view.check()
    assert "one a line" in view.notice.sentence
    assert not view.busy


def test_a_row_opens_the_checks(bridge, services, show, qtbot):
    room = show(DomainRoom(bridge, services, {"tab": "several"}), 1100, 700)
    room.page("several").ask.restore([], "sandbox")
    room.page("several").opened.emit("good.example")
    assert room.tabs.key == "checks"
    qtbot.waitUntil(lambda: room.checks.report is not None, timeout=PATIENCE)
    assert room.checks.report.domain == "good.example"
