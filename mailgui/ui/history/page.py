"""The History page: every conversation, found again, opened, compared, sent again, forgotten."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from mailgui.jobs.history import Found, find, forget, load, load_pair, report_of, restore
from mailgui.jobs.services import Services
from mailgui.store.history import Remembered
from mailgui.store.history_search import HistoryFilter
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.history.exporting import fill_menu
from mailgui.ui.history.list_pane import ListPane
from mailgui.ui.history.top_bar import HistoryBar
from mailgui.ui.metrics import LARGE
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import identify, pad
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.page import Page
from mailgui.ui.widgets.side_splitter import SideSplitter

if TYPE_CHECKING:
    from mailgui.jobs.history import SideBySide
    from mailgui.ui.bridge import Outlet
    from mailgui.ui.compose.saving import Saving
    from mailgui.ui.history.pair_view import PairView
    from mailgui.ui.history.report_view import ReportView

_PAGE = 200
_NOTHING, _LIST = 0, 1
_NONE_CHOSEN, _ONE, _PAIR = 0, 1, 2
_UNDO = "Undo"


class HistoryPage(Page):
    """Looks through what was sent.

    Attributes:
        shown: the conversation that is open, or None.

    Signals:
        draft_asked(object, str): this message is to be edited and sent again, by the profile of
            that name.
    """

    draft_asked = Signal(object, str)

    def __init__(self, bridge: Submitter, services: Services, state: dict[str, Any]) -> None:
        super().__init__()
        identify(self, "history-page")
        self._bridge, self._services = bridge, services
        self.shown: Remembered | None = None
        self._jobs: dict[str, Job] = {}
        self._wanted = HistoryFilter()
        self._total = 0
        self._complete = True  # everything that was looked for is listed
        self._forgotten: tuple[Remembered, ...] = ()
        self.bar = HistoryBar()
        self.list = ListPane()
        self.report: ReportView | None = None
        self.pair: PairView | None = None
        self._saving: Saving | None = None
        self.notice = InlineNotice(name="history-notice", dismissible=True)
        self._awaited = False  # the list, by the keyboard
        self._empty = EmptyState(
            "history",
            "Nothing was sent yet",
            "Every conversation is kept here: what was said, how long it took, how it ended. It "
            "can be searched, compared and sent again.",
            name="history-empty",
        )
        self._none = EmptyState(
            "history",
            "No conversation chosen",
            "Choose one to see it as Compose showed it.",
            name="history-none",
        )
        self._detail = QStackedWidget()
        self._lay_out()
        self._connect()
        # Several changes in a row, as of a bulk run, are one look.
        self._soon = QTimer(self, interval=100, singleShot=True)
        self._soon.timeout.connect(self.look)
        bridge.submit(_watch, services, on_events=self._changed, owner=self)
        self.look()

    @property
    def busy(self) -> bool:
        """Whether the history is being asked."""
        return any(job.running for job in self._jobs.values())

    @Slot()
    def look(self) -> None:
        """Look for what the bar says, from the newest on; what is listed is listed again."""
        wanted = self.bar.wanted
        limit = _PAGE if wanted != self._wanted else max(_PAGE, len(self.list.entries))
        self._wanted = wanted
        self._submit("look", find, wanted, limit=limit, on_done=self._found)

    def show_transcript(self, transcript_id: str) -> None:
        """Open one conversation."""
        self.list.table.choose(transcript_id)
        self._open(transcript_id)

    def focus_first(self) -> None:
        """Put the keyboard on the list, or where one searches until there is one."""
        there = self._stack.currentIndex() == _LIST
        (self.list.table if there else self.bar.text).setFocus()
        self._awaited = not there

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.bar)
        around = QVBoxLayout()
        pad(around, LARGE, 0, LARGE, 0)
        around.addWidget(self.notice)
        layout.addLayout(around)
        self._detail.addWidget(self._none)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(SideSplitter(self.list, self._detail, usual=520))
        layout.addWidget(self._stack, 1)
        self._enable()

    def _connect(self) -> None:
        self.bar.filter_changed.connect(self.look)
        self.bar.again_asked.connect(self.send_again)
        self.list.chosen.connect(self._open)
        self.list.opened.connect(self._enter)
        self.list.more_asked.connect(self._more)
        self.list.compare_asked.connect(self.compare)
        self.list.delete_asked.connect(self.delete)
        self.notice.action_triggered.connect(self._undo)
        bind(self, ("Ctrl+E", self.send_again), ("Ctrl+D", self.compare))
        # Not of the whole page: the open conversation has searches of its own.
        for part in (self.bar, self.list):
            bind(part, ("Ctrl+F", self.bar.text.setFocus))

    def _submit(self, name: str, function: Any, *args: Any, on_done: Any, **named: Any) -> None:
        """Run one job of a name at a time; a newer one takes the place of an older."""
        before = self._jobs.get(name)
        if before is not None and before.running:
            before.cancel()
        self._jobs[name] = self._bridge.submit(
            function,
            self._services,
            *args,
            on_done=on_done,
            on_failed=lambda error: self._say(sentence_of(error)),
            owner=self,
            **named,
        )

    def _changed(self, _batch: list[Any]) -> None:
        self._soon.start()

    def _found(self, found: Found) -> None:
        self._total = found.total
        self._complete = len(found.entries) >= found.total
        self.bar.set_titles(found.titles)
        self.list.set_entries(found.entries, found.total)
        if found.total or not self._wanted.empty:
            self._stack.setCurrentIndex(_LIST)
            if self._awaited and self.bar.text.hasFocus() and not self.bar.text.text():
                self.list.table.setFocus()
            self._awaited = False
        else:
            self._stack.setCurrentIndex(_NOTHING)
        if not found.total and not self._wanted.empty:
            self._none.set_words("Nothing found", "Change the words or the filters above.")
        else:
            self._none.set_words(
                "No conversation chosen", "Choose one to see it as Compose showed it."
            )
        ids = {entry.id for entry in found.entries}
        if self.shown is not None and self.shown.transcript.id not in ids:
            self._close()
        if found.problems:
            self._say(found.problems[0], Tone.ATTENTION)
        if self.shown is None and found.entries and self.list.table.key is None:
            self.list.table.choose(found.entries[0].id)

    @Slot()
    def _more(self) -> None:
        if self._complete or not self.list.entries or self.busy:
            return
        before = self.list.entries[-1]
        self._submit("look", find, self._wanted, limit=_PAGE, before=before, on_done=self._add)

    def _add(self, found: Found) -> None:
        self._complete = len(found.entries) < _PAGE
        self.list.add_entries(found.entries, found.total)

    @Slot(str)
    def _open(self, transcript_id: str) -> None:
        if self.shown is None or self.shown.transcript.id != transcript_id:
            self._submit("load", load, transcript_id, on_done=self._loaded)
        elif self._detail.currentIndex() == _PAIR:
            self._detail.setCurrentIndex(_ONE)

    def _loaded(self, remembered: Remembered | None) -> None:
        if remembered is None:
            self._close()
            return
        self.shown = remembered
        self._make_views()
        assert self.report is not None  # noqa: S101 - just made
        report = report_of(remembered)
        self.report.show_report(report)
        fill_menu(self.list.menu, report, self.save, self._say)
        self._detail.setCurrentIndex(_ONE)
        self._enable()

    def _close(self) -> None:
        self.shown = None
        self._detail.setCurrentIndex(_NONE_CHOSEN)
        self._enable()

    def _enable(self) -> None:
        self.list.export.setEnabled(self.shown is not None)
        self.bar.again.setEnabled(self.shown is not None and self.shown.kept is not None)

    def _make_views(self) -> None:
        """The views are made when the first conversation is opened: they are many."""
        if self.report is not None:
            return
        from mailgui.ui.compose.saving import Saving
        from mailgui.ui.history.pair_view import PairView
        from mailgui.ui.history.report_view import ReportView

        self.report, self.pair = ReportView(), PairView()
        self._detail.addWidget(self.report)
        self._detail.addWidget(self.pair)
        self._saving = Saving(self._bridge, self)
        self._saving.failed.connect(self._say)
        self.report.save_asked.connect(self.save)
        self.pair.closed.connect(lambda: self._detail.setCurrentIndex(_ONE))

    @Slot(str)
    def _enter(self, transcript_id: str) -> None:
        """Enter: into the conversation."""
        self._open(transcript_id)
        if self.report is not None:
            self.report.transcript.table.setFocus()

    @Slot()
    def save(self) -> None:
        """Save the open conversation, in a format of the person's choice."""
        if self.shown is not None and self._saving is not None:
            self._saving.transcript(report_of(self.shown))

    @Slot()
    def send_again(self) -> None:
        """Take the message back to Compose."""
        if self.shown is None or self.shown.kept is None:
            return
        kept = self.shown.kept
        if kept.lost:
            names = ", ".join(map(visible, kept.lost))
            self._say(f"Too large to be kept, attach again: {names}.", Tone.ATTENTION)
        self.draft_asked.emit(kept.draft, self.shown.transcript.title)

    @Slot()
    def compare(self) -> None:
        """Show the two chosen conversations side by side."""
        ids = self.list.ids
        if len(ids) == 2:
            self._submit("pair", load_pair, *ids, on_done=self._paired)
        else:
            self._say("Choose two conversations, with Ctrl and a click, to compare.", Tone.INFO)

    def _paired(self, pair: "SideBySide | None") -> None:
        self._make_views()
        if pair is not None and self.pair is not None:
            self._detail.setCurrentIndex(_PAIR)
            self.pair.show_pair(pair)
            self.pair.close_button.setFocus()

    @Slot()
    def delete(self) -> None:
        """Forget what is chosen; it can be undone until something else is deleted."""
        ids = self.list.ids
        if ids:
            self._submit("delete", forget, ids, on_done=self._deleted)

    def _deleted(self, forgotten: tuple[Remembered, ...]) -> None:
        self._forgotten = forgotten
        words = number(len(forgotten), "conversation")
        self.notice.say(f"{words} deleted.", Tone.INFO, action=_UNDO)

    @Slot()
    def _undo(self) -> None:
        forgotten, self._forgotten = self._forgotten, ()
        self.notice.clear()
        self._submit("restore", restore, forgotten, on_done=lambda _none: None)

    def _say(self, sentence: str, tone: Tone = Tone.BROKEN) -> None:
        self.notice.say(visible(sentence), tone)


async def _watch(outlet: "Outlet", services: Services) -> None:
    services.history.watch(lambda: outlet(None))
