"""The tab MIME: the message as it will be sent, or as it was."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.message.attachments import human_size
from mailgui.transcript import visible
from mailgui.ui.compose.drafting import Preview
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.buttons import ToolWord
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset


class MimeTab(QWidget):
    """Shows a Preview.

    Attributes:
        octets: what is shown, octet for octet, where that is the whole message; else b"".
        code: the view.

    Signals:
        copy_asked: the whole message is wanted on the clipboard.
        save_asked: the whole message is wanted as a file.
    """

    copy_asked = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "mime")
        self.octets = b""
        self._words = ElidedLabel("", token="secondary")
        self._copy = ToolWord("Copy", name="mime-copy", icon_name="copy", words="Copy the message")
        self._save = ToolWord(
            "Save as .eml…", name="mime-save", icon_name="save", words="Save the message as a file"
        )
        self.notice = InlineNotice(name="mime-notice")
        self.code = CodeView(name="mime-text", accessible="The message as it is sent")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = QHBoxLayout()
        pad(strip, LARGE, SMALL, LARGE - 4, SMALL, spacing=2)
        strip.addWidget(self._words, 1)
        strip.addWidget(self._copy)
        strip.addWidget(self._save)
        layout.addLayout(strip)
        layout.addWidget(Inset(self.notice, LARGE, 0, LARGE, SMALL))
        layout.addWidget(self.code, 1)
        self._copy.clicked.connect(self.copy_asked)
        self._save.clicked.connect(self.save_asked)

    def show_preview(self, preview: Preview, *, sent: datetime | None, by_api: bool) -> None:
        """Show a message, or why there is none; ``sent`` is when it was."""
        for tool in (self._copy, self._save):
            tool.setEnabled(preview.problem is None)
        if preview.problem is not None:
            self.octets = b""
            self._words.set_text("")
            self.notice.say(visible(preview.problem.sentence), Tone.ATTENTION)
            self.code.set_text("")
            return
        if preview.octets is None or preview.size is None:
            return
        self.octets = preview.octets if preview.whole else b""
        self._words.set_text(_facts(preview, sent, by_api=by_api))
        self.notice.say(_remark(preview, by_api=by_api))
        text = _text(preview.octets)
        if text != self.code.whole_text():
            place = self.code.verticalScrollBar().value()
            self.code.set_text(text)
            self.code.verticalScrollBar().setValue(place)


def _facts(preview: Preview, sent: datetime | None, *, by_api: bool) -> str:
    size = preview.size or 0
    parts = [f"{size:,} octets" if preview.whole else f"{human_size(size)}, abridged"]
    if sent is not None:
        parts.append(f"as it was sent at {sent:%H:%M:%S}")
    elif not by_api:
        parts.append("as it will be sent")
    return " · ".join(parts)


def _remark(preview: Preview, *, by_api: bool) -> str:
    if by_api:
        return "An API takes the message as a request; by SMTP it would look like this."
    if not preview.whole:
        return "Of each file only the first lines are shown here; saving writes the whole message."
    return ""


def _text(octets: bytes) -> str:
    text = octets.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return visible(text, keep_newlines=True)
