"""The table of a live transcript: fast with 100,000 rows; follows the tail when at the end."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from mailgui.transcript import Event
from mailgui.transcript.export_text import line_of
from mailgui.ui.icons import icon
from mailgui.ui.metrics import SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import identify
from mailgui.ui.widgets.transcript_delegate import TranscriptDelegate, sign_width
from mailgui.ui.widgets.transcript_model import Column, TranscriptModel


class TranscriptTable(QTableView):
    """Shows a TranscriptModel.

    Attributes:
        model_: the model, typed.

    Signals:
        following_changed(bool): whether the tail is followed.
        event_chosen(object): another event is the current one; None for none.
    """

    following_changed = Signal(bool)
    event_chosen = Signal(object)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name, "Transcript")
        self.model_ = TranscriptModel(self)
        self.setModel(self.model_)
        self.setItemDelegate(TranscriptDelegate(self))
        self.setProperty("kind", "wire")
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.horizontalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(10)
        self._following = True
        self._moving = False
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._range_changed)
        self.customContextMenuRequested.connect(self._open_menu)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self._measure()

    @property
    def following(self) -> bool:
        """Whether new rows come into view by themselves."""
        return self._following

    def set_following(self, following: bool) -> None:
        """Follow the tail, or stop; following goes to the end at once."""
        if following is not self._following:
            self._following = following
            self.following_changed.emit(following)
        if following:
            self._go_to_end()

    def append(self, events: Iterable[Event]) -> None:
        """Add events, in batches."""
        self.model_.append(events)
        if self._following:
            self._go_to_end()

    def set_events(self, events: Sequence[Event]) -> None:
        """Show a finished conversation's events."""
        self.model_.set_events(events)
        if self._following:
            self._go_to_end()

    def set_filter(self, needle: str) -> None:
        """Filter, and keep the current event current and in view where it still shows."""
        row = self.currentIndex().row()
        position = self.model_.position_of(row) if row >= 0 else None
        self.model_.set_filter(needle)
        kept = None if position is None else self.model_.row_of(position)
        if kept is not None:
            self.selectRow(kept)
            self.scrollTo(self.model_.index(kept, Column.TEXT))
        elif self._following:
            self._go_to_end()

    def selected_events(self) -> list[Event]:
        """Return the selected events, in order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.model_.event_at(row) for row in rows]

    @Slot()
    def copy_selection(self) -> None:
        """Copy the selected lines with their signs, or all when none is selected."""
        self._copy(self.selected_events() or self._visible_events())

    @Slot()
    def copy_texts(self) -> None:
        """Copy the selected lines as they went over the wire, without signs."""
        texts = [event.text for event in self.selected_events()]
        QGuiApplication.clipboard().setText("\n".join(texts))

    @Slot()
    def copy_all(self) -> None:
        """Copy every line, filtered or not."""
        self._copy(self.model_.events)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() == Qt.Key.Key_End and not event.modifiers():
            super().keyPressEvent(event)
            self.set_following(True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self.currentIndex().isValid() and self.model_.rowCount():
            # Qt would take the first row, which may be far out of sight.
            row = self.rowAt(self.viewport().height() - 1)
            row = row if row >= 0 else self.model_.rowCount() - 1
            only = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self.model_.index(row, Column.TEXT), only)
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(
            self, "model_"
        ):
            self._measure()

    def sizeHintForColumn(self, column: int) -> int:  # noqa: N802 - Qt's name
        # Qt would ask the delegate for every visible row.
        return self.columnWidth(column)

    def _measure(self) -> None:
        sizes = metrics()
        mono = sizes.measure(Type.MONO)
        number = mono.horizontalAdvance("00,000.0") + 2 * SMALL
        self.verticalHeader().setMinimumSectionSize(sizes.row)
        self.verticalHeader().setDefaultSectionSize(sizes.row)
        header = self.horizontalHeader()
        header.resizeSection(Column.TIME, number)
        header.resizeSection(Column.DIFFERENCE, mono.horizontalAdvance("+00,000.0") + SMALL)
        header.resizeSection(Column.SIGN, sign_width())

    def _copy(self, events: Iterable[Event]) -> None:
        QGuiApplication.clipboard().setText("\n".join(line_of(event) for event in events))

    def _visible_events(self) -> list[Event]:
        return [self.model_.event_at(row) for row in range(self.model_.rowCount())]

    def _go_to_end(self) -> None:
        self._moving = True
        self.scrollToBottom()
        self._moving = False

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        if not self._moving:
            following = value >= self.verticalScrollBar().maximum()
            if following is not self._following:
                self._following = following
                self.following_changed.emit(following)

    @Slot(int, int)
    def _range_changed(self, _least: int, _most: int) -> None:
        if self._following:
            self._go_to_end()

    @Slot()
    def _current_changed(self) -> None:
        row = self.currentIndex().row()
        shown = 0 <= row < self.model_.rowCount()
        self.event_chosen.emit(self.model_.event_at(row) if shown else None)

    def context_menu(self) -> QMenu:
        """Return what can be done with the selected lines."""
        menu = QMenu(self)
        some = bool(self.selectionModel().selectedRows())
        lines = menu.addAction(icon("copy"), "Copy lines", self.copy_selection)
        texts = menu.addAction("Copy text only", self.copy_texts)
        lines.setEnabled(some)
        texts.setEnabled(some)
        menu.addAction("Copy all", self.copy_all).setEnabled(bool(self.model_.events))
        menu.addAction("Select all", self.selectAll).setEnabled(bool(self.model_.rowCount()))
        return menu

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        menu = self.context_menu()
        menu.exec(self.viewport().mapToGlobal(where))
        menu.deleteLater()
