"""Where the keyboard is can be seen in every kind of table and tree; long texts are shortened."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from mailgui.transcript import Direction, Event, Layer
from mailgui.ui.compose.sign_ins_view import SignInsModel
from mailgui.ui.compose.wrapped_table import WrappedTable
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Column
from mailgui.ui.widgets.json_tree import JsonTree
from mailgui.ui.widgets.painting import elide
from mailgui.ui.widgets.transcript_table import TranscriptTable


def data_table():
    made = DataTable((Column("A"), Column("B", stretch=True)), name="t", accessible="T")
    made.set_rows((("a", "b"), ("c", "d")))
    return made, made


def transcript_table():
    made = TranscriptTable(name="t")
    event = Event(0.0, Direction.SENT, Layer.SMTP, "EHLO here")
    made.set_events([event, event])
    return made, made


def json_tree():
    made = JsonTree(name="t", accessible="T")
    made.set_json('{"a": 1, "b": [1, 2]}')
    return made, made.tree


def wrapped_table():
    from mailgui.smtp.auth_probe import Attempt, MechanismResult

    made, model = WrappedTable(name="t", accessible="T"), SignInsModel()
    model.setParent(made)
    made.setModel(model)
    model.set_results([MechanismResult(name, True, Attempt.ACCEPTED) for name in "AB"])
    made.fit()
    return made, made


@pytest.mark.parametrize("make", [data_table, transcript_table, json_tree, wrapped_table])
def test_the_current_row_has_a_ring_while_the_keyboard_is_there(show, qtbot, make):
    page, field = QWidget(), QLineEdit()
    layout = QVBoxLayout(page)
    whole, view = make()
    layout.addWidget(field)
    layout.addWidget(whole)
    show(page)
    page.activateWindow()

    def ring():
        painted = view.viewport().grab().toImage()
        ink = QColor(tokens().accent).rgb()
        row = view.visualRect(view.currentIndex().siblingAtColumn(0))
        return sum(painted.pixel(x, row.top() + 1) == ink for x in range(painted.width()))

    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert ring() == 0
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    while not view.hasFocus():  # what belongs to it comes first
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert ring() > 0.8 * view.viewport().width()


def test_words_are_shortened_at_their_end_and_an_address_in_its_middle(undressed):
    measure = metrics().measure()
    width = measure.horizontalAdvance("Welcome to Exa…")
    assert elide("Welcome to Example", measure, width).startswith("Welcome to ")
    assert elide("Welcome to Example", measure, width).endswith("…")
    address = elide("somebody.with.a.name@good.example", measure, width)
    assert (address[:4], address[-3:]) == ("some", "ple")
    assert "…" in address
    assert elide("Hi there", measure, width) == "Hi there"
    assert len(elide("word " * 100_000, measure, width)) < 40
