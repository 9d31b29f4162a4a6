"""A widget with air around it; the air goes when the widget goes."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from mailgui.ui.widgets.basics import pad


class Inset(QWidget):
    """Holds one widget and is there as long as that is. Margins: left, top, right, bottom."""

    def __init__(self, widget: QWidget, *margins: int) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QVBoxLayout(self)
        pad(layout, *margins)
        layout.addWidget(widget)
        self.setVisible(not widget.isHidden())
        widget.installEventFilter(self)
        self._widget = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._widget:
            if event.type() == QEvent.Type.ShowToParent:
                self.show()
            elif event.type() == QEvent.Type.HideToParent:
                self.hide()
        return False
