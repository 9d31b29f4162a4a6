"""The rail at the left: the pages of the window, icon over word."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import CARD_RADIUS, MEDIUM, SMALL, TIGHT, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.widgets.basics import identify, pad, tip
from mailgui.ui.widgets.painting import paint_focus, paint_ground

WIDTH = 92


class _RailButton(QAbstractButton):
    def __init__(self, key: str, words: str, icon_name: str, name: str) -> None:
        super().__init__()
        identify(self, name, words)
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.key = key
        self._icon = icon_name

    def sizeHint(self) -> QSize:
        sizes = metrics()
        height = sizes.scaled(20) + TIGHT + sizes.line(Type.SMALL) + 2 * (SMALL + 1)
        width = max(
            sizes.scaled(WIDTH) - 2 * SMALL - 1,
            sizes.measure(Type.SMALL).horizontalAdvance(self.text()) + SMALL,
        )
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        table, sizes = tokens(), metrics()
        painter = QPainter(self)
        if self.isChecked():
            paint_ground(painter, self.rect(), table.selection, radius=CARD_RADIUS)
        elif self.underMouse() and self.isEnabled():
            paint_ground(painter, self.rect(), table.sunken, radius=CARD_RADIUS)
        value = table.accent if self.isChecked() else table.secondary
        edge = sizes.scaled(20)
        inside = self.rect().adjusted(0, SMALL + 1, 0, -SMALL)
        picture = inside.adjusted(0, 0, 0, 0)
        picture.setHeight(edge)
        paint_icon(painter, self._icon, picture, value)
        painter.setFont(sizes.font(Type.SMALL))
        painter.setPen(QColor(value))
        words = inside.adjusted(0, edge + TIGHT - 1, 0, 0)
        align = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(words, align, self.text())
        if self.hasFocus():
            paint_focus(painter, self.rect(), radius=CARD_RADIUS)
        painter.end()


class Rail(QFrame):
    """The window's pages; arrow keys move between them.

    Signals:
        chosen(str): a page was chosen; carries its key.
    """

    chosen = Signal(str)

    def __init__(self, *, name: str = "rail", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Pages")
        self._layout = QVBoxLayout(self)
        pad(self._layout, SMALL, MEDIUM, SMALL + 1, MEDIUM, spacing=TIGHT)
        self._layout.addStretch(1)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, _RailButton] = {}
        self._tops = 0
        self._group.buttonClicked.connect(self._clicked)

    def add(
        self, key: str, words: str, icon_name: str, *, shortcut: str = "", bottom: bool = False
    ) -> None:
        """Add a page; ``bottom`` ones stand below, apart. ``shortcut`` is only shown."""
        button = _RailButton(key, words, icon_name, f"rail-{key}")
        button.setToolTip(tip(f"{words} ({shortcut})" if shortcut else words))
        self._buttons[key] = button
        self._group.addButton(button)
        if bottom:
            self._layout.addWidget(button)
        else:
            self._layout.insertWidget(self._tops, button)
            self._tops += 1
        if len(self._buttons) == 1:
            button.setChecked(True)

    @property
    def key(self) -> str:
        """The page in front."""
        checked = self._group.checkedButton()
        return checked.key if isinstance(checked, _RailButton) else ""

    def set_key(self, key: str) -> None:
        """Mark a page as the one in front, without telling anyone."""
        self._buttons[key].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        keys = self._in_order()
        if not step or self.key not in keys:
            super().keyPressEvent(event)
            return
        key = keys[(keys.index(self.key) + step) % len(keys)]
        self._buttons[key].setFocus()
        self._buttons[key].click()

    def paintEvent(self, event: QPaintEvent) -> None:
        table, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(table.window))
        painter.setPen(QColor(table.border))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())
        painter.end()

    def _in_order(self) -> list[str]:
        items = [self._layout.itemAt(index) for index in range(self._layout.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget.key for widget in widgets if isinstance(widget, _RailButton)]

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, _RailButton):
            self.chosen.emit(button.key)
