"""A part of a column that is as tall as it wants to be, and scrolls when the column is short."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from mailgui.ui.widgets.basics import identify


class Fitted(QScrollArea):
    """Holds one widget; gives way down to ``least`` pixels."""

    def __init__(self, widget: QWidget, *, least: int, name: str) -> None:
        super().__init__()
        identify(self, name)
        self._least = least
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        widget.setProperty("kind", "plain")
        policy = QSizePolicy.Policy
        widget.setSizePolicy(policy.Expanding, policy.Minimum)  # it scrolls, it is not squeezed
        widget.setMinimumHeight(1)  # else that of wrapped words at their narrowest would count
        self._content: QWidget = widget
        self.setWidget(widget)
        widget.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(self._content.sizeHint().width(), self._wanted())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._least, self._wanted()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _wanted(self) -> int:
        content, width = self._content, self.viewport().width()
        if content.hasHeightForWidth():
            return content.heightForWidth(width)
        return content.sizeHint().height()
