"""Sizes: the spacing grid, and everything that grows with the font."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics

BASE_PX = 13

TIGHT, SMALL, MEDIUM, LARGE, HUGE = 4, 8, 12, 16, 24
RADIUS, CARD_RADIUS = 6, 8


class Type(StrEnum):
    """The few sizes of type that there are."""

    BODY = "body"
    STRONG = "strong"
    TITLE = "title"
    SMALL = "small"
    MONO = "mono"


_SCALE = {Type.BODY: 13, Type.STRONG: 13, Type.TITLE: 16, Type.SMALL: 11, Type.MONO: 12}


@dataclass(frozen=True)
class Metrics:
    """All sizes that follow from one base size of type, in pixels of the desk's scale.

    Attributes:
        base: height of body type.
        family: the interface's font; ``fixed`` is the one for what came over a wire.
    """

    base: int
    family: str
    fixed: str

    def size(self, kind: Type) -> int:
        """Return the pixel size of ``kind``."""
        return max(1, round(self.base * _SCALE[kind] / BASE_PX))

    def font(self, kind: Type = Type.BODY, *, bold: bool = False, italic: bool = False) -> QFont:
        """Return the font of ``kind``."""
        font = QFont(self.fixed if kind is Type.MONO else self.family)
        font.setPixelSize(self.size(kind))
        font.setItalic(italic)
        if kind is Type.MONO:
            font.setStyleHint(QFont.StyleHint.Monospace)
        if bold or kind in (Type.STRONG, Type.TITLE):
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def measure(
        self, kind: Type = Type.BODY, *, bold: bool = False, italic: bool = False
    ) -> QFontMetrics:
        """Return the metrics of ``font(kind)``."""
        return QFontMetrics(self.font(kind, bold=bold, italic=italic))

    def line(self, kind: Type = Type.BODY) -> int:
        """Return the height of a line of ``kind``."""
        return self.measure(kind).height()

    def scaled(self, pixels: int) -> int:
        """Return a length that grows with the font, such as a column's width."""
        return round(pixels * self.base / BASE_PX)

    @property
    def control(self) -> int:
        """Height of a button or field: 34, or more where the font asks for it."""
        return max(34, self.line() + 2 * (SMALL + 1))

    @property
    def small_control(self) -> int:
        """Height of a control inside a page's body: 28 or more."""
        return max(28, self.line() + 12)

    @property
    def row(self) -> int:
        """Height of a table's row: 22 or more."""
        return max(22, max(self.line(Type.MONO), self.line()) + 7)

    @property
    def icon(self) -> int:
        """Edge of an icon beside body type."""
        return self.scaled(16)


def system_metrics(app_font: QFont, base: int | None = None) -> Metrics:
    """Return the metrics for the system's interface and fixed fonts.

    ``base`` overrides the system's size; without it small system fonts are taken as 13 pixels.
    """
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    return Metrics(
        base if base is not None else max(BASE_PX, QFontInfo(app_font).pixelSize()),
        QFontInfo(app_font).family(),
        QFontInfo(fixed).family(),
    )
