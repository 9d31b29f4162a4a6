"""One captured message: what it says, its headers, its files, its source, how it came."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mailgui.jobs.captured import CapturedFile, CapturedView, listed
from mailgui.jobs.captured_draft import DraftKind
from mailgui.message.attachments import human_size
from mailgui.ui.metrics import LARGE, MEDIUM, SMALL, Type
from mailgui.ui.sandbox.words import day_and_clock, road_words
from mailgui.ui.tokens import Tone
from mailgui.ui.widgets.basics import Label, bar, identify, pad
from mailgui.ui.widgets.beside import Beside
from mailgui.ui.widgets.buttons import MenuButton, QuietButton
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.data_table import DataTable
from mailgui.ui.widgets.data_table_model import Cell, Column, Row
from mailgui.ui.widgets.elided_label import ElidedLabel
from mailgui.ui.widgets.inline_notice import InlineNotice
from mailgui.ui.widgets.segmented import Segmented
from mailgui.ui.widgets.tab_bar import TabPanel

_KEYS = ("text", "html", "headers", "files", "source", "session", "check")


class MessageView(QWidget):
    """Shows one message at a time.

    Signals:
        save_asked(str, bytes): a suggested name, and what is to be saved.
        check_asked: Check it.
        draft_asked(str): Reply or Edit as new; carries the kind of draft.

    Attributes:
        view: what it shows, or None.
        simulate: the button whose menu holds the events that can be simulated.
    """

    save_asked = Signal(str, bytes)
    check_asked = Signal()
    draft_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        identify(self, "captured-message")
        self.view: CapturedView | None = None
        self.subject = ElidedLabel("", kind=Type.TITLE, name="captured-subject")
        self.facts = ElidedLabel("", kind=Type.SMALL, token="secondary", name="captured-facts")
        self.notice = InlineNotice(name="captured-notice")
        self.reply = QuietButton("Reply", name="captured-reply", small=True)
        self.edit = QuietButton("Edit as new", name="captured-edit", small=True)
        self.check = QuietButton("Check it", name="captured-check", small=True)
        self.simulate = MenuButton("Simulate webhook", name="captured-simulate", small=True)
        self.save = QuietButton("Save…", name="captured-save", small=True)
        self.tabs = TabPanel(name="captured", accessible="Parts of the message")
        self.text = CodeView(name="captured-text", accessible="Text of the message")
        self.text.set_wrap(True)
        self.html = CodeView(name="captured-html", accessible="HTML of the message")
        self.source = CodeView(name="captured-source", accessible="Source", numbers=True)
        self.kind = Segmented(
            [("words", "As words"), ("source", "Source")],
            name="captured-html-kind",
            accessible="Show the HTML",
        )
        self.headers = _pairs("captured-headers", "Headers", ("Header", "Value"))
        self.session = _pairs("captured-session", "How it came", ("What", "Value"))
        columns = (Column("Check", most=340), Column("Verdict"), Column("Why", stretch=True))
        self.verdicts = DataTable(
            columns, name="captured-verdicts", accessible="Checks", flush=True
        )
        self.files = DataTable(
            (
                Column("Name", stretch=True),
                Column("Type", mono=True),
                Column("Size", right=True),
                Column("Where"),
            ),
            name="captured-files",
            accessible="Attachments",
            flush=True,
        )
        self.save_file = QuietButton("Save attachment…", name="captured-save-file", small=True)
        self._lay_out()
        self.kind.changed.connect(self._show_html)
        self.check.clicked.connect(self.check_asked)
        self.reply.clicked.connect(lambda: self.draft_asked.emit(DraftKind.REPLY.value))
        self.edit.clicked.connect(lambda: self.draft_asked.emit(DraftKind.NEW.value))
        self.save.clicked.connect(self._save_whole)
        self.save_file.clicked.connect(self._save_chosen)
        self.files.opened.connect(self._save_chosen)

    def show_view(self, view: CapturedView, octets: bytes) -> None:
        """Show a message; ``octets`` are what Save writes."""
        another = self.view is None or self.view.message.id != view.message.id
        self.view, self._octets = view, octets
        message = view.message
        self.subject.set_text(message.subject or "(no subject)")
        road = road_words(message.provider)
        when = day_and_clock(message.received)
        self.facts.set_text(
            f"{message.headers.get('From', message.envelope_from)} → "
            f"{listed(message.recipients, 20)} · {road} · {when}"
        )
        self.notice.say(view.problem, Tone.ATTENTION)
        self.text.set_text(view.text or ("" if not view.html else view.html_text))
        self._show_html(self.kind.key)
        self.source.set_text(view.source)
        self.source.set_language(view.language)
        self.headers.set_rows(view.headers)
        by = road if message.provider else ""
        self.session.set_rows(
            (what, by if what == "Road" and by else told) for what, told in view.session
        )
        self.files.set_rows(map(_file_row, view.files), range(len(view.files)))
        bar_ = self.tabs.tabs
        bar_.set_shown("html", bool(view.html))
        bar_.set_shown("files", bool(view.files))
        bar_.set_count("files", len(view.files))
        if another:
            self.set_checks(())
        if view.files and self.files.key is None:
            self.files.choose(0)

    def set_checks(self, rows: Iterable[Row]) -> None:
        """Show what checking came to; without rows the tab is away."""
        told = tuple(rows)
        self.verdicts.set_rows(told)
        self.tabs.tabs.set_shown("check", bool(told))
        if told:
            self.tabs.tabs.set_key("check")
        elif self.tabs.tabs.key == "check":
            self.tabs.tabs.set_key("text")

    def show_tab(self, key: str) -> None:
        """Bring a tab to the front."""
        self.tabs.tabs.set_key(key)

    def _lay_out(self) -> None:
        head = bar()
        across = QHBoxLayout(head)
        pad(across, LARGE, SMALL, LARGE, SMALL, spacing=SMALL)
        words = QVBoxLayout()
        pad(words, 0, spacing=2)
        words.addWidget(self.subject)
        words.addWidget(self.facts)
        actions = QWidget()
        row = QHBoxLayout(actions)
        pad(row, 0, spacing=SMALL)
        for button in (self.reply, self.edit, self.check, self.simulate, self.save):
            row.addWidget(button)
        across.addWidget(Beside(words, actions, align=Qt.AlignmentFlag.AlignVCenter), 1)
        around = QWidget()
        html = QVBoxLayout(around)
        pad(html, 0)
        strip = QHBoxLayout()
        pad(strip, LARGE, SMALL, LARGE, SMALL)
        strip.addWidget(self.kind)
        strip.addWidget(Label("Nothing in it is loaded or run", tone="secondary"))
        strip.setSpacing(MEDIUM)
        strip.addStretch(1)
        html.addLayout(strip)
        html.addWidget(self.html, 1)
        files = QWidget()
        below = QVBoxLayout(files)
        pad(below, 0)
        below.addWidget(self.files, 1)
        foot = QHBoxLayout()
        pad(foot, LARGE, SMALL, LARGE, SMALL)
        foot.addWidget(self.save_file)
        foot.addStretch(1)
        below.addLayout(foot)
        pages = (
            self.text,
            around,
            self.headers,
            files,
            self.source,
            self.session,
            self.verdicts,
        )
        titles = ("Text", "HTML", "Headers", "Attachments", "Source", "Session", "Checks")
        for key, title, page in zip(_KEYS, titles, pages, strict=True):
            self.tabs.add(key, title, page)
        self.tabs.tabs.set_shown("check", False)
        layout = QVBoxLayout(self)
        pad(layout, 0)
        layout.addWidget(head)
        layout.addWidget(self.notice)
        layout.addWidget(self.tabs, 1)

    @Slot(str)
    def _show_html(self, kind: str) -> None:
        if self.view is None:
            return
        words = kind == "words"
        self.html.set_language("" if words else "html")
        self.html.set_wrap(words)
        self.html.set_text(self.view.html_text if words else self.view.html)

    @Slot()
    def _save_whole(self) -> None:
        if self.view is not None:
            name = "message.eml" if self.view.message.road == "smtp" else "request.json"
            self.save_asked.emit(name, self._octets)

    @Slot()
    def _save_chosen(self) -> None:
        if self.view is not None and self.files.key is not None:
            file = self.view.files[self.files.key]
            self.save_asked.emit(file.name, file.octets)


def _pairs(name: str, accessible: str, heads: tuple[str, str]) -> DataTable:
    columns = (Column(heads[0], most=220), Column(heads[1], stretch=True, mono=True))
    return DataTable(columns, name=name, accessible=accessible, flush=True)


def _file_row(file: CapturedFile) -> tuple[Cell | str, ...]:
    size = Cell(human_size(len(file.octets)), sort=len(file.octets))
    return file.name, file.content_type, size, "inside the HTML" if file.inline else "attached"
