"""Saves what the page shows as files, off the window's thread, after asking where."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from mailgui.jobs.reports import SendReport
from mailgui.message.draft import Draft
from mailgui.transcript import CertificateSummary
from mailgui.ui import dialogs
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose import exports
from mailgui.ui.compose.chain_tree import chain_pem
from mailgui.ui.compose.drafting import whole_message, write_file, write_message
from mailgui.ui.sentences import sentence_of


class Saving(QObject):
    """Asks for a path and writes there.

    Signals:
        failed(str): it could not be written; a sentence.
        done(str): the path that was written.
    """

    failed = Signal(str)
    done = Signal(str)

    def __init__(self, bridge: Submitter, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._page = bridge, parent

    def eml(self, draft: Draft) -> None:
        """Save a message as it is sent."""
        asked = dialogs.save_file(
            self._page, "Save the message", "message.eml", ["Message (*.eml)"]
        )
        if asked:
            path = asked[0] if asked[0].suffix else asked[0].with_name(asked[0].name + ".eml")
            self._write(path, write_message, draft, path)

    def copy(self, draft: Draft) -> None:
        """Copy a whole message."""
        self._bridge.submit(
            whole_message,
            draft,
            on_done=QGuiApplication.clipboard().setText,
            on_failed=self._went_wrong,
            owner=self,
        )

    def transcript(self, report: SendReport) -> None:
        """Save a transcript, in a format of the person's choice."""
        name = exports.suggested_name(report)
        asked = dialogs.save_file(self._page, "Save the transcript", name, exports.formats(report))
        if asked:
            path = exports.with_suffix(*asked)
            self._write(path, _write_report, report, path)

    def certificate(self, certificate: CertificateSummary) -> None:
        """Save a certificate as PEM."""
        asked = dialogs.save_file(
            self._page, "Save the certificate", "certificate.pem", ["PEM (*.pem)"]
        )
        if asked:
            import ssl

            pem = ssl.DER_cert_to_PEM_cert(certificate.der).encode()
            self._write(asked[0], write_file, pem, asked[0])

    def chain(self, chain: Sequence[CertificateSummary]) -> None:
        """Save a certificate chain as one PEM file, the server's own first."""
        asked = dialogs.save_file(
            self._page, "Save the certificate chain", "chain.pem", ["PEM (*.pem)"]
        )
        if asked:
            self._write(asked[0], write_file, chain_pem(chain).encode(), asked[0])

    def _write(self, path: Path, function: object, *args: object) -> None:
        self._bridge.submit(
            function,  # type: ignore[arg-type]
            *args,
            on_done=lambda _result: self.done.emit(str(path)),
            on_failed=self._went_wrong,
            owner=self,
        )

    def _went_wrong(self, error: BaseException) -> None:
        self.failed.emit(f"Not saved: {sentence_of(error)}")


async def _write_report(report: SendReport, path: Path) -> None:
    octets = await asyncio.to_thread(exports.to_octets, report, path)
    await write_file(octets, path)
