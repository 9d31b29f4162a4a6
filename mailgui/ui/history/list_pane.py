"""The list of conversations, newest first; it loads further ones as it is scrolled."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from mailgui.store.history_rows import HistoryEntry
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import outcome_tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad, tip
from mailgui.ui.widgets.buttons import MenuButton, QuietButton
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.formatting import duration

_COLUMNS = (
    Column("When", right=True),
    Column("Outcome"),
    Column("Profile", most=120),
    Column("About", stretch=True, words="The subject, or whom it was for"),
)
_NEAR = 3  # rows from the end at which more are loaded


class ListPane(QWidget):
    """Shows entries.

    Attributes:
        entries: those that are listed.

    Signals:
        chosen(str): another conversation is current; carries its id.
        opened(str): Enter or a double click.
        more_asked: the end of the list came into sight.
        compare_asked, delete_asked: the buttons, and the Del key.
    """

    chosen = Signal(str)
    opened = Signal(str)
    more_asked = Signal()
    compare_asked = Signal()
    delete_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        identify(self, "history-list-pane")
        self.entries: list[HistoryEntry] = []
        self.table = DataTable(
            _COLUMNS, name="history-list", accessible="Conversations", several=True, flush=True
        )
        self.count = Label(tone="secondary", name="history-count")
        self.compare = QuietButton("Compare", name="history-compare", small=True)
        self.delete = QuietButton("Delete", name="history-delete", small=True)
        self.export = MenuButton("Export", name="history-export", small=True)
        self.menu = QMenu(self.export)
        self.export.setMenu(self.menu)
        self.compare.setToolTip(tip("Choose two conversations (Ctrl and click), then compare them"))
        self.delete.setToolTip(tip("Forget what is chosen (Del)"))
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(self.table, 1)
        foot = bar("foot")
        around = QVBoxLayout(foot)
        pad(around, LARGE, 6, SMALL, 6)
        line = QWidget()
        line.setProperty("kind", "plain")
        flow = FlowLayout(line, gap=SMALL)
        for widget in (self.compare, self.export, self.delete, self.count):
            flow.addWidget(widget)
        around.addWidget(line)
        layout.addWidget(foot)
        self.table.chosen.connect(lambda key: self.chosen.emit(str(key)))
        self.table.opened.connect(lambda key: self.opened.emit(str(key)))
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.compare.clicked.connect(self.compare_asked)
        self.delete.clicked.connect(self.delete_asked)
        key = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self.delete_asked)
        self._selected()

    @property
    def ids(self) -> list[str]:
        """The chosen conversations' ids, from the top."""
        return [str(key) for key in self.table.keys]

    def set_entries(self, entries: Sequence[HistoryEntry], total: int) -> None:
        """List these in place of what was there; the current one stays if it is among them."""
        self.entries = list(entries)
        top = self.table.verticalScrollBar().value()
        self.table.set_rows(map(_row, entries), [entry.id for entry in entries])
        self.table.verticalScrollBar().setValue(top)
        self._count(total)
        self._selected()

    def add_entries(self, entries: Sequence[HistoryEntry], total: int) -> None:
        """List further ones."""
        self.entries += entries
        self.table.rows.add_rows(map(_row, entries), [entry.id for entry in entries])
        self._count(total)

    def _count(self, total: int) -> None:
        noun = "conversation" if total == 1 else "conversations"
        self.count.setText(f"{total:,} {noun}")

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        if value >= self.table.verticalScrollBar().maximum() - _NEAR:
            self.more_asked.emit()

    @Slot()
    def _selected(self, *_: object) -> None:
        chosen = len(self.table.selectionModel().selectedRows())
        self.compare.setEnabled(chosen == 2)
        self.delete.setEnabled(chosen > 0)


def _row(entry: HistoryEntry) -> Row:
    began = entry.started.astimezone()
    about = entry.subject or entry.recipients or entry.summary or entry.peer
    more = "\n".join(filter(None, (entry.recipients, entry.peer, entry.summary)))
    return (
        Cell(when(began), sort=began.timestamp(), more=f"{began:%Y-%m-%d %H:%M:%S}"),
        Cell(entry.outcome.value, outcome_tone(entry.outcome)),
        entry.title,
        Cell(about, more=f"{more}\n{duration(entry.duration)}".strip()),
    )


def when(moment: datetime, now: datetime | None = None) -> str:
    """Return a local time, short: the hour today, the day before that, the year before this one."""
    now = now or datetime.now(moment.tzinfo)
    if moment.date() == now.date():
        return f"{moment:%H:%M:%S}"
    if moment.year == now.year:
        return f"{moment:%d %b %H:%M}"
    return f"{moment:%Y-%m-%d}"
