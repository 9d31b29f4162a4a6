"""One record as the domain's own servers and others tell it, for who has just changed it."""

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.domain.server_comparison import ServerComparison, Told
from mailgui.jobs.services import Services
from mailgui.net.dns_answer import AnswerStatus
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.domain.ask_choice import AskChoice, WideField
from mailgui.ui.domain.asking import Malformed, ask_servers
from mailgui.ui.domain.words import STATUSES
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import bar, identify, pad, set_flag
from mailgui.ui.widgets.choice_button import ChoiceButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.finding_card import FindingList
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.formatting import duration
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.run_button import RunButton

_TYPES = ("TXT", "MX", "A", "AAAA", "CNAME", "NS", "SOA", "TLSA", "CAA", "PTR")
_COLUMNS = (
    Column("Server", most=300),
    Column("Agrees"),
    Column("Answer", mono=True, stretch=True),
    Column("Kept for", right=True, words="TTL: for a resolver, the time that is left"),
    Column("Took", right=True),
)


class ServersView(Page):
    """Asks everybody at once.

    Attributes:
        result: what the last comparison came to, or None.
    """

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "servers-view")
        self._bridge, self._services = bridge, services
        self._job: Job | None = None
        self.result: ServerComparison | None = None
        self.name = WideField(
            320, name="servers-name", accessible="Name", placeholder="_dmarc.example.com"
        )
        self.type = ChoiceButton("Type", [(t, t) for t in _TYPES], name="servers-type")
        self.ask = AskChoice(name="servers-ask")
        self.button = RunButton("Compare", "↵", name="servers-compare")
        self.notice = InlineNotice(name="servers-notice", dismissible=True)
        self.table = DataTable(_COLUMNS, name="servers-table", accessible="What each server says")
        self.findings = FindingList(name="servers-findings")
        self._empty = EmptyState(
            "domain",
            "Changed a record just now?",
            "Name it, and see what the domain's own servers say beside your resolver and the large "
            "public ones, and for how long these still keep the old answer.",
            name="servers-empty",
        )
        self._lay_out()
        self.name.setText(str(state.get("name", "")))
        self.type.set_key(str(state.get("type", "TXT")))
        servers = state.get("servers", [])
        self.ask.restore(
            [str(server) for server in servers] if isinstance(servers, list) else [],
            str(state.get("ask", "")),
        )
        self.button.start_asked.connect(self.compare)
        self.button.cancel_asked.connect(self._cancel)
        self.name.returnPressed.connect(self.compare)
        self.ask.accepted.connect(self.compare)
        bind(self, ("Esc", self._cancel))

    @property
    def busy(self) -> bool:
        """Whether servers are being asked."""
        return self._job is not None and self._job.running

    @Slot()
    def compare(self) -> None:
        """Ask everybody for what the bar names."""
        if self.busy:
            return
        name = self.name.text().strip()
        problem = "" if name else "Enter the name of the record, such as _dmarc.example.com."
        problem = problem or self.ask.check()
        set_flag(self.name, "problem", "false" if name else "true")
        if problem:
            self.notice.say(problem, Tone.BROKEN)
            return
        self.notice.clear()
        self._set_running(True)
        self._job = self._bridge.submit(
            ask_servers,
            self._services,
            name,
            self.type.key,
            self.ask.key,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=lambda: self._set_running(False),
            owner=self,
        )

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {
            "name": self.name.text(),
            "type": self.type.key,
            "ask": self.ask.key,
            "servers": list(self.ask.servers),
        }

    def focus_first(self) -> None:
        """Put the keyboard into the name's field."""
        self.name.setFocus()
        self.name.selectAll()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar()
        line = QHBoxLayout(strip)
        pad(line, LARGE, 10, LARGE, 11)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in (self.name, self.type, self.button, self.ask):
            flow.addWidget(widget)
        line.addWidget(left, 1)
        layout.addWidget(strip)
        around = QVBoxLayout()
        pad(around, LARGE, MEDIUM, LARGE, 0)
        around.addWidget(self.notice)
        layout.addLayout(around)
        body = QWidget()
        column = QVBoxLayout(body)
        pad(column, LARGE, MEDIUM, LARGE, LARGE, spacing=MEDIUM)
        column.addWidget(self.findings)
        column.addWidget(self.table, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        layout.addWidget(self._stack, 1)

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _set_running(self, running: bool) -> None:
        self.button.set_running(running)
        self.ask.setEnabled(not running)

    def _done(self, result: ServerComparison | Malformed) -> None:
        self._set_running(False)
        if isinstance(result, Malformed):
            self.notice.say(visible(result.sentence), Tone.BROKEN)
            return
        self.result = result
        self._stack.setCurrentIndex(1)
        self.table.set_rows(map(_row, result.told))
        self.findings.set_findings(result.findings)
        if not result.findings:
            self.notice.say("All servers that answered say the same.", Tone.PASS)

    def _failed(self, error: BaseException) -> None:
        self._set_running(False)
        self.notice.say(sentence_of(error), Tone.BROKEN)


def _row(told: Told) -> Row:
    answer = told.answer
    found = answer.status is AnswerStatus.FOUND
    words = STATUSES.get(answer.status.value, answer.status.value)
    judged = {
        True: Cell("agrees", Tone.PASS),
        False: Cell("differs", Tone.ATTENTION),
        None: Cell("not known", Tone.NEUTRAL),
    }[told.agrees]
    return (
        Cell(told.label, more="One of the domain's own servers" if told.authoritative else ""),
        judged,
        Cell(" | ".join(answer.records) if found else words, more=answer.reason),
        Cell("–" if answer.ttl is None else f"{answer.ttl:,} s", sort=answer.ttl or 0),
        Cell(duration(answer.duration), sort=answer.duration),
    )
