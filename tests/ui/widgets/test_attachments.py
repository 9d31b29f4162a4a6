from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl

from mailgui.message.draft import Attachment
from mailgui.ui.metrics import BASE_PX
from mailgui.ui.widgets.attachment_card import AttachmentCard, AttachmentItem, facts
from mailgui.ui.widgets.attachment_strip import AttachmentStrip, dropped_files
from mailgui.ui.widgets.elided_label import ElidedLabel

LOGO = AttachmentItem(Attachment("logo.png", "image/png", content_id="logo"), 14_000)
PDF = AttachmentItem(Attachment("invoice.pdf", "application/pdf"), 182_000)
GONE = AttachmentItem(Attachment("<b>gone</b>.txt"), None, "The file is not there any more.")


@pytest.fixture
def strip(show):
    made = show(AttachmentStrip(), 600, 120)
    made.set_items([LOGO, PDF, GONE])
    return made


def test_facts():
    assert facts(LOGO) == "inline · cid:logo · 14 KB"
    assert facts(PDF) == "attachment · 182 KB"
    assert facts(AttachmentItem(Attachment("x"))) == "attachment"


def test_cards_show_names_to_the_letter_and_problems(strip):
    names = [[label.text for label in card.findChildren(ElidedLabel)] for card in strip.cards]
    assert names[2] == ["<b>gone</b>.txt", "✕ The file is not there any more."]
    assert "<b>" not in strip.cards[2].toolTip()
    assert strip.cards[2].accessibleName() == "<b>gone</b>.txt, The file is not there any more."
    assert len({card.objectName() for card in strip.cards}) == 3


def test_cards_are_taken_out_by_mouse_and_keyboard(strip, qtbot):
    with qtbot.waitSignal(strip.remove_asked) as signal:
        strip.cards[1].findChild(object, "attachments-1-remove").click()
    assert signal.args == [1]
    with qtbot.waitSignal(strip.remove_asked) as signal:
        qtbot.keyClick(strip.cards[0], Qt.Key.Key_Delete)
    assert signal.args == [0]


def test_focus_stays_near_when_a_card_goes(strip, qtbot):
    qtbot.waitUntil(strip.cards[2].isVisible)
    strip.activateWindow()
    strip.cards[2].setFocus()
    qtbot.waitUntil(strip.cards[2].hasFocus)
    strip.set_items([LOGO, PDF])
    qtbot.waitUntil(strip.add_button.hasFocus)


def test_inline_is_asked_for_in_the_menu(strip, qtbot):
    inline = strip.cards[0].menu().actions()[0]
    assert inline.isChecked()
    with qtbot.waitSignal(strip.inline_asked) as signal:
        inline.trigger()
    assert signal.args == [0, False]
    assert not strip.cards[1].menu().actions()[0].isChecked()


def test_it_shows_where_files_can_be_dropped(strip):
    strip.set_drop_target(True)
    assert strip.add_button.property("drop") == "true"
    strip.set_drop_target(False)
    assert strip.add_button.property("drop") == "false"


def test_only_files_of_this_machine_are_taken_from_a_drop():
    data = QMimeData()
    data.setUrls(
        [
            QUrl(url)
            for url in ("file:///tmp/a.txt", "https://example.com/x", "file:///tmp/b%20c.txt")
        ]
    )
    assert dropped_files(data) == [Path("/tmp/a.txt"), Path("/tmp/b c.txt")]


def test_files_are_asked_for(strip, qtbot):
    with qtbot.waitSignal(strip.add_asked):
        strip.add_button.click()


def test_cards_wrap_and_grow_with_the_font(strip, theme, qapp):
    strip.resize(260, 300)
    qapp.processEvents()
    tops = {card.y() for card in strip.cards}
    assert len(tops) >= 2
    before = strip.cards[0].height()
    theme.set_base_px(BASE_PX * 2)
    qapp.processEvents()
    assert strip.cards[0].sizeHint().height() > 1.5 * before
    assert isinstance(strip.cards[0], AttachmentCard)


def test_the_same_attachments_leave_the_cards_alone(strip):
    before = list(strip.cards)
    strip.set_items([LOGO, PDF, GONE])
    assert strip.cards == before


def test_new_cards_show_at_once(strip):
    strip.set_items([PDF, LOGO])
    assert all(card.isVisible() for card in strip.cards)
