"""The left side of the page: everything that makes the message."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.findings import Finding
from mailgui.message.draft import Attachment, Draft, DraftProblem
from mailgui.transcript import visible
from mailgui.ui.compose.api_words import losses_words
from mailgui.ui.compose.attachments import Attachments
from mailgui.ui.compose.body_tabs import BodyTabs
from mailgui.ui.compose.drafting import Preview
from mailgui.ui.compose.fields import HeadFields
from mailgui.ui.compose.findings_view import worst
from mailgui.ui.compose.fitted import Fitted
from mailgui.ui.compose.former_draft import FormerDraft
from mailgui.ui.compose.intake import FileIntake
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.chips import AddressField
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset

_LEAST_HEAD = 150


class MessagePane(QWidget):
    """Head, bodies and attachments of one draft.

    Attributes:
        head, tabs, attachments, former, notice, losses: its parts.

    Signals:
        changed: the person changed the draft.
        files_given(list): paths to attach were dropped or pasted.
    """

    changed = Signal()
    files_given = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "message-pane", "Message")
        self._kept = Draft()
        self._showing = False
        self._offered: Attachment | None = None
        self.head = HeadFields()
        self.tabs = BodyTabs()
        self.former = FormerDraft()
        self.notice = InlineNotice(name="message-notice", dismissible=True)
        self.losses = InlineNotice(name="message-losses")
        self.attachments = Attachments()
        layout = QVBoxLayout(self)
        pad(layout, 0)
        above = QWidget()
        column = QVBoxLayout(above)
        pad(column, 0)
        column.addWidget(self.head)
        column.addWidget(Inset(self.former, LARGE, SMALL, LARGE, SMALL))
        column.addWidget(Inset(self.notice, LARGE, SMALL, LARGE, SMALL))
        column.addWidget(Inset(self.losses, LARGE, SMALL, LARGE, SMALL))
        layout.addWidget(Fitted(above, least=_LEAST_HEAD, name="head-area", telling=self.notice))
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.attachments)
        self._intake = FileIntake(self)
        self._connect()

    @property
    def draft(self) -> Draft:
        """The draft as it stands; what is malformed in it stays as it was written."""
        filled = self.tabs.fill(self.head.fill(self._kept))
        return replace(filled, attachments=self.attachments.items)

    def set_draft(self, draft: Draft) -> None:
        """Show another draft, without telling that the person changed something."""
        self._showing = True
        try:
            self._kept = draft
            self.head.show_draft(draft)
            self.tabs.show_draft(draft)
            self.attachments.set_attachments(draft.attachments)
            self.notice.clear()
        finally:
            self._showing = False

    def replace_draft(self, draft: Draft) -> None:
        """Show a draft from elsewhere; what was being written here is offered back."""
        former = self.draft
        self.set_draft(draft)
        self.tabs.show_written(draft)
        self.former.replaced(former, self.draft)

    def adopt_sender(self, sender: str) -> None:
        """Be from ``sender``, the profile's own, unless the person wrote another one."""
        self._showing = True
        try:
            self.head.adopt_sender(sender)
        finally:
            self._showing = False

    def show_problem(self, problem: DraftProblem) -> None:
        """Mark the field that a problem names, and go there."""
        self.notice.say(visible(problem.sentence), Tone.BROKEN)
        if self.head.set_problem(problem.field, problem.sentence):
            self.notice.clear()
        elif problem.field == "headers":
            self.tabs.tabs.set_key("headers")
            self.tabs.headers.focus_problem()
        elif problem.field == "attachments":
            self.attachments.focus_problem()
        elif problem.field in self.tabs.api.fields:
            self.tabs.tabs.set_key("api")
            self.tabs.api.focus_problem(problem.field)
            self.notice.clear()

    def show_losses(self, findings: Sequence[Finding]) -> None:
        """Say what the chosen provider would lose of the message, before it is sent."""
        self.losses.say(losses_words(findings), worst(findings), action="Why?")

    def show_preview(self, preview: Preview) -> None:
        """Show what composing the draft told about it."""
        self.attachments.set_states(preview.files)
        self.tabs.headers.show_generated(preview.head, preview.envelope)

    def clear_marks(self) -> None:
        """Take away what the last attempt to send said."""
        self.head.clear_marks()
        self.head.clear_problems()
        self.notice.clear()

    def add(self, attachments: Sequence[Attachment], problems: Sequence[str]) -> None:
        """Attach files, and say which could not be."""
        if attachments:
            self.attachments.add(attachments)
        if problems:
            self.notice.say(" ".join(map(visible, problems)), Tone.BROKEN)

    def focus_first(self) -> None:
        """Put the keyboard where writing begins: the first empty field, else the body."""
        boxes = self.head
        if not boxes.origin.addresses():
            boxes.origin.setFocus()
        elif not boxes.boxes["to"].addresses():
            boxes.boxes["to"].setFocus()
        elif not boxes.subject.text():
            boxes.subject.setFocus()
        else:
            self.tabs.html.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (event.matches(QKeySequence.StandardKey.Paste) and self._intake.paste()):
            super().keyPressEvent(event)

    def _connect(self) -> None:
        for signal in (self.head.changed, self.tabs.changed, self.attachments.changed):
            signal.connect(self._changed)
        boxes: list[AddressField] = [self.head.origin, *self.head.boxes.values()]
        entries = [box.entry for box in boxes]
        for field in (*entries, self.head.subject, self.tabs.html, self.tabs.text):
            self._intake.watch(field)
        self._intake.files.connect(self.files_given)
        self._intake.image.connect(self._take_image)
        self._intake.hovering.connect(self.attachments.strip.set_drop_target)
        self.attachments.became_inline.connect(self._offer_tag)
        self.attachments.was_inline.connect(self._mention_tag)
        self.notice.action_triggered.connect(self._insert_tag)

    @Slot()
    def _changed(self) -> None:
        if self._showing:
            return
        self.tabs.count_headers()
        if self._offered is None and not self.notice.isHidden():
            self.notice.clear()
        self.changed.emit()

    @Slot(bytes)
    def _take_image(self, octets: bytes) -> None:
        image = Attachment("image.png", "image/png", data=octets, content_id="image")
        self.attachments.add([image])
        self._offer_tag(self.attachments.items[-1])

    @Slot(object)
    def _offer_tag(self, attachment: Attachment) -> None:
        """Say how the HTML shows an inline image, unless it does already."""
        if f"cid:{attachment.content_id}" in self.tabs.html.whole_text():
            return
        self._offered = attachment
        name = visible(attachment.filename)
        words = f"{name} is inline now; the HTML shows it as cid:{attachment.content_id}."
        self.notice.say(words, Tone.INFO, action="Insert the image")

    @Slot(object)
    def _mention_tag(self, attachment: Attachment) -> None:
        if f"cid:{attachment.content_id}" in self.tabs.html.whole_text():
            words = f"The HTML still names cid:{attachment.content_id}, which is no more."
            self.notice.say(words, Tone.ATTENTION)

    @Slot()
    def _insert_tag(self) -> None:
        offered, self._offered = self._offered, None
        self.notice.clear()
        if offered is not None and offered.content_id:
            self.tabs.insert_image(offered.content_id, Path(offered.filename).stem)
