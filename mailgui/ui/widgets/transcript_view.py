"""The transcript with its tool strip: filter, follow, details, copy, save."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mailgui.transcript import Event
from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, identify, pad, tip
from mailgui.ui.widgets.buttons import ToolWord
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.empty_state import EmptyState
from mailgui.ui.widgets.formatting import number
from mailgui.ui.widgets.keys import bind
from mailgui.ui.widgets.transcript_table import TranscriptTable

_HEX_WIDTH = 16
_MOST_HEX = 64 * 1024
_LEAST_FILTER, _LEAST_WIDTH = 140, 200


def hex_dump(octets: bytes) -> str:
    """Return octets as lines of offset, hexadecimal and what is printable."""
    lines = []
    for offset in range(0, min(len(octets), _MOST_HEX), _HEX_WIDTH):
        part = octets[offset : offset + _HEX_WIDTH]
        text = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
        lines.append(f"{offset:06x}  {part.hex(' '):<{_HEX_WIDTH * 3}} {text}")
    if len(octets) > _MOST_HEX:
        lines.append(f"… {len(octets) - _MOST_HEX:,} more octets")
    return "\n".join(lines)


class TranscriptView(QWidget):
    """A conversation, live or finished.

    Attributes:
        table: the table itself.

    Signals:
        save_asked: Save… was pressed; the page knows what else belongs into the file.
    """

    save_asked = Signal()

    def __init__(self, *, name: str = "transcript", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, name)
        self.table = TranscriptTable(name=f"{name}-table")
        self._filter = QLineEdit()
        self._filter.setProperty("small", "true")
        self._filter.setPlaceholderText("Filter")
        self._filter.setClearButtonEnabled(False)
        self._filter.setToolTip(tip("Show only lines with these words (Ctrl+F)"))
        identify(self._filter, f"{name}-filter", "Filter the transcript")
        self._filter.addAction(
            icon("filter", "secondary"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._hits = Label(tone="secondary")
        self._follow = self._tool("Follow", "follow-tail", "Follow the newest line", check=True)
        self._details = self._tool("Details", "more", "Show the chosen line in full", check=True)
        self._hex = self._tool("Hex", "", "Show the chosen line's octets", check=True)
        self._copy = self._tool("Copy", "copy", "Copy the chosen lines, or all")
        self._save = self._tool("Save…", "save", "Save the transcript as a file")
        self._tools = (self._follow, self._details, self._hex, self._copy, self._save)
        self._detail = CodeView(name=f"{name}-detail", accessible="The chosen line in full")
        self._detail.set_wrap(True)
        self._empty = EmptyState(
            "send",
            "Nothing was sent yet",
            "The conversation with the server appears here, line by line, as it happens.",
            name=f"{name}-empty",
        )
        self._filter_soon = QTimer(self, singleShot=True, interval=120)
        self._current: Event | None = None
        self._lay_out()
        self._connect()
        self._follow.setChecked(True)
        self._detail.hide()

    def append(self, events: Iterable[Event]) -> None:
        """Add events as they happen, in batches."""
        self.table.append(events)
        self._counted()

    def set_events(self, events: Sequence[Event]) -> None:
        """Show a finished conversation; the same events judged anew move nothing."""
        self.table.set_events(events)
        self._counted()

    def clear(self) -> None:
        """Show nothing, and follow what comes."""
        self.table.model_.clear()
        self.table.set_following(True)
        self._show_detail(None)
        self._counted()

    def set_empty_words(self, title: str, sentence: str) -> None:
        """Change what stands here before anything was sent."""
        self._empty.set_words(title, sentence)

    @Slot()
    def _focus_filter(self) -> None:
        """Put the keyboard into the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tools()

    def _fit_tools(self) -> None:
        """Show the tools' signs alone where there is no room for their words."""
        styles = Qt.ToolButtonStyle
        tools = [tool for tool in self._tools if not tool.icon().isNull()]
        for tool in tools:
            tool.setToolButtonStyle(styles.ToolButtonTextBesideIcon)
        words = sum(tool.sizeHint().width() + 2 for tool in self._tools)
        if words + metrics().scaled(_LEAST_FILTER) + 2 * LARGE > self.width():
            for tool in tools:
                tool.setToolButtonStyle(styles.ToolButtonIconOnly)

    def minimumSizeHint(self) -> QSize:
        # Its words become signs where there is little room, but only once there is.
        least = super().minimumSizeHint()
        return QSize(min(least.width(), metrics().scaled(_LEAST_WIDTH)), least.height())

    def _tool(self, text: str, picture: str, words: str, *, check: bool = False) -> ToolWord:
        name = f"{self.objectName()}-{text.lower().rstrip('…')}"
        return ToolWord(text, name=name, icon_name=picture, checkable=check, words=words)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = QHBoxLayout()
        pad(strip, LARGE, SMALL, LARGE - 4, SMALL, spacing=2)
        strip.addWidget(self._filter, 1)
        strip.addSpacing(SMALL)
        strip.addWidget(self._hits)
        strip.addSpacing(SMALL)
        for tool in self._tools:
            strip.addWidget(tool)
        layout.addLayout(strip)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.table)
        self._splitter.addWidget(self._detail)
        self._splitter.setStretchFactor(0, 4)
        self._splitter.setStretchFactor(1, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._splitter)
        layout.addWidget(self._stack, 1)
        self._counted()

    def _connect(self) -> None:
        self._filter.textChanged.connect(lambda _text: self._filter_soon.start())
        self._filter.returnPressed.connect(self._apply_filter)
        self._filter_soon.timeout.connect(self._apply_filter)
        self._follow.clicked.connect(self.table.set_following)
        self.table.following_changed.connect(self._follow.setChecked)
        self.table.event_chosen.connect(self._show_detail)
        self._details.toggled.connect(self._toggle_detail)
        self._hex.toggled.connect(self._toggle_hex)
        self._copy.clicked.connect(self.table.copy_selection)
        self._save.clicked.connect(self.save_asked)
        bind(self, (QKeySequence.StandardKey.Find, self._focus_filter))

    @Slot()
    def _apply_filter(self) -> None:
        self._filter_soon.stop()
        self.table.set_filter(self._filter.text())
        self._counted()

    def _counted(self) -> None:
        events, shown = len(self.table.model_.events), self.table.model_.rowCount()
        self._stack.setCurrentIndex(1 if events else 0)
        filtered = bool(self._filter.text())
        self._hits.setText(f"{shown:,} of {number(events, 'line')}" if filtered else "")
        for tool in (self._copy, self._save):
            tool.setEnabled(bool(events))

    @Slot(bool)
    def _toggle_detail(self, shown: bool) -> None:
        self._detail.setVisible(shown)
        if not shown:
            self._hex.setChecked(False)
        self._show_detail(self._current)

    @Slot(bool)
    def _toggle_hex(self, shown: bool) -> None:
        if shown:
            self._details.setChecked(True)
        self._detail.set_wrap(not shown)
        self._show_detail(self._current)

    @Slot(object)
    def _show_detail(self, event: Event | None) -> None:
        self._current = event
        if not self._details.isChecked():
            return
        if event is None:
            self._detail.set_text("")
        elif self._hex.isChecked():
            self._detail.set_text(hex_dump(event.octets) or "No octets belong to this line.")
        else:
            self._detail.set_text(event.text)
