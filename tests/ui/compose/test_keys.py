"""Everything can be done without a mouse, and every control says what it is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from mailgui.transcript import Outcome

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def active(desk):
    desk.page.activateWindow()
    desk.qtbot.waitUntil(desk.page.isActiveWindow)
    return desk


@pytest.mark.parametrize("field", ["subject", "html", "text", "to-entry"])
def test_control_return_sends_from_everywhere(active, field):
    widget = active.page.findChild(QWidget, field)
    active.message.tabs.tabs.set_key("text" if field == "text" else "html")
    widget.setFocus()
    before = active.page.draft()
    active.qtbot.keyClick(widget, Qt.Key.Key_Return, CONTROL)
    active.wait_idle()
    assert active.transcript().outcome is Outcome.ACCEPTED
    assert active.page.draft() == before


def test_it_sends_while_the_keyboard_is_outside_the_page(qtbot, desk):
    from PySide6.QtWidgets import QPushButton, QVBoxLayout

    window, outside = QWidget(), QPushButton("rail")
    layout = QVBoxLayout(window)
    layout.addWidget(outside)
    layout.addWidget(desk.page)
    window.show()
    window.activateWindow()
    outside.setFocus()
    qtbot.waitUntil(outside.hasFocus)
    qtbot.keyClick(outside, Qt.Key.Key_Return, CONTROL)
    desk.wait_idle()
    assert desk.transcript().outcome is Outcome.ACCEPTED
    desk.page.setParent(None)
    window.deleteLater()


def test_writing_can_begin_at_once(active):
    active.qtbot.waitUntil(lambda: active.page.focusWidget() is active.message.tabs.html)


def test_control_shift_t_tests_the_connection(active):
    active.qtbot.keyClick(active.page, Qt.Key.Key_T, CONTROL | SHIFT)
    active.wait_idle()
    assert active.transcript().outcome is Outcome.COMPLETED


def test_escape_cancels(active):
    active.write_to("slow@good.example")
    active.qtbot.keyClick(active.page, Qt.Key.Key_Return, CONTROL)
    active.qtbot.waitUntil(lambda: any("RCPT TO" in line for line in active.lines()))
    active.qtbot.keyClick(active.message.head.subject, Qt.Key.Key_Escape)
    active.wait_idle()
    assert active.transcript().outcome is Outcome.CANCELLED


def test_numbers_choose_tabs(active):
    active.qtbot.keyClick(active.page, Qt.Key.Key_2, CONTROL)
    assert active.message.tabs.tabs.key == "text"
    active.send()
    active.qtbot.keyClick(active.page, Qt.Key.Key_8, CONTROL)
    assert active.exchange.tabs.key == "server"
    active.use("Sandbox API")
    active.send()
    active.qtbot.keyClick(active.page, Qt.Key.Key_8, CONTROL)
    assert active.exchange.tabs.key == "response"
    active.qtbot.keyClick(active.page, Qt.Key.Key_0, CONTROL)
    assert active.exchange.tabs.key == "findings"


def test_tab_goes_through_the_head_in_order(active):
    active.message.head.origin.setFocus()
    seen = []
    for _ in range(12):
        focus = active.page.focusWidget()
        seen.append(focus.objectName())
        if focus.objectName() == "html":
            break
        active.qtbot.keyClick(focus, Qt.Key.Key_Tab)
    wanted = ["from-entry", "to-entry", "subject", "message-tabs", "html"]
    assert [name for name in seen if name in wanted] == wanted


def test_every_control_has_a_name(desk):
    desk.write_to("refuse@good.example", "recipient@good.example")
    desk.message.tabs.headers._add("X-One", "1")
    for key in ("cc", "bcc", "reply_to"):
        desk.message.head.reveal(key)
    desk.send()
    kinds = (QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit, QTabBar)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in desk.page.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not widget.isHidden()
        and not widget.parentWidget().isHidden()
        and not isinstance(widget, QHeaderView)
        and not widget.accessibleName()
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QLineEdit | QTabBar)
    ]
    assert not nameless, chr(10).join(nameless)


def test_every_label_is_plain_text(desk):
    desk.write_to("refuse@good.example", "recipient@good.example")
    desk.send()
    labels = desk.page.findChildren(QLabel)
    assert labels
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
