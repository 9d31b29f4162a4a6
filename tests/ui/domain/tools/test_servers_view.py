import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.ui.domain.tools.servers_view import ServersView

PATIENCE = 30_000


@pytest.fixture
def view(bridge, services, show):
    return show(ServersView(bridge, services, {"ask": "sandbox"}), 1100, 700)


def rows(view):
    model = view.table.model()
    return [
        [model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())
    ]


def test_enter_compares(view, qtbot):
    view.name.setText("_dmarc.good.example")
    QTest.keyClick(view.name, Qt.Key.Key_Return)
    assert view.button.text() == "Cancel"
    qtbot.waitUntil(lambda: view.result is not None, timeout=PATIENCE)
    assert view.button.text() == "Compare"
    told = rows(view)
    assert {row[1] for row in told} == {"agrees"}
    assert all(row[2].startswith("v=DMARC1") for row in told)
    assert "say the same" in view.notice.sentence


def test_a_name_is_needed(view):
    view.name.setText("")
    view.compare()
    assert "Enter the name" in view.notice.sentence
    assert view.name.property("problem") == "true"


def test_what_is_no_name_is_said_so(view, qtbot):
    view.name.setText("a b")
    view.compare()
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
    assert "is not a domain name" in view.notice.sentence


def test_state_is_kept(view):
    view.name.setText("x.example")
    assert view.save_state() == {
        "name": "x.example",
        "type": "TXT",
        "ask": "sandbox",
        "servers": [],
    }
