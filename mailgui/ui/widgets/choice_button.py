"""Controls of the top bar that show a value and open a menu: a choice, and the profile picker."""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from mailgui.ui.metrics import MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.buttons import paint_chevron
from mailgui.ui.widgets.painting import elide_middle, paint_ground


class _FramedButton(QPushButton):
    """Paints the frame of a quiet button and leaves the inside to its children."""

    def frame(self, painter: QPainter) -> None:
        """Draw ground, border and focus ring as the style sheet has them."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)

    @staticmethod
    def chevron_room() -> int:
        """Return the width that the chevron and the air around it take."""
        return metrics().scaled(14) + 10 + SMALL

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class ChoiceButton(_FramedButton):
    """A label and the chosen value: "Stop after  Full send ▾".

    Signals:
        changed(str): another option was chosen; carries its key.
    """

    changed = Signal(str)

    def __init__(
        self,
        label: str,
        options: Iterable[tuple[str, str]] = (),
        *,
        name: str,
        small: bool = False,
        most: int = 0,
        spoken: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """``most``: the widest that a value gets, in pixels of the usual size; 0 for no bound.

        ``spoken``: what a screen reader says in the label's place.
        """
        super().__init__(parent)
        identify(self, name, spoken or label)
        self._spoken = spoken or label
        self._most = most
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if small:
            self.setProperty("small", "true")
        self._small = small
        self._label = label
        self._options: dict[str, str] = {}
        self._key = ""
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.set_options(options)

    @property
    def key(self) -> str:
        """The key of the chosen option."""
        return self._key

    def set_options(self, options: Iterable[tuple[str, str]]) -> None:
        """Offer ``(key, words)`` pairs; the chosen one stays when it is still among them."""
        self._options = dict(options)
        self._menu.clear()
        group = QActionGroup(self._menu)
        for key, words in self._options.items():
            action = self._menu.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setData(key)
            action.triggered.connect(lambda _checked=False, key=key: self._chosen(key))
            group.addAction(action)
        first = next(iter(self._options), "")
        self.set_key(self._key if self._key in self._options else first)

    def set_key(self, key: str) -> None:
        """Choose an option without telling anyone. Unknown keys are ignored."""
        if key not in self._options and key != "":
            return
        self._key = key
        for action in self._menu.actions():
            action.setChecked(action.data() == key)
        words = self._options.get(key, "")
        self.setAccessibleName(": ".join(filter(None, (self._spoken, words))))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        sizes = metrics()
        measure = sizes.measure()
        label = measure.horizontalAdvance(self._label) + SMALL if self._label else 0
        values = [measure.horizontalAdvance(words) for words in self._options.values()]
        value = max(values, default=0)
        if self._most:
            value = min(value, sizes.scaled(self._most))
        width = MEDIUM + label + value + self.chevron_room()
        return QSize(width, sizes.small_control if self._small else sizes.control)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes = tokens(), metrics()
        painter = QPainter(self)
        self.frame(painter)
        painter.setFont(sizes.font())
        rect = self.rect().adjusted(MEDIUM, 0, -self.chevron_room(), 0)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if self._label:
            painter.setPen(QColor(table.secondary))
            painter.drawText(rect, align, self._label)
            rect.setLeft(rect.left() + sizes.measure().horizontalAdvance(self._label) + SMALL)
        painter.setPen(QColor(table.text if self.isEnabled() else table.secondary))
        value = elide_middle(self._options.get(self._key, ""), sizes.measure(), rect.width() + 1)
        painter.drawText(rect, align, value)
        paint_chevron(painter, self.rect(), enabled=self.isEnabled())
        painter.end()

    def _chosen(self, key: str) -> None:
        if key != self._key:
            self.set_key(key)
            self.changed.emit(key)


class PickerButton(_FramedButton):
    """A mark, a name and a quiet detail, such as the profile to send with.

    Whoever uses it sets its menu.
    """

    def __init__(self, *, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._accessible = accessible
        self._title = ""
        self._detail = ""
        self._tone = Tone.NEUTRAL

    def set_value(self, title: str, detail: str = "", tone: Tone = Tone.NEUTRAL) -> None:
        """Show a name, what kind of thing it is, and the colour of its mark."""
        self._title, self._detail, self._tone = title, detail, tone
        self.setAccessibleName(f"{self._accessible}: {title}, {detail}".rstrip(", "))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        sizes = metrics()
        words = sizes.measure(Type.STRONG).horizontalAdvance(self._title)
        words += sizes.measure().horizontalAdvance(self._detail)
        needed = words + sizes.scaled(8) + 4 * MEDIUM + self.chevron_room()
        return QSize(min(max(needed, sizes.scaled(290)), sizes.scaled(400)), sizes.control)

    def minimumSizeHint(self) -> QSize:
        sizes = metrics()
        return QSize(sizes.scaled(220), sizes.control)

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes = tokens(), metrics()
        painter = QPainter(self)
        self.frame(painter)
        dot = sizes.scaled(8)
        middle = self.rect().center().y()
        mark = QRect(MEDIUM, middle - dot // 2 + 1, dot, dot)
        paint_ground(painter, mark, table.foreground(self._tone), radius=dot // 2)
        rect = self.rect().adjusted(MEDIUM + dot + 10, 0, -self.chevron_room(), 0)
        align = Qt.AlignmentFlag.AlignVCenter
        strong, body = sizes.measure(Type.STRONG), sizes.measure()
        title = elide_middle(self._title, strong, rect.width())
        painter.setFont(sizes.font(Type.STRONG))
        painter.setPen(QColor(table.text))
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignLeft, title)
        rect.setLeft(rect.left() + strong.horizontalAdvance(title) + MEDIUM)
        if rect.width() > sizes.scaled(40):
            painter.setFont(sizes.font())
            painter.setPen(QColor(table.secondary))
            detail = elide_middle(self._detail, body, rect.width())
            painter.drawText(rect, align | Qt.AlignmentFlag.AlignRight, detail)
        paint_chevron(painter, self.rect(), enabled=self.isEnabled())
        painter.end()
