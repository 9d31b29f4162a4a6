"""What is set once follows the size of type."""

from PySide6.QtWidgets import QLabel, QWidget

from mailgui.ui.metrics import BASE_PX
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.growing import grow


def test_a_width_follows_the_size_of_type(show, theme):
    label = show(QLabel("x"))
    grow(label, lambda: label.setMinimumWidth(metrics().scaled(100)))
    assert label.minimumWidth() == 100
    theme.set_base_px(BASE_PX * 2)
    assert label.minimumWidth() == 200
    theme.set_base_px(BASE_PX)
    assert label.minimumWidth() == 100


def test_what_is_inside_a_page_follows_too(show, theme):
    page = QWidget()
    inside = QLabel("x", page)
    show(page)
    grow(inside, lambda: inside.setMaximumHeight(metrics().scaled(10)))
    theme.set_base_px(BASE_PX * 3)
    assert inside.maximumHeight() == 30
