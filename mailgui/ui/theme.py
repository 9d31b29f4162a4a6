"""Light and dark: follows the system's scheme unless told otherwise, and restyles at run time."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from mailgui.ui.metrics import BASE_PX, Metrics, system_metrics
from mailgui.ui.style_sheet import style_sheet
from mailgui.ui.tokens import DARK, LIGHT, Tokens


class Choice(StrEnum):
    """What the person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass
class _Current:
    """What is in force. Widgets that paint read it while painting, so they are never stale."""

    tokens: Tokens
    metrics: Metrics | None


_current = _Current(LIGHT, None)


def tokens() -> Tokens:
    """Return the colours in force."""
    return _current.tokens


def metrics() -> Metrics:
    """Return the sizes in force."""
    if _current.metrics is None:
        _current.metrics = system_metrics(QApplication.font(), BASE_PX)
    return _current.metrics


def color(value: str, alpha: float = 1.0) -> QColor:
    """Return a token as a QColor, ``alpha`` between 0 and 1."""
    made = QColor(value)
    made.setAlphaF(alpha)
    return made


def restyle(widget: QWidget) -> None:
    """Apply the style sheet again, after a dynamic property has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def palette_for(table: Tokens) -> QPalette:
    """Return the palette that says the same as the style sheet."""
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, value in {
        roles.Window: table.window,
        roles.WindowText: table.text,
        roles.Base: table.base,
        roles.AlternateBase: table.sunken,
        roles.Text: table.text,
        roles.Button: table.base,
        roles.ButtonText: table.text,
        roles.BrightText: table.broken,
        roles.Highlight: table.selection,
        roles.HighlightedText: table.text,
        roles.Link: table.accent,
        roles.LinkVisited: table.accent,
        roles.ToolTipBase: table.base,
        roles.ToolTipText: table.text,
        roles.PlaceholderText: table.secondary,
        roles.Accent: table.accent,
        roles.Light: table.base,
        roles.Midlight: table.sunken,
        roles.Mid: table.border,
        roles.Dark: table.border,
        roles.Shadow: table.sunken,
    }.items():
        palette.setColor(role, QColor(value))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(table.secondary))
    return palette


class Theme(QObject):
    """The application's look: one per application.

    Attributes:
        choice: what the person chose.
        dark: what is in force.

    Signals:
        changed: another scheme or size of type is in force; everything has been restyled.
    """

    changed = Signal()

    def __init__(
        self, app: QApplication, choice: Choice = Choice.SYSTEM, *, base_px: int | None = None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._system_font = app.font()
        self._system_was_dark = _looks_dark(app.palette())
        self._base_px = base_px
        self._dressed: list[QApplication | QWidget] = []
        self.choice = choice
        self.dark = False
        if app.style().objectName().lower() != "fusion":
            app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._tell_system()
        self._apply()

    def dress(self, target: QApplication | QWidget) -> None:
        """Style a window and what is or will be in it, or the whole application.

        While the application has a style sheet, Qt styles a part of a page anew each time it is
        put into a larger part, and a page takes several times as long to make: the program
        dresses its window. The application is for where there are many small ones.
        """
        if target not in self._dressed:
            self._dressed.append(target)
        target.setStyleSheet(style_sheet(tokens(), metrics()))

    def set_choice(self, choice: Choice) -> None:
        """Follow the system, or keep to light or dark."""
        if choice is not self.choice:
            self.choice = choice
            self._tell_system()
            self._apply()

    def set_base_px(self, base_px: int | None) -> None:
        """Set the size of body type in pixels; None for the system's."""
        if base_px != self._base_px:
            self._base_px = base_px
            self._apply()

    @Slot()
    def _system_changed(self) -> None:
        if self.choice is Choice.SYSTEM:
            self._apply()

    def _tell_system(self) -> None:
        """Ask the platform to follow, for title bars and native dialogs. Some do not answer."""
        wanted = {
            Choice.SYSTEM: Qt.ColorScheme.Unknown,
            Choice.LIGHT: Qt.ColorScheme.Light,
            Choice.DARK: Qt.ColorScheme.Dark,
        }[self.choice]
        self._app.styleHints().setColorScheme(wanted)

    def _wants_dark(self) -> bool:
        if self.choice is not Choice.SYSTEM:
            return self.choice is Choice.DARK
        scheme = self._app.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return self._system_was_dark
        return scheme is Qt.ColorScheme.Dark

    def _apply(self) -> None:
        self.dark = self._wants_dark()
        table = DARK if self.dark else LIGHT
        sizes = system_metrics(self._system_font, self._base_px)
        if table is _current.tokens and sizes == _current.metrics:
            return
        _current.tokens = table
        _current.metrics = sizes
        self._app.setFont(sizes.font())
        self._app.setPalette(palette_for(table))
        self._dressed = [each for each in self._dressed if isValid(each)]
        for each in self._dressed:
            each.setStyleSheet("")  # replacing one sheet by another takes Qt far longer
            each.setStyleSheet(style_sheet(table, sizes))
        self.changed.emit()


def _looks_dark(palette: QPalette) -> bool:
    ground = palette.color(QPalette.ColorRole.Window)
    return ground.lightness() < palette.color(QPalette.ColorRole.WindowText).lightness()
