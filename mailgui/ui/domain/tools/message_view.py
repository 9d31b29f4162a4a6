"""A received message, opened, dropped or pasted, and judged: DKIM, ARC, SPF, DMARC, its way."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.dialogs import open_files
from mailgui.ui.domain.ask_choice import AskChoice, WideField
from mailgui.ui.domain.asking import Malformed, judge
from mailgui.ui.metrics import LARGE, SMALL, Type
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad, tip
from mailgui.ui.widgets.buttons import PrimaryButton, QuietButton
from mailgui.ui.widgets.check_list import CheckList
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.side_splitter import SideSplitter

if TYPE_CHECKING:
    from mailgui.domain.verify_message import VerifyReport
    from mailgui.ui.domain.tools.message_detail import MessageDetail
    from mailgui.ui.domain.tools.message_rows import Row


class MessageView(Page):
    """Judges one message at a time.

    Attributes:
        report: what the last judgement came to, or None.
    """

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "message-view")
        self.setAcceptDrops(True)
        self._bridge, self._services = bridge, services
        self._job: Job | None = None
        self._source: Path | bytes | None = None
        self._file = ""  # the name of the one that is shown
        self._rows: dict[str, Row] = {}
        self.report: VerifyReport | None = None
        self.open = PrimaryButton("Open message…", "Ctrl+O", name="message-open")
        self.paste = QuietButton("Paste source", name="message-paste")
        self.ip = WideField(
            150, name="message-ip", accessible="Client's address, optional", placeholder="Client IP"
        )
        self.mail_from = WideField(
            170,
            name="message-sender",
            accessible="Envelope's sender, optional",
            placeholder="Envelope sender",
        )
        self.ask = AskChoice(name="message-ask")
        self.again = QuietButton("Check again", name="message-again")
        self.notice = InlineNotice(name="message-notice", dismissible=True)
        self.sentence = Label(kind=Type.STRONG, wrap=True, selectable=True, name="message-sentence")
        self.about = ElidedLabel(token="secondary", name="message-about")
        self.rows = CheckList(name="message-rows", accessible="What was found")
        self._empty = EmptyState(
            "file",
            "No message opened yet",
            "Open a received message with all its headers, drop it here, or paste its source. Its "
            "signatures, its sender and the way it took are checked.",
            name="message-empty",
        )
        self.detail: MessageDetail | None = None
        self._lay_out()
        self._connect()
        servers = state.get("servers", [])
        self.ask.restore(
            [str(server) for server in servers] if isinstance(servers, list) else [],
            str(state.get("ask", "")),
        )

    @property
    def busy(self) -> bool:
        """Whether a message is being judged."""
        return self._job is not None and self._job.running

    def open_path(self, path: Path) -> None:
        """Judge the message in a file. What was typed about another one is forgotten."""
        self._forget_sender()
        self._judge(path)

    def judge_octets(self, octets: bytes) -> None:
        """Judge a message that is at hand, such as one that the sandbox received."""
        self._forget_sender()
        self._judge(octets)

    def show_row(self, key: str) -> None:
        """Bring one row's detail to the front."""
        self.rows.set_key(key)
        self._show(key)

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered: whom to ask, not the message."""
        return {"ask": self.ask.key, "servers": list(self.ask.servers)}

    def focus_first(self) -> None:
        """Put the keyboard on the button that opens, or on what was found."""
        (self.rows if self.report is not None else self.open).setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            self.open_path(Path(local[0]))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar()
        line = QHBoxLayout(strip)
        pad(line, LARGE, 10, LARGE, 11)
        inside = QWidget()
        inside.setProperty("kind", "plain")
        flow = FlowLayout(inside, gap=SMALL + 2)
        for widget in (self.open, self.paste, self.ip, self.mail_from, self.ask, self.again):
            flow.addWidget(widget)
        line.addWidget(inside, 1)
        layout.addWidget(strip)
        words = "What the receiving server saw; where it is left empty, the message's traces count"
        self.ip.setToolTip(tip(words))
        self.mail_from.setToolTip(tip(words))
        around = QVBoxLayout()
        pad(around, LARGE, 0, LARGE, 0)
        around.addWidget(self.notice)
        layout.addLayout(around)
        verdict = bar()
        told = QVBoxLayout(verdict)
        pad(told, LARGE, 10, LARGE, 11, spacing=2)
        told.addWidget(self.sentence)
        told.addWidget(self.about)
        body = QWidget()
        self._body = QVBoxLayout(body)
        pad(self._body, 0)
        self._body.addWidget(verdict)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        layout.addWidget(self._stack, 1)
        self.again.setEnabled(False)

    def _connect(self) -> None:
        self.open.clicked.connect(self._choose_file)
        self.paste.clicked.connect(self.paste_source)
        self.again.clicked.connect(self._again)
        self.rows.chosen.connect(self._show)
        for field in (self.ip, self.mail_from):
            field.returnPressed.connect(self._again)
        self.ask.accepted.connect(self._again)
        bind(
            self,
            ("Ctrl+O", self._choose_file),
            ("Ctrl+Shift+V", self.paste_source),
            ("Esc", self._cancel),
        )
        self.paste.setToolTip(tip("Judge the message source on the clipboard (Ctrl+Shift+V)"))

    @Slot()
    def _choose_file(self) -> None:
        chosen = open_files(self)
        if chosen:
            self.open_path(chosen[0])

    @Slot()
    def paste_source(self) -> None:
        """Judge the source that the clipboard holds."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.notice.say(
                "The clipboard is empty. Copy the whole source of a message, headers and all.",
                Tone.ATTENTION,
            )
            return
        self.judge_octets(text.lstrip("\ufeff\r\n").encode("utf-8", "replace"))

    def _forget_sender(self) -> None:
        self.ip.clear()
        self.mail_from.clear()

    @Slot()
    def _again(self) -> None:
        if self._source is not None:
            self._judge(self._source)

    def _judge(self, source: Path | bytes) -> None:
        if self.busy:
            return
        problem = self.ask.check()
        if problem:
            self.notice.say(problem, Tone.BROKEN)
            return
        self.notice.clear()
        self._source = source
        self._set_running(True)
        self._job = self._bridge.submit(
            judge,
            self._services,
            source,
            self.ask.key,
            ip=self.ip.text().strip() or None,
            mail_from=self.mail_from.text().strip() or None,
            on_done=self._done,
            on_failed=lambda error: self._not_judged(sentence_of(error)),
            on_cancelled=lambda: self._not_judged("Cancelled."),
            owner=self,
        )

    @property
    def _typed(self) -> bool:
        return bool(self.ip.text() or self.mail_from.text())

    def _set_running(self, running: bool) -> None:
        self.open.setEnabled(not running)
        self.paste.setEnabled(not running)
        self.again.setEnabled(not running and self._source is not None)
        if running:
            self.sentence.setText("Reading the message and asking for keys and policies…")

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _not_judged(self, sentence: str) -> None:
        self._set_running(False)
        self._tell()
        self.notice.say(visible(sentence), Tone.BROKEN)

    def _done(self, report: "VerifyReport | Malformed") -> None:
        if isinstance(report, Malformed):
            self._not_judged(report.sentence)
            return
        from mailgui.ui.domain.tools.message_rows import rows_of

        self._set_running(False)
        self.report = report
        self._file = self._source.name if isinstance(self._source, Path) else ""
        self._rows = {row.key: row for row in rows_of(report)}
        self._make_detail()
        self.rows.set_checks(((row.key, row.title) for row in self._rows.values()), waiting=False)
        for row in self._rows.values():
            self.rows.set_result(row.key, row.verdict, row.summary)
        if self.rows.key not in self._rows:
            self.rows.set_key("dmarc")
        self._tell()
        self._stack.setCurrentIndex(1)
        self._show(self.rows.key)
        if not (self.ip.hasFocus() or self.mail_from.hasFocus()) or not self._typed:
            self.rows.setFocus()

    def _tell(self) -> None:
        if self.report is None:
            return
        from mailgui.ui.domain.tools.message_rows import sentence_of_report

        self.sentence.setText(sentence_of_report(self.report))
        parts = [self.report.author, self.report.subject]
        if self.report.received is not None:
            parts.append(f"received {self.report.received:%Y-%m-%d %H:%M} UTC")
        parts.append(self._file)
        self.about.set_text(" · ".join(visible(part) for part in parts if part))

    def _make_detail(self) -> None:
        if self.detail is not None:
            return
        from mailgui.ui.domain.tools.message_detail import MessageDetail

        self.detail = MessageDetail()
        self._body.addWidget(SideSplitter(self.rows, self.detail, usual=340), 1)

    @Slot(str)
    def _show(self, key: str) -> None:
        if self.report is not None and self.detail is not None and key in self._rows:
            self.detail.show_row(self._rows[key], self.report.hops, self.report.header)
