"""A layout that sets its widgets side by side and breaks into further lines."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines of widgets; the last widget takes what is left of its line when it wants to.

    ``gap`` lies between widgets and lines. The widget whose layout it is keeps the height of all
    its lines, however short the room: Qt would leave it that of one.
    """

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def insert_widget(self, index: int, widget: QWidget) -> None:
        """Put ``widget`` at ``index``."""
        self.addWidget(widget)
        self._items.insert(index, self._items.pop())
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 - Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        inside = width - margins.left() - margins.right()
        needed = self._arrange(QRect(0, 0, inside, 0), move=False)
        return needed + margins.top() + margins.bottom()

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        super().setGeometry(rect)
        margins = self.contentsMargins()
        needed = self._arrange(rect.marginsRemoved(margins), move=True)
        whole, needed = self.parentWidget(), needed + margins.top() + margins.bottom()
        if whole is not None and whole.layout() is self and whole.minimumHeight() != needed:
            whole.setMinimumHeight(needed)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        lines = self._lines(rect.width())
        top = rect.top()
        for line in lines:
            height = max(item.sizeHint().height() for item in line)
            left = rect.left()
            for item in line:
                size = item.sizeHint().boundedTo(QSize(rect.width(), height))
                if item.expandingDirections() & Qt.Orientation.Horizontal:
                    size.setWidth(max(0, rect.right() + 1 - left))
                if move:
                    offset = (height - size.height()) // 2
                    item.setGeometry(QRect(QPoint(left, top + offset), size))
                left += size.width() + self._gap
            top += height + self._gap
        return max(0, top - self._gap - rect.top())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        room = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wanted = item.sizeHint().width()
            if not lines or (wanted and wanted > room):
                lines.append([])
                room = width
            lines[-1].append(item)
            room -= wanted + self._gap
        return lines
