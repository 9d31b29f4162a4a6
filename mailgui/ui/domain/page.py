"""The Domain page: a name and Enter; checks that fill in as answers arrive; one in detail."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mailgui.jobs.report_words import TITLES, section_title
from mailgui.jobs.services import Services
from mailgui.transcript import visible
from mailgui.ui.bridge import Batch, Job, Submitter
from mailgui.ui.domain.asking import Malformed, Question, ask, ask_spf
from mailgui.ui.domain.changes_view import ChangesView
from mailgui.ui.domain.detail import SectionDetail
from mailgui.ui.domain.report_files import ReportFiles
from mailgui.ui.domain.top_bar import DomainBar
from mailgui.ui.metrics import LARGE, MEDIUM, Type
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad
from mailgui.ui.widgets.check_list import CheckList
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import duration, number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.side_splitter import SideSplitter

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport, Section
    from mailgui.domain.report_change import SectionChange
    from mailgui.domain.spf import SpfReport

EXPECTED = tuple(TITLES)
_TICK_MS = 200
_TIME_AFTER = 1000  # ms


class DomainPage(Page):
    """Checks one domain at a time.

    Attributes:
        report: what the last check came to, or None.
    """

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "domain-page")
        self._bridge, self._services = bridge, services
        self.report: DomainReport | None = None
        self._sections: dict[str, Section] = {}
        self._question = Question("")
        self._job: Job | None = None
        self._spf_job: Job | None = None
        self.bar = DomainBar()
        self.sentence = Label(kind=Type.STRONG, wrap=True, selectable=True, name="domain-sentence")
        self.facts = Label(tone="secondary", name="domain-facts")
        self.notice = InlineNotice(name="domain-notice", dismissible=True)
        self.checks = CheckList(name="domain-checks", accessible="Checks of the domain")
        self.detail = SectionDetail()
        self.changes = ChangesView()
        self.files = ReportFiles(self, bridge, self._say, self._show_changes)
        self._empty = EmptyState(
            "domain",
            "No domain checked yet",
            "Type a domain and press Enter. MX, SPF, DKIM and DMARC are looked up and judged, with "
            "the record to publish where something is wrong.",
            name="domain-empty",
            action="Try it on good.example in the sandbox",
        )
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=_TICK_MS)
        self._lay_out()
        self._connect()
        self._restore(state)

    @property
    def busy(self) -> bool:
        """Whether a check runs."""
        return self._job is not None and self._job.running

    def ask_server(self, server: str) -> None:
        """Choose whom to ask: ``system``, ``sandbox`` or a name server's address."""
        known = self.bar.ask.servers
        own = [] if server in ("", "system", "sandbox") or server in known else [server]
        self.bar.ask.restore([*known, *own], server)

    def show_section(self, key: str) -> None:
        """Bring one check's detail to the front."""
        self.checks.set_key(key)
        self._show(key)

    def check(self, domain: str) -> None:
        """Check ``domain`` with whom the bar says."""
        self.bar.domain.setText(domain)
        self._start(afresh=False)

    def save_state(self) -> dict[str, Any]:
        """Return what is to be remembered until the next start."""
        return {
            "domain": self.bar.domain.text(),
            "selectors": self.bar.selectors.text(),
            "ask": self.bar.ask.key,
            "servers": list(self.bar.ask.servers),
            "section": self.checks.key,
        }

    def focus_first(self) -> None:
        """Put the keyboard into the domain's field."""
        self.bar.domain.setFocus()
        self.bar.domain.selectAll()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        self._around = QWidget()
        around = QVBoxLayout(self._around)
        pad(around, LARGE, MEDIUM, LARGE, MEDIUM)
        around.addWidget(self.notice)
        self._around.hide()
        layout.addWidget(self._around)
        self._line = bar()
        line = QHBoxLayout(self._line)
        pad(line, LARGE, 10, LARGE, 11, spacing=LARGE)
        line.addWidget(self.sentence, 1)
        line.addWidget(self.facts, 0, Qt.AlignmentFlag.AlignTop)
        split = SideSplitter(self.checks, self.detail, usual=380)
        body = QWidget()
        inside = QVBoxLayout(body)
        pad(inside, 0)
        inside.addWidget(self._line)
        inside.addWidget(split, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(body)
        self._stack.addWidget(self.changes)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.bar.check_asked.connect(lambda: self._start(afresh=False))
        self.bar.cancel_asked.connect(self._cancel)
        self.bar.copy_asked.connect(self.copy_text)
        self.bar.markdown_asked.connect(lambda: self._export(self.files.copy_markdown))
        self.bar.save_asked.connect(lambda: self._export(self.files.save))
        self.bar.compare_asked.connect(lambda: self._export(self.files.compare))
        self.changes.closed.connect(lambda: self._stack.setCurrentIndex(1))
        self.checks.chosen.connect(self._show)
        self.detail.again_asked.connect(self._ask_again)
        self.detail.alignment.bind(self._bridge, self._services, lambda: self._question)
        self.detail.spf.evaluate_asked.connect(self._evaluate)
        self.notice.dismissed.connect(self._around.hide)
        self._empty.action_triggered.connect(self._try_sample)
        self._tick.timeout.connect(self._show_time)
        bind(self, ("Esc", self._cancel))

    def _restore(self, state: dict[str, Any]) -> None:
        self.bar.domain.setText(str(state.get("domain", "")))
        self.bar.selectors.setText(str(state.get("selectors", "")))
        servers = state.get("servers", [])
        known = [str(server) for server in servers] if isinstance(servers, list) else []
        self.bar.ask.restore(known, str(state.get("ask", "")))
        self._wanted = str(state.get("section", "")) or "spf"

    @Slot()
    def _try_sample(self) -> None:
        self.ask_server("sandbox")
        self.check("good.example")

    def _start(self, *, afresh: bool) -> None:
        if self.busy:
            return
        domain = self.bar.domain.text().strip()
        problem = "" if domain else "Enter the domain to check, such as example.com."
        problem = problem or self.bar.ask.check()
        if problem:
            self.bar.set_problem(wrong=not domain)
            self._say(problem)
            return
        self._say("")
        again = Question(domain, self.bar.ask.key, self.bar.selector_names, afresh)
        same = again.domain == self._question.domain
        self._question = again
        self.report, self._sections = None, {}
        keys = self.checks.keys if same and self.checks.keys else EXPECTED
        self._wanted = self.checks.key or self._wanted
        self.checks.set_checks((key, section_title(key)) for key in keys)
        for key in keys:
            self.checks.set_result(key, None, "waiting")
        self.checks.set_key(self._wanted)
        self._show(self.checks.key)
        self._stack.setCurrentIndex(1)
        self.sentence.setText(f"Checking {visible(domain)}…")
        self.facts.setText("")
        self.bar.set_running(True)
        self.bar.export.setEnabled(False)
        self._clock.start()
        self._tick.start()
        self._job = self._bridge.submit(
            ask,
            self._services,
            self._question,
            on_events=self._arrived,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=self._cancelled,
            owner=self,
        )

    @Slot()
    def _ask_again(self) -> None:
        """Check the section in front alone, afresh; without a whole report everything."""
        key, report = self.checks.key, self.report
        if report is None or not key:
            self._start(afresh=True)
            return
        if self.busy:
            return
        self._say("")
        self._sections.pop(key, None)
        self.checks.set_result(key, None, "waiting")
        self._show(key)
        self.bar.set_running(True)
        self._job = self._bridge.submit(
            ask,
            self._services,
            replace(self._question, afresh=True, only=key),
            on_events=self._arrived,
            on_done=lambda again: self._asked_again(report, again),
            on_failed=lambda error: self._asked_again(report, Malformed(sentence_of(error))),
            on_cancelled=lambda: self._done(report),
            owner=self,
        )

    def _asked_again(self, report: "DomainReport", again: "DomainReport | Malformed") -> None:
        from mailgui.domain.report import with_section

        if isinstance(again, Malformed):
            self._done(report)
            self._say(again.sentence)
        else:
            self._done(with_section(report, again))

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot()
    def _show_time(self) -> None:
        if self._clock.elapsed() >= _TIME_AFTER:
            self.facts.setText(duration(self._clock.elapsed() / 1000))

    def _arrived(self, sections: Batch) -> None:
        for section in sections:
            self._fill(section)

    def _fill(self, section: "Section") -> None:
        self._sections[section.name] = section
        if section.name not in self.checks.keys:
            self._add_row(section.name)
        self.checks.set_result(section.name, section.verdict, section.summary)
        if section.name == self.checks.key:
            self._show(section.name)

    def _add_row(self, new: str) -> None:
        """List a check that was not expected, in its place among the others."""
        order = list(TITLES)
        keys = [*self.checks.keys, new]
        self._list_again(sorted(keys, key=lambda k: order.index(k) if k in order else len(order)))

    def _list_again(self, keys: list[str]) -> None:
        self.checks.set_checks((key, section_title(key)) for key in keys)
        for key in keys:
            section = self._sections.get(key)
            if section is None:
                self.checks.set_result(key, None, "waiting")
            else:
                self.checks.set_result(key, section.verdict, section.summary)

    def _done(self, report: "DomainReport | Malformed") -> None:
        if isinstance(report, Malformed):
            self._not_checked(report.sentence, malformed=True)
            return
        self.report = report
        self._sections = {section.name: section for section in report.sections}
        names = [section.name for section in report.sections]
        if set(names) != set(self.checks.keys):
            self._list_again(names)
        for section in report.sections:
            self.checks.set_result(section.name, section.verdict, section.summary)
        if not self.checks.key and names:
            self.checks.set_key(names[0])
        self._ended(visible(report.sentence))
        self.facts.setText(f"{number(report.queries, 'question')}, {duration(report.elapsed)}")
        self.bar.export.setEnabled(True)
        self._show(self.checks.key)

    def _failed(self, error: BaseException) -> None:
        self._not_checked(sentence_of(error), malformed=False)

    def _not_checked(self, sentence: str, *, malformed: bool) -> None:
        self._ended(f"{visible(self._question.domain)} could not be checked.")
        if not self._sections:
            self._stack.setCurrentIndex(0)
        self.bar.set_problem(wrong=malformed)
        self.focus_first()
        self._say(sentence)

    def _cancelled(self) -> None:
        self._ended(f"The check of {visible(self._question.domain)} was cancelled.")
        for key in self.checks.keys:
            if key not in self._sections:
                self.checks.set_result(key, None, "cancelled")
        if not self._sections:
            self._stack.setCurrentIndex(0)
            self._say("The check was cancelled.", Tone.INFO)

    def _ended(self, words: str) -> None:
        self._tick.stop()
        self.bar.set_running(False)
        self.checks.stop_waiting()
        self.sentence.setText(words)
        self.facts.setText("")

    @Slot(str)
    def _show(self, key: str) -> None:
        if key:
            self.detail.show_section(key, self._sections.get(key), self.report)
            if key == "spf" and self.detail.spf.ip.text().strip():
                self.detail.spf.ask_again()

    @Slot(str, object)
    def _evaluate(self, ip: str, sender: str | None) -> None:
        if self._spf_job is not None and self._spf_job.running:
            self._spf_job.cancel()
        self._spf_job = self._bridge.submit(
            ask_spf,
            self._services,
            self._question.domain,
            self._question.where,
            ip=ip,
            mail_from=sender,
            on_done=self._evaluated,
            on_failed=lambda error: self.detail.spf.show_problem(sentence_of(error)),
            owner=self,
        )

    def _evaluated(self, report: "SpfReport | Malformed") -> None:
        if isinstance(report, Malformed):
            self.detail.spf.show_problem(report.sentence)
        else:
            self.detail.spf.show_evaluation(report)

    @Slot()
    def copy_text(self) -> None:
        """Copy the report as text."""
        self._export(self.files.copy_text)

    def _export(self, how: "Callable[[DomainReport], None]") -> None:
        if self.report is not None:
            how(self.report)

    def _show_changes(self, name: str, changes: "tuple[SectionChange, ...]") -> None:
        self.changes.show_changes(name, changes)
        self._stack.setCurrentWidget(self.changes)
        self.changes.focus_first()

    def _say(self, sentence: str, tone: Tone = Tone.BROKEN) -> None:
        self.notice.say(visible(sentence), tone)
        self._around.setVisible(bool(sentence))
