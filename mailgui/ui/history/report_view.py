"""One remembered conversation, with the views that Compose shows it in."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.findings.headline import headline
from mailgui.transcript import Kind, Outcome
from mailgui.ui.compose.conversation import TABS, show_conversation
from mailgui.ui.compose.findings_view import FindingsView, worst
from mailgui.ui.compose.http_side import HttpSide
from mailgui.ui.compose.server_view import ServerView
from mailgui.ui.compose.timing_view import TimingView
from mailgui.ui.compose.tls_view import TlsView
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.tokens import Tone, verdict_tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.result_banner import ResultBanner
from mailgui.ui.widgets.tab_bar import TabPanel
from mailgui.ui.widgets.transcript_view import TranscriptView

if TYPE_CHECKING:
    from mailgui.jobs.reports import SendReport


class ReportView(QWidget):
    """Shows a conversation that has ended.

    Signals:
        save_asked: Save… was pressed above the transcript.
    """

    save_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "history-report", "The conversation")
        self.banner = ResultBanner(name="history-result")
        self.transcript = TranscriptView(name="history-transcript")
        self.transcript.table.set_following(False)  # it has ended: it is read from its beginning
        self.timing = TimingView()
        self.request = HttpSide(name="history-request", title="No request", sentence="")
        self.response = HttpSide(
            name="history-response", title="No answer", sentence="None came for this request."
        )
        self.tls = TlsView()
        self.server = ServerView()
        self.findings = FindingsView()
        self.panel = TabPanel(name="history-conversation", accessible="The conversation")
        for key, words in TABS:
            self.panel.add(key, words, getattr(self, key))
        self.tabs = self.panel.tabs
        layout = QVBoxLayout(self)
        pad(layout, 0)
        told = QVBoxLayout()
        pad(told, LARGE, MEDIUM, LARGE, SMALL - 2)
        told.addWidget(self.banner)
        layout.addLayout(told)
        layout.addWidget(self.panel, 1)
        self.transcript.save_asked.connect(self.save_asked)

    def show_report(self, report: "SendReport") -> None:
        """Show ``report``; the tab in front stays, where there is one for it."""
        transcript, findings = report.transcript, report.findings
        by_api = transcript.kind is Kind.HTTP
        if self.tabs.key in (("server",) if by_api else ("request", "response")):
            self.tabs.set_key("transcript")
        for key, shown in (("request", by_api), ("response", by_api), ("server", not by_api)):
            self.tabs.set_shown(key, shown)
        first = headline(transcript, findings)
        cancelled = transcript.outcome is Outcome.CANCELLED
        tone = Tone.INFO if cancelled else verdict_tone(first.verdict)
        began = f"{transcript.started.astimezone():%Y-%m-%d %H:%M:%S}"
        self.banner.finish(tone, first.sentence, f"{began} · {first.facts}")
        show_conversation(self, transcript)
        self.transcript.table.scrollToTop()
        self.findings.show_report(transcript, findings)
        self.tabs.set_count("findings", len(findings), worst(findings))
