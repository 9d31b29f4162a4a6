"""JSON as a tree: folds, finds, copies; ten megabytes do not make the window wait."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from mailgui.transcript import visible
from mailgui.ui.icons import icon
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import IconButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.json_document import Path, matches, path_words, plain, to_text, walk
from mailgui.ui.widgets.json_model import JsonModel, Node
from mailgui.ui.widgets.json_reader import Box, JsonReader, read
from mailgui.ui.widgets.json_view import JsonTreeView
from mailgui.ui.widgets.keys import bind

_READ_ASIDE = 200_000  # characters from which a document is read in a thread of its own
_SLICE = 20_000  # values looked at before the window gets its turn
_MOST_HITS = 10_000
_UNFOLD_AT_FIRST = 60  # rows
_MOST_UNFOLDED = 2_000


class JsonTree(QWidget):
    """Shows one JSON document; what is not JSON stands there as it came, with a sentence.

    Attributes:
        problem: why there is no tree, or an empty string.

    Signals:
        ready: the document has been read; with large ones that is after ``set_json`` returned.
    """

    ready = Signal()

    def __init__(
        self, *, name: str = "json", accessible: str = "JSON", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        identify(self, name)
        self.problem = ""
        self._source: str | bytes = ""
        self._value: Any = None
        self._number = 0
        self._hits: list[Path] = []
        self._walk: Iterator[tuple[Path, str | int | None, Any]] | None = None
        self._needle = ""
        self.model = JsonModel(self)
        self.tree = JsonTreeView(self.model, name=f"{name}-tree", accessible=accessible)
        self._raw = CodeView(name=f"{name}-raw", accessible=f"{accessible}, as it came")
        self._notice = InlineNotice(name=f"{name}-notice")
        self._search = QLineEdit()
        self._search.setProperty("small", "true")
        self._search.setPlaceholderText("Find a key or value")
        identify(self._search, f"{name}-find", "Find a key or value")
        self._count = Label(tone="secondary")
        self._back = IconButton("chevron-up", "Previous match", name=f"{name}-previous")
        self._next = IconButton("chevron-down", "Next match", name=f"{name}-next")
        self._unfold = IconButton("expand", "Unfold all", name=f"{name}-unfold")
        self._fold = IconButton("collapse", "Fold all", name=f"{name}-fold")
        self._reader = JsonReader(self)
        self._slice = QTimer(self, interval=0)
        self._soon = QTimer(self, singleShot=True, interval=150)
        self._lay_out()
        self._connect()

    def set_json(self, source: str | bytes) -> None:
        """Show a document, as text or octets of UTF-8."""
        self._source = source
        self._number += 1
        self._stop_search()
        if len(source) > _READ_ASIDE:
            self._count.setText("Reading…")
            self._reader.start(self._number, source)
        else:
            self._show(self._number, *read(source))

    def text(self) -> str:
        """Return the document as JSON, indented; what is no JSON as it came."""
        if self.problem:
            source = self._source
            return source if isinstance(source, str) else source.decode("utf-8", "backslashreplace")
        return to_text(self._value)

    def current_path(self) -> str:
        """Return the current row's path, such as ``$.to[0]``."""
        path = () if self.model.single else self._current().path()
        return path_words(self._value, path)

    @Slot()
    def copy_value(self) -> None:
        """Copy the current row's value."""
        QGuiApplication.clipboard().setText(plain(self._current().value))

    @Slot()
    def copy_path(self) -> None:
        """Copy the current row's path."""
        QGuiApplication.clipboard().setText(self.current_path())

    @Slot()
    def unfold_all(self) -> None:
        """Unfold every row, up to a bound that keeps the window awake."""
        done = 0
        waiting = [QModelIndex()]
        while waiting and done < _MOST_UNFOLDED:
            index = waiting.pop(0)
            if index.isValid():
                self.tree.expand(index)
                if self.model.canFetchMore(index) and not self.model.rowCount(index):
                    self.model.fetchMore(index)
            done += 1
            for row in range(min(self.model.rowCount(index), _MOST_UNFOLDED)):
                below = self.model.index(row, 0, index)
                if self.model.hasChildren(below):
                    waiting.append(below)

    @Slot()
    def find_next(self) -> None:
        """Go to the next match, from the last to the first."""
        self._go(1)

    @Slot()
    def find_previous(self) -> None:
        """Go to the match before, from the first to the last."""
        self._go(-1)

    @property
    def searching(self) -> bool:
        """Whether the document is still being searched."""
        return self._walk is not None

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        pad(layout, 0)
        strip = QHBoxLayout()
        pad(strip, LARGE, SMALL, LARGE, SMALL, spacing=4)
        strip.addWidget(self._search, 1)
        strip.addWidget(self._count)
        for button in (self._back, self._next, self._unfold, self._fold):
            strip.addWidget(button)
        body = QVBoxLayout()
        pad(body, LARGE, 0, LARGE, SMALL)
        body.addWidget(self._notice)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self._raw)
        self._strip = QWidget()
        self._strip.setLayout(strip)
        layout.addWidget(self._strip)
        layout.addLayout(body)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._reader.read.connect(self._was_read)
        self._slice.timeout.connect(self._search_on)
        self._soon.timeout.connect(self._start_search)
        self._search.textChanged.connect(lambda _text: self._soon.start())
        self._search.returnPressed.connect(self._enter)
        self._back.clicked.connect(self.find_previous)
        self._next.clicked.connect(self.find_next)
        self._unfold.clicked.connect(self.unfold_all)
        self._fold.clicked.connect(self.tree.collapseAll)
        self.tree.copy_asked.connect(self.copy_value)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        bind(self, (QKeySequence.StandardKey.Find, self._focus_search))

    @Slot(int, object, str)
    def _was_read(self, number: int, box: Box, problem: str) -> None:
        self._show(number, box.value, problem)

    def _show(self, number: int, value: Any, problem: str) -> None:
        if number != self._number:
            return  # another document was set meanwhile
        self.problem = problem
        self._value = None if problem else value
        self._count.setText("")
        self._strip.setVisible(not problem)
        self._notice.say(problem, Tone.ATTENTION)
        self._stack.setCurrentWidget(self._raw if problem else self.tree)
        if problem:
            self.model.set_value(None)
            self._raw.set_text(visible(self.text(), keep_newlines=True))
        else:
            self.model.set_value(value)
            self._unfold_first()
        self.ready.emit()

    def _unfold_first(self) -> None:
        """Unfold the first levels as long as that stays within a page."""
        rows = self.model.rowCount()
        for row in range(rows):
            index = self.model.index(row, 0)
            if rows > _UNFOLD_AT_FIRST:
                return
            self.tree.expand(index)
            rows += self.model.rowCount(index)

    def _current(self) -> Node:
        index = self.tree.currentIndex()
        return self.model.node(index) if index.isValid() else self.model.root

    @Slot()
    def _focus_search(self) -> None:
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    @Slot()
    def _enter(self) -> None:
        if self._soon.isActive() or self._search.text().lower() != self._needle:
            self._start_search()
        else:
            self.find_next()

    def _stop_search(self) -> None:
        self._soon.stop()
        self._slice.stop()
        self._walk = None
        self._hits = []
        self._needle = ""

    @Slot()
    def _start_search(self) -> None:
        self._stop_search()
        self._needle = self._search.text().lower()
        if not self._needle or self.problem:
            self._count.setText("")
            return
        self._walk = walk(self.model.root.value)
        self._slice.start()

    @Slot()
    def _search_on(self) -> None:
        if self._walk is None:
            self._slice.stop()
            return
        had = bool(self._hits)
        for _ in range(_SLICE):
            found = next(self._walk, None)
            if found is None or len(self._hits) >= _MOST_HITS:
                self._walk = None
                self._slice.stop()
                break
            path, key, value = found
            if path and matches(key, value, self._needle):
                self._hits.append(path)
        if self._hits and not had:
            self._reveal(self._hits[0])
        self._say_count()

    def _go(self, step: int) -> None:
        if not self._hits:
            return
        here = self._current().path()
        after, before = bisect_right(self._hits, here), bisect_left(self._hits, here) - 1
        place = after if step > 0 else before
        self._reveal(self._hits[place % len(self._hits)])
        self._say_count()

    def _reveal(self, path: Path) -> None:
        index = self.model.index_of(path)
        above = index.parent()
        while above.isValid():
            self.tree.expand(above)
            above = above.parent()
        self.tree.setCurrentIndex(index)
        self.tree.scrollTo(index)

    def _say_count(self) -> None:
        if not self._hits:
            self._count.setText("Searching…" if self.searching else "No match")
            return
        place = bisect_left(self._hits, self._current().path()) + 1
        more = "+" if self.searching or len(self._hits) >= _MOST_HITS else ""
        self._count.setText(f"{min(place, len(self._hits)):,} of {len(self._hits):,}{more}")

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(icon("copy"), "Copy value", self.copy_value)
        menu.addAction("Copy path", self.copy_path)
        menu.addSeparator()
        menu.addAction(icon("expand"), "Unfold all", self.unfold_all)
        menu.addAction(icon("collapse"), "Fold all", self.tree.collapseAll)
        menu.exec(self.tree.viewport().mapToGlobal(where))
        menu.deleteLater()
