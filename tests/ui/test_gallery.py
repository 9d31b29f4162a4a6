"""Every shared widget in every state, in both schemes and sizes: nothing is cut off or nameless."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from mailgui.ui.gallery import main, render
from mailgui.ui.gallery_samples import SHEETS
from mailgui.ui.metrics import BASE_PX


@pytest.fixture(params=sorted(SHEETS))
def sheet(request, show, theme):
    build, width = SHEETS[request.param]

    def made(scale):
        theme.set_base_px(BASE_PX * scale)
        return show(build(), width * scale, 900 * scale)

    return made


@pytest.mark.parametrize("scale", [1, 2])
def test_no_words_are_cut_off(sheet, qapp, scale):
    top = sheet(scale)
    qapp.processEvents()
    for label in top.findChildren(QLabel):
        if not label.isVisible() or not label.text().strip():
            continue
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        if not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for button in top.findChildren(QAbstractButton):
        if button.isVisible():
            line = button.fontMetrics().height()
            assert button.height() >= line or not button.text(), button.objectName()
    for field in top.findChildren(QLineEdit):
        if field.isVisible():
            assert field.height() >= field.fontMetrics().height(), field.objectName()


def test_whatever_takes_the_keyboard_has_names(sheet, qapp):
    top = sheet(1)
    nameless = []
    for widget in top.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or widget.inherits("QScrollBar")
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
        named = widget.objectName() and widget.accessibleName()
        if takes and not inner and not named:
            nameless.append(widget)
    assert nameless == []


def test_labels_are_plain_and_tips_are_safe(sheet):
    top = sheet(1)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in top.findChildren(QLabel))
    tips = [widget.toolTip() for widget in top.findChildren(QWidget) if widget.toolTip()]
    assert all(each.startswith("<p style=") for each in tips)


def test_the_pictures_are_written(tmp_path, theme):
    paths = render(tmp_path, ["banners"])
    assert [path.name for path in paths] == [
        "banners-light-1x.png",
        "banners-dark-1x.png",
        "banners-light-2x.png",
        "banners-dark-2x.png",
    ]
    assert all(path.stat().st_size > 2000 for path in paths)


def test_usage(capsys):
    assert main([]) == 64
    assert "OUTDIR" in capsys.readouterr().err
