"""The step editor, usual and rearranged, and the Advanced part of a profile."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.ui.profiles.editor import Editor
from mailgui.ui.widgets.fold import Fold
from mailgui.ui.widgets.scroll_column import ScrollColumn

if TYPE_CHECKING:
    from mailgui.ui.screenshots import Stage

_WORK = SmtpSettings(
    "smtp.example.com", 465, username="ann@example.com", proxy="socks5://ann@proxy.example.com"
)


def steps_states(stage: "Stage") -> None:
    """Draw them; the window must have its draft."""
    compose = stage.window.compose
    stage.window.show_page("compose")
    compose.choose_profile("Sandbox SMTP")
    steps = compose.exchange.steps
    compose.exchange.open_steps()
    stage.shoot("compose-steps")
    steps.list.choose(2)
    steps.up.click()
    steps.rules.boxes["go_on"].click()
    for fold in steps.findChildren(Fold):
        fold.set_open(True)
    stage.shoot("compose-steps-own")
    column = steps.findChild(ScrollColumn)
    assert isinstance(column, ScrollColumn)  # noqa: S101 - narrows the type
    bar = column.verticalScrollBar()
    QCoreApplication.processEvents()
    bar.setValue(bar.maximum() // 2)
    stage.shoot("compose-steps-rules")
    steps.reset()
    for fold in steps.findChildren(Fold):
        fold.set_open(False)
    compose.show_tab("transcript")
    _advanced(stage)


def _advanced(stage: "Stage") -> None:
    stage.window.show_page("profiles")
    editor = stage.window.findChild(Editor)
    assert isinstance(editor, Editor)  # noqa: S101 - narrows the type
    stage.wait("the profiles", lambda: bool(editor.head.text("name")))
    editor.show_profile(Profile("Work", _WORK))
    QCoreApplication.processEvents()
    bar = editor.column.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    stage.shoot("profiles-advanced")
