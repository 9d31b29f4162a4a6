"""What Export does: the report onto the clipboard, into a file, and beside a saved one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from mailgui.ui.bridge import Submitter
from mailgui.ui.dialogs import open_files, save_file
from mailgui.ui.domain.exporting import FILTERS, changes_since, save_report
from mailgui.ui.sentences import sentence_of
from mailgui.ui.tokens import Tone

if TYPE_CHECKING:
    from mailgui.domain.report import DomainReport
    from mailgui.domain.report_change import SectionChange

Say = Callable[[str, Tone], None]


class ReportFiles:
    """Works for one page: ``say`` tells the person, ``show`` shows changes."""

    def __init__(
        self,
        page: QWidget,
        bridge: Submitter,
        say: Say,
        show: "Callable[[str, tuple[SectionChange, ...]], None]",
    ) -> None:
        self._page, self._bridge, self._say, self._show = page, bridge, say, show

    def copy_text(self, report: "DomainReport") -> None:
        """Copy the report as text."""
        from mailgui.jobs.report_text import report_text

        QGuiApplication.clipboard().setText(report_text(report))

    def copy_markdown(self, report: "DomainReport") -> None:
        """Copy the report as Markdown."""
        from mailgui.jobs.report_markdown import report_markdown

        QGuiApplication.clipboard().setText(report_markdown(report))

    def save(self, report: "DomainReport") -> None:
        """Ask where to, and write the report there."""
        chosen = save_file(self._page, "Save the report", f"{report.domain}.json", FILTERS)
        if chosen is not None:
            self._bridge.submit(
                save_report,
                *chosen,
                report,
                on_done=lambda path: self._say(f"Saved as {path}.", Tone.PASS),
                on_failed=self._failed,
                owner=self._page,
            )

    def compare(self, report: "DomainReport") -> None:
        """Ask for a saved report, and show what has changed since."""
        for path in open_files(self._page)[:1]:
            self.compare_with(path, report)

    def compare_with(self, path: Path, report: "DomainReport") -> None:
        """Show what has changed since the report in a file."""
        self._bridge.submit(
            changes_since,
            path,
            report,
            on_done=lambda changes: self._show(path.name, changes),
            on_failed=self._failed,
            owner=self._page,
        )

    def _failed(self, error: BaseException) -> None:
        self._say(sentence_of(error), Tone.BROKEN)
