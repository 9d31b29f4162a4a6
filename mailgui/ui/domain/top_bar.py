"""The strip above the page: which domain, whom to ask, Check, and Export."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from mailgui.ui.domain.ask_choice import AskChoice, WideField
from mailgui.ui.metrics import LARGE, SMALL
from mailgui.ui.widgets.basics import identify, pad, set_flag, tip
from mailgui.ui.widgets.buttons import MenuButton
from mailgui.ui.widgets.flow_layout import FlowLayout
from mailgui.ui.widgets.run_button import RunButton


class DomainBar(QFrame):
    """The page's controls.

    Signals:
        check_asked: Check, or Enter in a field.
        cancel_asked: Cancel, while a check runs.
        copy_asked, markdown_asked, save_asked, compare_asked: the entries of Export.
    """

    check_asked = Signal()
    cancel_asked = Signal()
    copy_asked = Signal()
    markdown_asked = Signal()
    save_asked = Signal()
    compare_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identify(self, "domain-bar")
        self.setProperty("kind", "bar")
        self.domain = WideField(300, name="domain", accessible="Domain", placeholder="example.com")
        self.button = RunButton("Check", "↵", name="check")
        self.ask = AskChoice(own=True)
        self.selectors = WideField(
            170,
            name="selectors",
            accessible="DKIM selectors, optional",
            placeholder="DKIM selectors",
        )
        words = "DKIM selectors to look for beside the usual ones, with commas between; optional"
        self.selectors.setToolTip(tip(words))
        self.export = MenuButton("Export", name="export")
        menu = QMenu(self.export)
        menu.addAction("Copy as text", self.copy_asked.emit)
        menu.addAction("Copy as Markdown", self.markdown_asked.emit)
        menu.addAction("Save as JSON, Markdown or HTML…", self.save_asked.emit)
        menu.addSeparator()
        menu.addAction("Compare with a saved report…", self.compare_asked.emit)
        self.export.setMenu(menu)
        self.export.setEnabled(False)
        self._lay_out()
        self.button.start_asked.connect(self.check_asked)
        self.button.cancel_asked.connect(self.cancel_asked)
        for field in (self.domain, self.selectors):
            field.returnPressed.connect(self.check_asked)
        self.ask.accepted.connect(self.check_asked)
        self.domain.textEdited.connect(lambda _text: self.set_problem(wrong=False))

    @property
    def selector_names(self) -> tuple[str, ...]:
        """The selectors that were typed."""
        names = re.split(r"[\s,;]+", self.selectors.text())
        return tuple(dict.fromkeys(name for name in names if name))

    def set_running(self, running: bool) -> None:
        """Turn Check into Cancel, and back."""
        self.button.set_running(running)
        self.ask.setEnabled(not running)

    def set_problem(self, *, wrong: bool) -> None:
        """Mark the domain's field."""
        set_flag(self.domain, "problem", "true" if wrong else "false")

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        pad(layout, LARGE, 10, LARGE, 11, spacing=SMALL)
        left = QWidget()
        left.setProperty("kind", "plain")
        flow = FlowLayout(left, gap=SMALL + 2)
        for widget in (self.domain, self.button, self.ask, self.selectors):
            flow.addWidget(widget)
        layout.addWidget(left, 1)
        layout.addWidget(self.export, 0, Qt.AlignmentFlag.AlignTop)
