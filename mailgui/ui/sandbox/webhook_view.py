"""One webhook request: the verdict, what it is about, and the request itself."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.jobs.webhook_record import WebhookRecord
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.sandbox.words import ORIGINS, VERDICTS, day_and_clock, headline
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import PrimaryButton, QuietButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.copying import CopyButton
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.tall_area import TallArea


class WebhookView(QWidget):
    """Shows one record.

    Attributes:
        record: what it shows, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        identify(self, "webhook-view")
        self.record: WebhookRecord | None = None
        self.verdict = InlineNotice(name="webhook-verdict")
        self.facts = Label("", tone="secondary", wrap=True, selectable=True, name="webhook-facts")
        self.raw = CodeView(name="webhook-raw", accessible="The request", language="http")
        self.raw.set_wrap(True)
        self.raw.setMinimumHeight(metrics().line() * 2)
        copy = CopyButton(self.raw.whole_text, name="webhook-copy", what="the request")
        layout = QVBoxLayout(self)
        pad(layout, 0)
        above = QWidget()
        told = QVBoxLayout(above)
        pad(told, LARGE, MEDIUM, LARGE, SMALL, spacing=SMALL)
        told.addWidget(self.verdict)
        line = QHBoxLayout()
        pad(line, 0, spacing=SMALL)
        line.addWidget(self.facts, 1)
        line.addWidget(copy)
        told.addLayout(line)
        area = TallArea(name="webhook-area")
        area.add(above)
        area.add(self.raw, 1)
        layout.addWidget(area)

    def show_record(self, record: WebhookRecord, number: int) -> None:
        """Show a record, one of its events being the chosen one."""
        self.record = record
        _word, tone = VERDICTS[record.verification.verdict]
        self.verdict.say(headline(record), tone)
        lines = [f"{ORIGINS[record.origin]}, {day_and_clock(record.received)}"]
        if record.verification.signed_at is not None:
            lines[0] += f"; signed {day_and_clock(record.verification.signed_at)}"
        if record.problem:
            lines.append(record.problem)
        elif number < len(record.events):
            tied = record.events[number]
            if tied.event.reason:
                lines.append(f"Reason: {tied.event.reason}")
            if tied.transcript_id:
                lines.append(f"About a message in the history: {tied.transcript_title}")
            elif tied.event.message_id:
                lines.append("No message in the history has this id")
        self.facts.setText("\n".join(lines))
        self.raw.set_text(record.raw)


class PasteView(QWidget):
    """Takes a request as text.

    Signals:
        check_asked(str): Check; carries the text.
        close_asked: Cancel.
    """

    check_asked = Signal(str)
    close_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "webhook-paste")
        words = (
            "Paste the request as it came: its headers, an empty line, and its body to the letter. "
            "The headers hold the signature."
        )
        self.text = CodeView(
            name="webhook-paste-text", accessible="The request to check", editable=True
        )
        self.check = PrimaryButton("Check", name="webhook-paste-check")
        self.cancel = QuietButton("Cancel", name="webhook-paste-cancel")
        foot = QHBoxLayout()
        pad(foot, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        foot.addWidget(Label(words, tone="secondary", wrap=True), 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.check)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addLayout(foot)
        layout.addWidget(self.text, 1)
        self.check.clicked.connect(lambda: self.check_asked.emit(self.text.toPlainText()))
        self.cancel.clicked.connect(self.close_asked)
