"""The history: empty, a conversation opened, two side by side, nothing found."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel

from mailgui.message.draft import Address

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage


def states(stage: "Stage") -> None:
    """Draw it, with what the other states have sent and two conversations more."""
    compose = stage.window.compose
    stage.window.show_page("compose")
    stage.wait("the sample draft", lambda: compose.draft().subject != "")
    draft = replace(compose.draft(), to=(Address("first@good.example"),))
    refused = replace(draft, to=(Address("refuse@good.example"),), subject="Newsletter 47")
    stage.send("Sandbox SMTP", refused)
    stage.send("Sandbox SMTP", replace(draft, subject="Invoice 2026-113"))
    stage.window.show_page("history")
    page: Any = stage.window.page("history")
    stage.wait("the history", lambda: page.shown is not None and not page.busy)
    page.show_transcript(page.list.entries[0].id)
    stage.wait("a conversation", lambda: not page.busy)
    stage.shoot("history")
    table = page.list.table
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(table.model().index(1, 0), flags.Select | flags.Rows)
    page.compare()
    stage.wait("two conversations", lambda: page.pair is not None and not page.busy)
    stage.shoot("history-pair")
    page.bar.text.setText("no such words")
    page.look()
    stage.wait("nothing found", lambda: not page.busy)
    stage.shoot("history-nothing-found")
    page.bar.clear()
    stage.wait("everything again", lambda: not page.busy)
