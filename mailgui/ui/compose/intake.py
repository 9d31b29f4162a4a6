"""Takes files that are dragged onto the message or pasted into it, wherever that is."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from mailgui.ui.widgets.attachment_strip import dropped_files

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class FileIntake(QObject):
    """Watches a pane and its editors.

    Signals:
        files(list): paths that were dropped or pasted.
        image(bytes): a picture that was pasted, as PNG.
        hovering(bool): files are over the pane, or no longer.
    """

    files = Signal(list)
    image = Signal(bytes)
    hovering = Signal(bool)

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        pane.setAcceptDrops(True)
        pane.installEventFilter(self)

    def watch(self, widget: QWidget) -> None:
        """Watch a field: text may still be dropped and pasted into it, files come here."""
        widget.installEventFilter(self)
        if isinstance(widget, QPlainTextEdit):
            widget.viewport().installEventFilter(self)
        elif isinstance(widget, QLineEdit):
            widget.setAcceptDrops(False)  # so that the pane gets what is dropped

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        elif isinstance(event, QDropEvent):
            return self._dragged(event)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return event.matches(QKeySequence.StandardKey.Paste) and self.paste()
        return False

    def paste(self) -> bool:
        """Take files or a picture from the clipboard; return whether there was such a thing."""
        data = QGuiApplication.clipboard().mimeData()
        return data is not None and self.take(data)

    def take(self, data: QMimeData) -> bool:
        """Take files or a picture; return whether there was such a thing."""
        paths = _local(data)
        if paths:
            self.files.emit(paths)
            return True
        if data.hasImage() and not data.hasText() and not data.hasHtml():
            octets = _png(QImage(data.imageData()))
            if octets:
                self.image.emit(octets)
                return True
        return False

    def _dragged(self, event: QDropEvent) -> bool:
        paths = _local(event.mimeData())
        if not paths:
            return False
        event.acceptProposedAction()
        self.hovering.emit(event.type() in _DRAGS)
        if event.type() == QEvent.Type.Drop:
            self.files.emit(paths)
        return True


def _local(data: QMimeData) -> list[Path]:
    return dropped_files(data) if data.hasUrls() else []


def _png(image: QImage) -> bytes:
    octets = QByteArray()
    buffer = QBuffer(octets)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants octets, Qt a str
    return bytes(octets.data())
