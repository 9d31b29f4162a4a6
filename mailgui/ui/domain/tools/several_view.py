"""Several domains at once: a row each, a column a check, filling in as the answers come."""

import re
from typing import Any

from PySide6.QtCore import QElapsedTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout

from mailgui.findings import Severity
from mailgui.jobs.report_words import TITLES, section_title
from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.ui.bridge import Batch, Job, Submitter
from mailgui.ui.domain.ask_choice import AskChoice
from mailgui.ui.domain.asking import Checked, check_several
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.sentences import sentence_of
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone, verdict_tone, verdict_word
from mailgui.ui.widgets.basics import bar, identify, pad
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import duration, number
from mailgui.ui.widgets.growing import grow
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.run_button import RunButton

_SHOWN = tuple(name for name in TITLES if name != "caa")  # that one is not about mail
_MOST = 1000
_COLUMNS = (
    Column("Domain", mono=True, most=280),
    Column("Broken", right=True, words="Findings that break something"),
    Column("Attention", right=True),
    *(Column("MX" if name == "mx" else section_title(name)) for name in _SHOWN),
    Column("", stretch=True),
)


class SeveralView(Page):
    """Checks a list of domains.

    Signals:
        opened(str): a domain is to be seen in full.
    """

    opened = Signal(str)

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "several-view")
        self._bridge, self._services = bridge, services
        self._job: Job | None = None
        self._clock = QElapsedTimer()
        self._waiting = 0
        self.done: dict[str, Checked] = {}
        self.domains = QPlainTextEdit()
        identify(self.domains, "several-domains", "Domains, one a line")
        self.domains.setProperty("type", "mono")
        self.domains.document().setDocumentMargin(SMALL)
        self.domains.setPlaceholderText("example.com\nexample.org\n…")
        self.domains.setTabChangesFocus(True)
        self.domains.setPlainText(str(state.get("domains", "")))
        self.ask = AskChoice(name="several-ask", own=True)
        servers = state.get("servers", [])
        self.ask.restore(
            [str(server) for server in servers] if isinstance(servers, list) else [],
            str(state.get("ask", "")),
        )
        self.button = RunButton("Check all", "Ctrl ↵", name="several-check")
        self.facts = ElidedLabel(token="secondary", name="several-facts")
        self.notice = InlineNotice(name="several-notice", dismissible=True)
        self.table = DataTable(_COLUMNS, name="several-table", accessible="Domains")
        self._empty = EmptyState(
            "domain",
            "No domains checked yet",
            "Each gets a row here, each check a column, and the worst stand first. Enter on a row"
            " opens its report.",
            name="several-empty",
        )
        self._lay_out()
        self.button.start_asked.connect(self.check)
        self.button.cancel_asked.connect(self._cancel)
        self.table.opened.connect(lambda domain: self.opened.emit(str(domain)))
        bind(self, ("Ctrl+Return", self.check), ("Esc", self._cancel))

    @property
    def busy(self) -> bool:
        """Whether domains are being checked."""
        return self._job is not None and self._job.running

    @property
    def names(self) -> tuple[str, ...]:
        """The domains in the field, each once."""
        parts = re.split(r"[\s,;]+", self.domains.toPlainText())
        return tuple(dict.fromkeys(part for part in parts if part))

    @Slot()
    def check(self) -> None:
        """Check every domain in the field."""
        if self.busy:
            return
        names = self.names
        problem = "" if names else "Enter the domains to check, one a line."
        if len(names) > _MOST:
            problem = f"At most {_MOST:,} domains at once."
        problem = problem or self.ask.check()
        self.notice.say(problem, Tone.BROKEN)
        if problem:
            return
        self.done = {}
        self._waiting = len(names)
        self._stack.setCurrentWidget(self.table)
        self.table.setSortingEnabled(False)
        self.table.set_rows(([name, Cell("waiting…")] for name in names), names)
        self._set_running(True)
        self._clock.start()
        self._job = self._bridge.submit(
            check_several,
            self._services,
            names,
            self.ask.key,
            on_events=self._arrived,
            on_done=lambda _result: self._ended(),
            on_failed=self._failed,
            on_cancelled=self._ended,
            owner=self,
        )

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {
            "domains": self.domains.toPlainText(),
            "ask": self.ask.key,
            "servers": list(self.ask.servers),
        }

    def focus_first(self) -> None:
        """Put the keyboard into the list of domains."""
        self.domains.setFocus()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = bar()
        line = QHBoxLayout(strip)
        pad(line, LARGE, 10, LARGE, 11, spacing=SMALL + 2)
        line.addWidget(self.button)
        line.addWidget(self.ask)
        line.addWidget(self.facts, 1)
        layout.addWidget(strip)
        body = QVBoxLayout()
        pad(body, LARGE, LARGE, LARGE, LARGE, spacing=MEDIUM)
        body.addWidget(self.notice)
        body.addWidget(self.domains)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        body.addWidget(self._stack, 1)
        layout.addLayout(body)
        grow(self.domains, lambda: self.domains.setMaximumHeight(metrics().line() * 5 + 2 * LARGE))

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _set_running(self, running: bool) -> None:
        self.button.set_running(running)
        self.ask.setEnabled(not running)
        self.domains.setReadOnly(running)

    def _arrived(self, batch: Batch) -> None:
        for checked in batch:
            self.done[checked.domain] = checked
            row = self.table.rows.row_of(checked.domain)
            if row is not None:
                self.table.rows.set_row(row, _row(checked))
        self.facts.set_text(f"{len(self.done):,} of {number(self._waiting, 'domain')}")
        self.table.fit_columns()

    def _failed(self, error: BaseException) -> None:
        self._ended()
        self.notice.say(sentence_of(error), Tone.BROKEN)

    def _ended(self) -> None:
        self._set_running(False)
        self.table.fit_columns()
        self.table.sort_by(1, descending=True)
        took = duration(self._clock.elapsed() / 1000)
        self.facts.set_text(f"{number(len(self.done), 'domain')} in {took}")


def _row(checked: Checked) -> Row:
    report = checked.report
    if report is None:
        return (checked.domain, Cell("–", sort=-1), Cell("–", sort=-1), Cell(checked.problem))
    counts = [
        sum(finding.severity is severity for finding in report.findings)
        for severity in (Severity.BROKEN, Severity.ATTENTION)
    ]
    cells: list[Cell | str] = [Cell(f"{count:,}", sort=count) for count in counts]
    for name in _SHOWN:
        section = report.section(name)
        if section is None:
            cells.append("")
            continue
        tone = verdict_tone(section.verdict)
        cells.append(Cell(verdict_word(section.verdict), tone, more=visible(section.summary)))
    return (checked.domain, *cells)
