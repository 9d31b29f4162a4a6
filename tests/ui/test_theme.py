import dataclasses
from itertools import product

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QMainWindow, QPushButton

from mailgui.findings import Severity, Verdict
from mailgui.transcript import Outcome
from mailgui.ui.metrics import BASE_PX, Type, system_metrics
from mailgui.ui.style_sheet import style_sheet
from mailgui.ui.theme import Choice, Theme, metrics, palette_for, tokens
from mailgui.ui.tokens import (
    DARK,
    LIGHT,
    Tone,
    outcome_tone,
    severity_tone,
    severity_word,
    tone_icon,
    verdict_tone,
    verdict_word,
)


def luminance(value):
    def channel(part):
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("window", "base", "sunken")
TONED = ("pass_ground", "attention_ground", "broken_ground", "info_ground")
PAIRS = [
    *product(
        (
            "text",
            "secondary",
            "accent",
            "sent",
            "received",
            "passed",
            "attention",
            "broken",
            "info",
        ),
        GROUNDS,
    ),
    *product(("text", "secondary", "accent", "sent", "received", "info"), ["selection"]),
    *product(("text", "accent"), TONED),
    *product(("secondary",), ("broken_ground",)),  # the times of a failed row
    ("attention", "selection"),  # values of a chosen row of a JSON tree
    ("on_accent", "accent"),
    ("passed", "pass_ground"),
    ("attention", "attention_ground"),
    ("broken", "broken_ground"),
    ("info", "info_ground"),
]


@pytest.mark.parametrize("table", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids="-on-".join)
def test_every_pair_in_use_has_contrast(table, ink, ground):
    assert contrast(getattr(table, ink), getattr(table, ground)) >= 4.5


def test_the_contrast_formula_against_known_values():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_a_hovered_primary_button_keeps_its_contrast():
    for table in (LIGHT, DARK):
        accent = QColor(table.accent)
        darker = QColor(table.on_accent).lightness() > accent.lightness()
        over = accent.darker(112) if darker else accent.lighter(106)
        assert contrast(table.on_accent, over.name()) >= contrast(table.on_accent, table.accent)


def test_tables_are_frozen_and_complete():
    with pytest.raises(dataclasses.FrozenInstanceError):
        LIGHT.text = "#000000"
    for table in (LIGHT, DARK):
        for field in dataclasses.fields(table):
            assert QColor(getattr(table, field.name)).isValid()


def test_every_word_of_the_closed_lists_has_a_tone_a_word_and_a_sign():
    for verdict in Verdict:
        assert verdict_tone(verdict) in Tone
        assert verdict_word(verdict)
    for severity in Severity:
        assert severity_tone(severity) in Tone
        assert severity_word(severity)
    assert all(outcome_tone(outcome) in Tone for outcome in Outcome)
    assert len({tone_icon(tone) for tone in Tone}) == len(Tone)


def test_switching_restyles_what_is_already_there(theme, show, qapp):
    label = show(QLabel("x"))

    class Watch(QObject):
        seen = 0

        def eventFilter(self, watched, event):
            self.seen += event.type() == QEvent.Type.StyleChange
            return False

    watch = Watch()
    label.installEventFilter(watch)
    changes = []
    theme.changed.connect(lambda: changes.append(tokens()))
    theme.set_choice(Choice.DARK)
    assert changes == [DARK]
    assert theme.dark
    assert watch.seen >= 1
    assert label.palette().color(QPalette.ColorRole.WindowText).name().upper() == DARK.text
    assert DARK.window in qapp.styleSheet()
    assert LIGHT.window not in qapp.styleSheet()
    theme.set_choice(Choice.DARK)
    assert len(changes) == 1


def test_system_choice_reads_the_palette_where_the_platform_says_nothing(theme, qapp):
    qapp.setPalette(palette_for(DARK))
    dark = Theme(qapp, Choice.SYSTEM, base_px=BASE_PX)
    assert dark.dark
    qapp.setPalette(palette_for(LIGHT))
    light = Theme(qapp, Choice.SYSTEM, base_px=BASE_PX)
    assert not light.dark
    dark.deleteLater()
    light.deleteLater()


def test_sizes_grow_with_the_font(theme, show):
    button = show(QPushButton("Send"))
    before = metrics()
    small = button.sizeHint().height()
    assert (before.control, before.small_control, before.row) == (34, 28, 22)
    assert small == 34
    theme.set_base_px(BASE_PX * 2)
    after = metrics()
    assert after.size(Type.SMALL) == 22
    assert after.row >= after.line() + 4
    assert after.control > after.line() + 12
    assert button.sizeHint().height() == after.control


def test_small_system_fonts_are_taken_as_the_base_size(qapp):
    font = qapp.font()
    font.setPixelSize(9)
    assert system_metrics(font).base == BASE_PX
    font.setPixelSize(20)
    assert system_metrics(font).base == 20


def test_the_style_sheet_parses(theme, qapp, qtlog):
    # Qt only complains in its log, which fails this test.
    for table in (LIGHT, DARK):
        qapp.setStyleSheet(style_sheet(table, metrics()))
    assert not [record for record in qtlog.records if "parse" in record.message]


def test_a_dressed_window_has_the_look_and_the_application_needs_none(undressed, qapp, qtbot):
    window, late = QMainWindow(), QLabel("x")
    qtbot.addWidget(window)
    own = Theme(qapp, Choice.LIGHT, base_px=BASE_PX)
    own.dress(window)
    assert qapp.styleSheet() == ""
    late.setProperty("tone", "broken")
    window.setCentralWidget(late)
    with qtbot.waitExposed(window):
        window.show()
    ink = QPalette.ColorRole.WindowText
    assert late.palette().color(ink).name().upper() == LIGHT.broken
    own.set_choice(Choice.DARK)
    assert late.palette().color(ink).name().upper() == DARK.broken
    assert qapp.styleSheet() == ""
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    own.set_choice(Choice.LIGHT)  # nothing is left to dress
    own.deleteLater()
