import gzip

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from mailgui.ui.domain.tools.reports_view import ReportsView
from tests.support.aggregate import report_xml

PATIENCE = 30_000
ROWS = [
    ("192.0.2.1", 90, "pass", "pass", "good.example"),
    ("198.51.100.7", 10, "fail", "fail", "vendor.example"),
]


@pytest.fixture
def view(bridge, show):
    return show(ReportsView(bridge), 1100, 700)


@pytest.fixture
def read(view, qtbot, tmp_path):
    def opened(**files):
        paths = []
        for name, octets in files.items():
            path = tmp_path / name
            path.write_bytes(octets)
            paths.append(path)
        view.open_paths(paths)
        qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)

    return opened


def cells(view, row):
    model = view.table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_it_says_what_will_be_here(view):
    assert view.findChild(object, "reports-empty").isVisible()
    assert not view.clear.isVisible()


def test_a_report_is_summed_up(view, read):
    read(one=gzip.compress(report_xml("good.example", ROWS)))
    assert view.summary.messages == 100
    assert cells(view, 0)[:4] == ["192.0.2.1", "90", "all pass", "90"]
    assert cells(view, 1)[2] == "all fail"
    assert "neither: lost under p=reject 10 (10.0%)" in view.picture.accessibleDescription()
    assert view.advice.cards[0].finding.id == "dmarc.reports.losses"
    assert "1 report · 100 messages" in view.facts.text


def test_more_files_add_up_and_another_domain_can_be_chosen(view, read):
    read(one=report_xml("good.example", ROWS))
    read(
        two=report_xml("good.example", ROWS[:1], report_id="r2"),
        three=report_xml("a.example", ROWS[1:], report_id="r3"),
    )
    assert view.domain.isVisible()
    view.domain.set_key("good.example")
    view.domain.changed.emit("good.example")
    assert view.summary.messages == 190
    view.clear.click()
    assert view.summary is None
    assert view.findChild(object, "reports-empty").isVisible()


def test_a_bad_file_is_told_beside_a_good_one(view, read):
    read(good=report_xml("good.example", ROWS), bad=b"<feedback>")
    assert view.summary.messages == 100
    assert "bad: The XML is broken in line 1" in view.notice.sentence


def test_files_are_dropped_on_it(view, qtbot, tmp_path):
    path = tmp_path / "r.xml"
    path.write_bytes(report_xml("good.example", ROWS))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    view.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    qtbot.waitUntil(lambda: view.summary is not None, timeout=PATIENCE)
