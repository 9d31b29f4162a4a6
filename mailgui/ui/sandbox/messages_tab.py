"""What the sandbox took: a list that grows as messages come, and the chosen one below it."""

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mailgui.jobs.captured import (
    CapturedView,
    MessageGone,
    listed,
    open_captured,
    save_octets,
)
from mailgui.jobs.captured_draft import DraftKind, open_draft
from mailgui.jobs.services import Services
from mailgui.message.attachments import human_size
from mailgui.message.draft import Draft
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox
from mailgui.transcript import visible
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.dialogs import save_file
from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL
from mailgui.ui.sandbox.checking import check_captured
from mailgui.ui.sandbox.message_view import MessageView
from mailgui.ui.sandbox.words import clock, road_words
from mailgui.ui.sentences import sentence_of
from mailgui.ui.theme import metrics
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad, tip
from mailgui.ui.widgets.buttons import QuietButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.inset import Inset
from mailgui.ui.widgets.keys import bind

_COLUMNS = (
    Column("Received", mono=True, right=True, most=90),
    Column("By", most=120),
    Column("From", most=190),
    Column("To", most=190),
    Column("Subject", stretch=True),
    Column("Size", right=True, most=90),
    Column("Fault", most=130),
)


class MessagesTab(QWidget):
    """The captured mailbox.

    Signals:
        count_changed(int): how many messages there are.
        sample_asked: send a first message.
        simulate_asked(object, str): a captured message, and the event to report about it.
        draft_asked(object, str): a draft made of the message, and a profile to send it by.
    """

    count_changed = Signal(int)
    sample_asked = Signal()
    simulate_asked = Signal(object, str)
    draft_asked = Signal(object, str)

    def __init__(self, bridge: Submitter, services: Services) -> None:
        super().__init__()
        identify(self, "sandbox-messages")
        self._bridge, self._services = bridge, services
        self._mailbox: Mailbox | None = None
        self._job: Job | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search sender, recipient, subject, provider")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("filter", "secondary"), QLineEdit.ActionPosition.LeadingPosition)
        identify(self.search, "captured-search", "Search the captured messages")
        self.counted = Label("", tone="secondary", name="captured-count")
        self.delete_button = QuietButton(
            "Delete", name="captured-delete", icon_name="trash", small=True
        )
        self.clear_button = QuietButton("Clear all", name="captured-clear", small=True)
        self.table = DataTable(
            _COLUMNS, name="captured-list", accessible="Captured messages", flush=True
        )
        self.table.setMinimumHeight(metrics().row * 3)
        self.message = MessageView()
        self.notice = InlineNotice(name="captured-list-notice", dismissible=True)
        self._empty = EmptyState(
            "sandbox",
            "Nothing received yet",
            "What is sent to the sandbox, by SMTP or to any provider's API, arrives here and goes "
            f"nowhere else. {Mailbox().bound}",
            name="captured-empty",
            action="Send a sample message",
        )
        self._nothing = EmptyState(
            "search", "Nothing found", "No captured message has these words.", name="captured-none"
        )
        self._lay_out()
        self._connect()
        self.table.sort_by(0, descending=True)

    @property
    def busy(self) -> bool:
        """Whether a message is being read or checked."""
        return self._job is not None and self._job.running

    def attach(self, mailbox: Mailbox) -> None:
        """Show this mailbox from now on."""
        self._mailbox = mailbox
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is in the mailbox now."""
        every = self.mailbox_list()
        wanted = self.search.text().casefold().split()
        found = [m for m in every if _matches(m, wanted)]
        current = self.table.key
        self.table.set_rows(map(_row, found), [m.id for m in found])
        shown = f"{len(found):,} of {len(every):,}" if wanted else f"{len(every):,}"
        dropped = self._mailbox.dropped if self._mailbox else 0
        gone = f" · {dropped:,} older dropped" if dropped else ""
        self.counted.setText(f"{shown} message{'s' if len(every) != 1 else ''}{gone}")
        self.counted.setToolTip(tip(self._mailbox.bound) if self._mailbox else "")
        self._stack.setCurrentWidget(
            self._split if found else (self._nothing if every else self._empty)
        )
        self.clear_button.setEnabled(bool(every))
        self.delete_button.setEnabled(bool(found))
        self.search.setEnabled(bool(every))
        self.count_changed.emit(len(every))
        ids = {m.id for m in found}
        if found and current not in ids:
            self.table.choose(found[0].id)
            if self.table.key != current:
                self._open(self.table.key)

    def mailbox_list(self) -> tuple[CapturedMessage, ...]:
        """Return the captured messages, newest first."""
        return self._mailbox.list() if self._mailbox else ()

    def show_newest(self) -> None:
        """Choose the message that came last."""
        for message in self.mailbox_list()[:1]:
            self.table.choose(message.id)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        pad(strip, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        strip.addWidget(self.search, 1)
        strip.addSpacing(MEDIUM)
        strip.addWidget(self.counted)
        strip.addSpacing(MEDIUM)
        strip.addWidget(self.delete_button)
        strip.addWidget(self.clear_button)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.table)
        self._split.addWidget(self.message)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes([240, 400])
        self._stack = QStackedWidget()
        for page in (self._empty, self._nothing, self._split):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addLayout(strip)
        layout.addWidget(Inset(self.notice, LARGE, 0, LARGE, SMALL))
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.refresh)
        self.table.chosen.connect(self._open)
        self.table.opened.connect(lambda _key: self.message.tabs.tabs.setFocus())
        self.delete_button.clicked.connect(self.delete_chosen)
        self.clear_button.clicked.connect(self._clear)
        self._empty.action_triggered.connect(self.sample_asked)
        self.message.save_asked.connect(self._save)
        self.message.check_asked.connect(self._check)
        self.message.draft_asked.connect(self._make_draft)
        self.message.simulate.setMenu(QMenu(self.message.simulate))
        self.message.simulate.menu().aboutToShow.connect(self._fill_menu)
        bind(self, (QKeySequence.StandardKey.Find, self.search.setFocus))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):  # whatever had it left it alone
            self.delete_chosen()
        else:
            super().keyPressEvent(event)

    @Slot(object)
    def _open(self, key: Any) -> None:
        if self._mailbox is None or key is None:
            return
        mailbox = self._mailbox
        if self._job is not None:
            self._job.cancel()
        self._job = self._bridge.submit(
            open_captured, mailbox, key, on_done=self._opened, on_failed=self._failed, owner=self
        )

    def _opened(self, view: CapturedView) -> None:
        octets = self._mailbox.body(view.message.id) if self._mailbox else None
        self.message.show_view(view, octets or b"")

    @Slot()
    def delete_chosen(self) -> None:
        """Drop the chosen message."""
        if self._mailbox is not None and self.table.key is not None:
            self._mailbox.remove(self.table.key)
            self.refresh()

    @Slot()
    def _clear(self) -> None:
        if self._mailbox is not None:
            self._mailbox.clear()
            self.refresh()

    @Slot(str, bytes)
    def _save(self, name: str, octets: bytes) -> None:
        chosen = save_file(self, "Save", name, ["All files (*)"])
        if chosen is not None:
            self._bridge.submit(
                save_octets,
                chosen[0],
                octets,
                on_done=lambda path: self.notice.say(visible(f"Saved as {path}."), Tone.PASS),
                on_failed=self._failed,
                owner=self,
            )

    @Slot(str)
    def _make_draft(self, kind: str) -> None:
        if self.message.view is not None and self._mailbox is not None:
            self._bridge.submit(
                open_draft, self._mailbox, self.message.view.message.id, DraftKind(kind),
                on_done=self._drafted, on_failed=self._failed, owner=self,
            )  # fmt: skip

    def _drafted(self, draft: Draft) -> None:
        self.draft_asked.emit(draft, "")

    @Slot()
    def _check(self) -> None:
        view = self.message.view
        if view is None or self._mailbox is None or self.busy:
            return
        self.notice.say("Checking its signatures, its sender and its way…", Tone.INFO)
        self._job = self._bridge.submit(
            check_captured,
            self._services,
            self._mailbox,
            view.message,
            on_done=self._checked,
            on_failed=self._failed,
            owner=self,
        )

    def _checked(self, rows: list[Row]) -> None:
        self.notice.clear()
        self.message.set_checks(rows)

    def _failed(self, error: BaseException) -> None:
        self.notice.say(visible(sentence_of(error)), Tone.BROKEN)
        if isinstance(error, MessageGone):
            self.refresh()

    @Slot()
    def _fill_menu(self) -> None:
        from mailgui.jobs.request import providers
        from mailgui.sandbox.webhook_simulation import possible

        view, menu = self.message.view, self.message.simulate.menu()
        menu.clear()
        if view is None:
            return
        message = view.message
        provider = providers().get(message.provider or "resend")
        for event in possible(provider) if provider else ():
            action = QAction(event.capitalize(), menu)
            action.triggered.connect(
                lambda _checked=False, event=event: self.simulate_asked.emit(message, event)
            )
            menu.addAction(action)


def _matches(message: CapturedMessage, wanted: list[str]) -> bool:
    text = " ".join(
        (message.envelope_from, *message.recipients, message.road, message.provider or "smtp",
         *message.headers.values(), *message.faults)
    ).casefold()  # fmt: skip
    return all(word in text for word in wanted)


def _row(message: CapturedMessage) -> tuple[Cell | str, ...]:
    return (
        Cell(clock(message.received), sort=message.received.timestamp()),
        road_words(message.provider, short=True),
        message.headers.get("From", message.envelope_from),
        listed(message.recipients, 20),
        message.subject or "(no subject)",
        Cell(human_size(message.size), sort=message.size),
        Cell(", ".join(message.faults), tone=Tone.ATTENTION) if message.faults else "",
    )
