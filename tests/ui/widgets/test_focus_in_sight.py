"""What the keyboard comes to is brought into sight."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from mailgui.ui.widgets.focus_in_sight import bring_into_sight
from mailgui.ui.widgets.scroll_column import ScrollColumn


@pytest.fixture
def page(show):
    whole, column = QWidget(), ScrollColumn(name="column", accessible="Column")
    above = QWidget()
    above.setFixedHeight(900)
    whole.field, whole.column = QLineEdit(), column
    column.add(above)
    column.add(whole.field)
    QVBoxLayout(whole).addWidget(column)
    show(whole, 400, 300)
    QCoreApplication.processEvents()  # its layout settles
    return whole


def in_sight(widget):
    return widget.visibleRegion().boundingRect().size() == widget.size()


def test_a_field_far_below_is_scrolled_to(page):
    assert not in_sight(page.field)
    bring_into_sight(page.field)
    assert in_sight(page.field)


def test_what_is_in_sight_does_not_move(page):
    bring_into_sight(page.field)
    page.column.verticalScrollBar().setValue(page.column.verticalScrollBar().maximum())
    where = page.column.verticalScrollBar().value()
    bring_into_sight(page.field)
    assert page.column.verticalScrollBar().value() == where


def test_what_is_larger_than_its_area_does_not_move(page):
    page.field.setFixedHeight(700)
    bring_into_sight(page.field)
    assert page.column.verticalScrollBar().value() == 0


def test_a_click_moves_nothing(page):
    page.column.verticalScrollBar().setValue(page.column.verticalScrollBar().maximum() - 10)
    where = page.column.verticalScrollBar().value()
    QTest.mousePress(page.column.viewport(), Qt.MouseButton.LeftButton)
    bring_into_sight(page.field)
    QTest.mouseRelease(page.column.viewport(), Qt.MouseButton.LeftButton)
    assert page.column.verticalScrollBar().value() == where


def test_nothing_is_no_trouble():
    bring_into_sight(None)
    bring_into_sight(QWidget())
