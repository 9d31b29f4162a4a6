"""Buttons: one primary to a page, everything else quiet."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyleOptionButton, QToolButton, QWidget

from mailgui.ui.icons import icon, paint_icon
from mailgui.ui.metrics import LARGE, RADIUS, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, tip
from mailgui.ui.widgets.painting import paint_focus, paint_ground


class PrimaryButton(QPushButton):
    """The page's one primary action, with its shortcut written on it.

    The shortcut's words are only shown; whoever owns the action makes the shortcut.
    """

    def __init__(
        self, text: str, hint: str = "", *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        identify(self, name, text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._hint = hint

    def set_hint(self, hint: str) -> None:
        """Change the shortcut's words."""
        self._hint = hint
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        sizes = metrics()
        width = sizes.measure(Type.STRONG).horizontalAdvance(self.text()) + 2 * (LARGE - 1)
        if self._hint:
            width += SMALL + sizes.measure(Type.SMALL).horizontalAdvance(self._hint)
        return QSize(width + 2, sizes.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes = tokens(), metrics()
        painter = QPainter(self)
        usable = self.isEnabled()
        ground = QColor(table.accent if usable else table.sunken)
        if usable and (self.isDown() or self.underMouse()):
            # Away from the words' colour, so that the contrast only grows.
            darker = QColor(table.on_accent).lightness() > ground.lightness()
            ground = ground.darker(112) if darker else ground.lighter(106)
        border = "" if usable else table.border
        paint_ground(painter, self.rect(), ground.name(), radius=RADIUS, border=border)
        ink = QColor(table.on_accent if usable else table.secondary)
        painter.setPen(ink)
        painter.setFont(sizes.font(Type.STRONG))
        words = self.rect().adjusted(LARGE, 0, -LARGE + 1, 0)
        align = Qt.AlignmentFlag.AlignVCenter
        if self._hint:
            painter.drawText(words, align | Qt.AlignmentFlag.AlignLeft, self.text())
            painter.setFont(sizes.font(Type.SMALL))
            painter.drawText(words, align | Qt.AlignmentFlag.AlignRight, self._hint)
        else:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect().adjusted(2, 2, -2, -2), value=ink.name(), radius=4)
        painter.end()


class QuietButton(QPushButton):
    """Any other button. ``small`` ones stand inside a page's body."""

    def __init__(
        self,
        text: str,
        *,
        name: str,
        icon_name: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        # A little air between the sign and the words.
        super().__init__(f" {text}" if icon_name else text, parent)
        identify(self, name, text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if small:
            self.setProperty("small", "true")
        if icon_name:
            self.setIcon(icon(icon_name))
            self._size_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._size_icon()

    def _size_icon(self) -> None:
        edge = metrics().icon
        self.setIconSize(QSize(edge, edge))


class MenuButton(QuietButton):
    """A quiet button that opens a menu, and shows that it does."""

    def __init__(
        self, text: str, *, name: str, small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, name=name, small=small, parent=parent)
        self.setProperty("kind", "menu")

    def initStyleOption(self, option: QStyleOptionButton) -> None:  # noqa: N802 - Qt's name
        # Otherwise the style makes room for its own arrow, and the words lose their margin.
        super().initStyleOption(option)
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        paint_chevron(painter, self.rect(), enabled=self.isEnabled())
        painter.end()


class LinkButton(QPushButton):
    """A word to press, in the accent's colour; ``flush`` ones begin where a text would."""

    def __init__(
        self, text: str, *, name: str, flush: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        identify(self, name, text)
        self.setProperty("kind", "link")
        if flush:
            self.setProperty("flush", "true")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class IconButton(QToolButton):
    """A sign to press; its words are in the tool tip and the accessible name."""

    def __init__(
        self,
        icon_name: str,
        words: str,
        *,
        name: str,
        checkable: bool = False,
        edge: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, words)
        self.setProperty("kind", "icon")
        self.setToolTip(tip(words))
        self.setCheckable(checkable)
        self.setIcon(icon(icon_name, "secondary"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._edge = edge
        self._size_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._size_icon()

    def _size_icon(self) -> None:
        edge = metrics().scaled(self._edge)
        self.setIconSize(QSize(edge, edge))


class ToolWord(QToolButton):
    """A quiet word in a tool strip, such as Follow or Copy, with an icon where it helps."""

    def __init__(
        self,
        text: str,
        *,
        name: str,
        icon_name: str = "",
        checkable: bool = False,
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        identify(self, name, words or text)
        self.setProperty("kind", "tool")
        # A little air between the sign and the word.
        self.setText(f" {text}" if icon_name else text)
        self.setToolTip(tip(words))
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if icon_name:
            self.setIcon(icon(icon_name, "secondary"))
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._size_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._size_icon()

    def _size_icon(self) -> None:
        edge = metrics().scaled(14)
        self.setIconSize(QSize(edge, edge))


def paint_chevron(painter: QPainter, rect: QRect, *, enabled: bool = True) -> None:
    """Draw the small arrow of a control that opens, at the right of ``rect``."""
    edge = metrics().scaled(14)
    where = QRect(rect.right() - 10 - edge, rect.center().y() - edge // 2 + 1, edge, edge)
    table = tokens()
    paint_icon(painter, "chevron-down", where, table.text if enabled else table.secondary)
