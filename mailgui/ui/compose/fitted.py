"""A part of a column that is as tall as it wants to be, and scrolls when the column is short."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from mailgui.ui.widgets.basics import identify


class Fitted(QScrollArea):
    """Holds one widget; gives way down to ``least`` pixels.

    ``telling``: what is inside and says something that must be seen: it is scrolled to.
    """

    def __init__(
        self, widget: QWidget, *, least: int, name: str, telling: QWidget | None = None
    ) -> None:
        super().__init__()
        identify(self, name)
        self._least, self._telling = least, telling
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        widget.setProperty("kind", "plain")
        policy = QSizePolicy.Policy
        widget.setSizePolicy(policy.Expanding, policy.Minimum)  # it scrolls, it is not squeezed
        self._content: QWidget = widget
        self.setWidget(widget)
        widget.installEventFilter(self)
        if telling is not None:
            telling.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(self._content.sizeHint().width(), self._wanted())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._least, self._wanted()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._keep_whole()
            self.updateGeometry()
        if watched is self._telling and event.type() == QEvent.Type.ShowToParent:
            QTimer.singleShot(0, self, self._tell)  # once it has its place
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_whole()

    def _keep_whole(self) -> None:
        # By itself Qt would take the height of wrapped words at their narrowest, or squeeze fields.
        wanted = self._wanted()
        if wanted != self._content.minimumHeight():
            self._content.setMinimumHeight(wanted)

    @Slot()
    def _tell(self) -> None:
        if self._telling is not None and not self._telling.isHidden():
            self.ensureWidgetVisible(self._telling, 0, 0)

    def _wanted(self) -> int:
        content, width = self._content, self.viewport().width()
        if content.hasHeightForWidth():
            return content.heightForWidth(width)
        return content.sizeHint().height()
