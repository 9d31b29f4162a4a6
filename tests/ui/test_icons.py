import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QToolButton

from mailgui import resources
from mailgui.ui.icons import icon, icon_pixmap, tone_token
from mailgui.ui.theme import Choice
from mailgui.ui.tokens import DARK, LIGHT, Tone

# mailgui.svg is the application's own, with colours of its own.
NAMES = sorted({path.stem for path in resources.path("icons").glob("*.svg")} - {"mailgui"})
NEEDED = {
    "compose",
    "domain",
    "sandbox",
    "compare",
    "history",
    "profiles",
    "settings",
    "send",
    "stop",
    "plus",
    "close",
    "copy",
    "check",
    "cross",
    "warning",
    "info",
    "question",
    "chevron-down",
    "chevron-up",
    "chevron-left",
    "chevron-right",
    "lock",
    "lock-open",
    "attachment",
    "image",
    "filter",
    "follow-tail",
    "wrap",
    "search",
    "refresh",
    "external",
    "save",
    "sun",
    "moon",
    "trash",
    "edit",
    "play",
}


def inks(image):
    """Return the colours of the pixels that are quite opaque."""
    found = set()
    for x in range(image.width()):
        for y in range(image.height()):
            pixel = image.pixelColor(x, y)
            if pixel.alpha() == 255:
                found.add(pixel.name())
    return found


def test_all_icons_are_there():
    assert set(NAMES) >= NEEDED


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_is_drawn_in_one_colour_inside_its_edges(name, theme):
    source = resources.path("icons", f"{name}.svg").read_text("utf-8")
    assert 'viewBox="0 0 20 20"' in source
    assert 'stroke-width="1.7"' in source
    assert not re.search(r"#[0-9a-fA-F]{3}", source)
    image = icon_pixmap(name, "#123456", 40).toImage()
    assert inks(image) == {"#123456"}
    edges = [image.pixelColor(x, y).alpha() for x in range(40) for y in (0, 39)]
    edges += [image.pixelColor(x, y).alpha() for x in (0, 39) for y in range(40)]
    assert not any(edges)


def test_pixmaps_are_sharp_at_the_devices_ratio(theme):
    pixmap = icon_pixmap("send", "#000000", 16, 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)
    scaled = icon("send").pixmap(QSize(16, 16), 2.0)
    assert scaled.width() == 32
    assert inks(scaled.toImage()) == {LIGHT.text.lower()}


def test_pixmaps_are_made_once(theme):
    first = icon_pixmap("send", "#000000", 18)
    assert icon_pixmap("send", "#000000", 18).cacheKey() == first.cacheKey()


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
    copy.addPixmap(icon_pixmap("check", "#000000"))  # makes Qt clone the engine
    show(button, 60, 60)
    assert not button.grab().isNull()


def test_tone_tokens_are_fields(theme):
    for tone in Tone:
        assert QColor(getattr(LIGHT, tone_token(tone))).name().upper() == LIGHT.foreground(tone)
