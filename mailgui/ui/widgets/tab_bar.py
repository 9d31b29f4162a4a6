"""Tabs as words with a line under the chosen one, and the pages that belong to them."""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from mailgui.ui.icons import paint_icon
from mailgui.ui.metrics import MEDIUM, Type
from mailgui.ui.theme import metrics, tokens
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import bar, identify, pad
from mailgui.ui.widgets.painting import paint_focus, paint_pill, pill_size

_GAP = 6
_SIDE = MEDIUM - 1


class _Scroller(QObject):
    """Paints one of the two buttons that move tabs into sight, as the window's other arrows."""

    def __init__(self, button: QToolButton, picture: str) -> None:
        super().__init__(button)
        self._button, self._picture = button, picture
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys move along the tabs
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint:
            return False
        button, table = self._button, tokens()
        painter = QPainter(button)
        painter.fillRect(button.rect(), QColor(table.window))
        edge = metrics().scaled(16)
        where = QRect(0, 0, edge, edge)
        where.moveCenter(button.rect().center())
        ink = table.text if button.underMouse() and button.isEnabled() else table.secondary
        opacity = 1.0 if button.isEnabled() else 0.35
        paint_icon(painter, self._picture, where, ink, opacity=opacity)
        painter.end()
        return True


class TabBar(QTabBar):
    """Tabs known by a key; each may carry a count in a tone.

    Signals:
        chosen(str): another tab is in front; carries its key.
    """

    chosen = Signal(str)

    def __init__(self, *, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, accessible)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        for button in self.findChildren(QToolButton):
            left = "Left" in button.objectName()
            _Scroller(button, "chevron-left" if left else "chevron-right")
        self._keys: list[str] = []
        self._counts: dict[str, tuple[str, Tone]] = {}
        self.currentChanged.connect(self._changed)

    def add(self, key: str, words: str) -> None:
        """Add a tab at the end."""
        self._keys.append(key)
        index = self.addTab(words)
        self.setTabData(index, key)

    @property
    def key(self) -> str:
        """The key of the tab in front."""
        index = self.currentIndex()
        return self._keys[index] if 0 <= index < len(self._keys) else ""

    def set_key(self, key: str) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(self._keys.index(key))

    def set_count(self, key: str, count: int | str, tone: Tone = Tone.INFO) -> None:
        """Put a count beside a tab's words; 0 or an empty string takes it away."""
        text = str(count) if count else ""
        if self._counts.get(key) == (text, tone):
            return
        self._counts[key] = (text, tone)
        index = self._keys.index(key)
        words = self.tabText(index)
        self.setAccessibleTabName(index, f"{words}, {text}" if text else words)
        self._remeasure()

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide a tab."""
        self.setTabVisible(self._keys.index(key), shown)

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        sizes = metrics()
        # Measured as strong, so that nothing moves when another tab comes to the front.
        width = sizes.measure(Type.STRONG).horizontalAdvance(self.tabText(index)) + 2 * _SIDE
        key = self._keys[index] if index < len(self._keys) else ""
        count = self._counts.get(key, ("", Tone.INFO))[0]
        if count:
            width += _GAP + pill_size(count).width()
        return QSize(width, sizes.control + 4)

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        return self.tabSizeHint(index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._remeasure()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for index in range(self.count()):
            if self.isTabVisible(index):
                self._paint_tab(painter, index)
        painter.end()

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        table, sizes = tokens(), metrics()
        rect = self.tabRect(index)
        front = index == self.currentIndex()
        over = self.isTabEnabled(index) and rect.contains(self.mapFromGlobal(self.cursor().pos()))
        kind = Type.STRONG if front else Type.BODY
        painter.setFont(sizes.font(kind))
        painter.setPen(QColor(table.text if front or over else table.secondary))
        words = self.tabText(index)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect.adjusted(_SIDE, 0, 0, 0), align, words)
        count, tone = self._counts.get(self._keys[index], ("", Tone.INFO))
        if count:
            left = rect.left() + _SIDE + sizes.measure(kind).horizontalAdvance(words) + _GAP
            size = pill_size(count)
            top = rect.top() + (rect.height() - size.height()) // 2
            paint_pill(painter, QRect(left, top, size.width(), size.height()), count, tone)
        if front:
            line = QRect(rect.left(), rect.bottom() - 1, rect.width(), 2)
            painter.fillRect(line, QColor(table.accent))
            if self.hasFocus():
                paint_focus(painter, rect.adjusted(2, 4, -2, -5))

    @Slot(int)
    def _changed(self, index: int) -> None:
        if 0 <= index < len(self._keys):
            self.chosen.emit(self._keys[index])

    def _remeasure(self) -> None:
        # QTabBar measures its tabs again only when one of them changes.
        if self.count():
            self.setTabText(0, self.tabText(0))
        self.updateGeometry()
        self.update()


class TabPanel(QWidget):
    """A tab bar with its pages.

    Attributes:
        tabs: the bar; its ``chosen`` signal tells which page is in front.
    """

    def __init__(self, *, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar("bar")
        inside = QVBoxLayout(strip)
        pad(inside, MEDIUM, 0, MEDIUM, 0)
        self.tabs = TabBar(name=f"{name}-tabs", accessible=accessible)
        inside.addWidget(self.tabs)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        layout.addWidget(strip)
        layout.addWidget(self._stack, 1)
        self.tabs.chosen.connect(self._show)

    def add(self, key: str, words: str, page: QWidget) -> None:
        """Add a page under a tab."""
        self._pages[key] = page
        self._stack.addWidget(page)
        self.tabs.add(key, words)

    def page(self, key: str) -> QWidget:
        """Return the page of a tab."""
        return self._pages[key]

    @Slot(str)
    def _show(self, key: str) -> None:
        if key in self._pages:
            self._stack.setCurrentWidget(self._pages[key])
