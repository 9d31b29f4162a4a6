import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QToolButton

from mailgui import resources
from mailgui.ui import icons
from mailgui.ui.icons import icon, paint_icon
from mailgui.ui.theme import Choice
from mailgui.ui.tokens import DARK, LIGHT

# mailgui.svg is the application's own, with colours of its own.
NAMES = sorted({path.stem for path in resources.path("icons").glob("*.svg")} - {"mailgui"})
CODE = "\n".join(path.read_text("utf-8") for path in Path(icons.__file__).parent.rglob("*.py"))


def drawn(name, ink, edge):
    """Return the icon in one colour, as large as ``edge``."""
    pixmap = QPixmap(edge, edge)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_icon(painter, name, pixmap.rect(), ink)
    painter.end()
    return pixmap


def inks(image):
    """Return the colours of the pixels that are quite opaque."""
    found = set()
    for x in range(image.width()):
        for y in range(image.height()):
            pixel = image.pixelColor(x, y)
            if pixel.alpha() == 255:
                found.add(pixel.name())
    return found


def test_all_icons_that_are_asked_for_are_there():
    asked = re.findall(r'\b(?:icon|IconButton|EmptyState)\(\s*"([a-z-]+)"', CODE)
    assert len(asked) > 20
    assert set(NAMES) >= set(asked)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_used(name):
    assert f'"{name}"' in CODE


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_is_drawn_in_one_colour_inside_its_edges(name, theme):
    source = resources.path("icons", f"{name}.svg").read_text("utf-8")
    assert 'viewBox="0 0 20 20"' in source
    assert 'stroke-width="1.7"' in source
    assert not re.search(r"#[0-9a-fA-F]{3}", source)
    image = drawn(name, "#123456", 40).toImage()
    assert inks(image) == {"#123456"}
    edges = [image.pixelColor(x, y).alpha() for x in range(40) for y in (0, 39)]
    edges += [image.pixelColor(x, y).alpha() for x in (0, 39) for y in range(40)]
    assert not any(edges)


def test_pixmaps_are_sharp_at_the_devices_ratio(theme):
    scaled = icon("send").pixmap(QSize(16, 16), 2.0)
    assert scaled.width() == 32
    assert inks(scaled.toImage()) == {LIGHT.text.lower()}


def test_pixmaps_are_made_once(theme):
    size = QSize(18, 18)
    assert icon("send").pixmap(size).cacheKey() == icon("send").pixmap(size).cacheKey()


def test_an_icon_follows_scheme_and_state_by_itself(theme):
    made = icon("send", "text")
    size = QSize(20, 20)
    assert inks(made.pixmap(size).toImage()) == {LIGHT.text.lower()}
    assert inks(made.pixmap(size, QIcon.Mode.Disabled).toImage()) == {LIGHT.secondary.lower()}
    checked = made.pixmap(size, QIcon.Mode.Normal, QIcon.State.On)
    assert inks(checked.toImage()) == {LIGHT.accent.lower()}
    theme.set_choice(Choice.DARK)
    assert inks(made.pixmap(size).toImage()) == {DARK.text.lower()}


def test_an_icon_outlives_its_maker(show):
    button = QToolButton()
    button.setIcon(icon("copy"))
    copy = QIcon(button.icon())
    copy.addPixmap(drawn("check", "#000000", 16))  # makes Qt clone the engine
    show(button, 60, 60)
    assert not button.grab().isNull()
