"""The menu Export: a remembered conversation as text, JSON, HAR, or as code."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from mailgui.jobs.reports import SendReport


def fill_menu(
    menu: QMenu, report: "SendReport", save: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Offer what fits ``report``; ``save`` asks for a file, ``say`` tells what went wrong."""
    from mailgui.jobs.code import KINDS, fitting
    from mailgui.ui.compose.exports import to_text

    menu.clear()
    menu.addAction("Copy as text", lambda: QGuiApplication.clipboard().setText(to_text(report)))
    menu.addAction("Save as text, JSON or HAR…", save)
    kinds = fitting(report.transcript.kind)
    if kinds:
        menu.addSeparator()
        code = menu.addMenu("Copy as code")
        for kind in kinds:
            code.addAction(KINDS[kind].label, partial(_copy_code, kind, report, say))


def _copy_code(kind: str, report: "SendReport", say: Callable[[str], None]) -> None:
    from mailgui.jobs.code import CodeProblem, export_transcript

    try:
        QGuiApplication.clipboard().setText(export_transcript(kind, report.transcript))
    except CodeProblem as problem:
        say(str(problem))
