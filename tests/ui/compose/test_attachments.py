"""Attachments: dropped, pasted, inline, many."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mailgui.message.draft import Attachment
from mailgui.ui.compose.attachments import content_id_for


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "請求書 2026.pdf"
    path.write_bytes(b"%PDF" + b"x" * 2000)
    return path


def urls(*paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(widget, data):
    where = QPoint(5, 5)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    plain = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, copy, data, left, plain)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(where), copy, data, left, plain))
    return True


@pytest.mark.parametrize("place", ["pane", "html", "text"])
def test_files_are_taken_wherever_they_are_dropped(desk, path, place):
    tabs = desk.message.tabs
    targets = {
        "pane": desk.message,
        "html": tabs.html.viewport(),
        "text": tabs.text.viewport(),
    }
    before = desk.page.draft()
    assert drop(targets[place], urls(path))
    desk.qtbot.waitUntil(lambda: len(desk.message.attachments.items) == 2)
    after = desk.page.draft()
    assert after.attachments[1].filename == path.name
    assert (after.html, after.text) == (before.html, before.text)
    desk.previewed(lambda found: len(found.files) == 2)
    assert desk.message.attachments.strip.cards[1].item.size == 2004


def test_text_that_is_dropped_is_left_to_the_field(desk):
    data = QMimeData()
    data.setText("words")
    assert not desk.message._intake.take(data)
    assert not drop(desk.message, data)


def test_files_are_pasted(desk, path):
    QGuiApplication.clipboard().setMimeData(urls(path))
    desk.message.tabs.html.setFocus()
    QTest.keySequence(desk.message.tabs.html, QKeySequence(QKeySequence.StandardKey.Paste))
    desk.qtbot.waitUntil(lambda: len(desk.message.attachments.items) == 2)
    assert str(path) not in desk.page.draft().html


def test_a_picture_is_pasted_as_an_inline_image(desk):
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    QGuiApplication.clipboard().setMimeData(data)
    assert desk.message._intake.paste()
    added = desk.message.attachments.items[-1]
    assert (added.content_type, added.content_id) == ("image/png", "image")
    assert added.data.startswith(b"\x89PNG")
    desk.message.notice.action_triggered.emit()
    assert '<img src="cid:image" alt="image">' in desk.page.draft().html


def test_an_attachment_becomes_inline_and_back(desk, path):
    desk.page.attach([path])
    desk.qtbot.waitUntil(lambda: len(desk.message.attachments.items) == 2)
    desk.message.attachments._set_inline(1, True)
    made = desk.message.attachments.items[1]
    assert made.inline
    assert made.content_id.isascii()
    assert "is inline now" in desk.message.notice.sentence
    desk.message.notice.action_triggered.emit()
    assert f"cid:{made.content_id}" in desk.page.draft().html
    desk.message.attachments._set_inline(1, False)
    assert not desk.message.attachments.items[1].inline
    assert "still names" in desk.message.notice.sentence


def test_removing_an_attachment(desk):
    desk.message.attachments.strip.cards[0].remove_asked.emit()
    assert desk.page.draft().attachments == ()
    assert "still names cid:logo" in desk.message.notice.sentence


def test_content_ids_are_ascii_and_their_own():
    assert content_id_for("logo.png", []) == "logo"
    assert content_id_for("logo.png", ["logo", "logo-2"]) == "logo-3"
    assert content_id_for("請求書.pdf", []) == "image"


def test_thirty_attachments_leave_room_to_write(desk):
    desk.message.attachments.add([Attachment(f"{n}.bin", data=b"x") for n in range(30)])
    desk.qtbot.waitUntil(lambda: desk.message.attachments.verticalScrollBar().maximum() > 0)
    assert desk.message.tabs.html.height() > desk.message.attachments.height()


def test_forty_recipients_leave_room_to_write(desk):
    desk.write_to(*(f"person{n}@good.example" for n in range(40)))
    desk.qtbot.waitUntil(lambda: desk.message.head.height() < desk.message.height() // 2)
    desk.send()
    assert len(desk.transcript().recipients) == 40
