"""Runs the MX matrix, one domain at a time."""

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from mailgui.jobs.mx_matrix import MatrixPlan, MatrixRow, MxMatrix
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.ui.bridge import Job, Submitter
from mailgui.ui.compose.matrix_run import Malformed, probe_domain
from mailgui.ui.compose.matrix_view import MatrixView
from mailgui.ui.sentences import sentence_of


class MatrixController(QObject):
    """Asks the engine and hands the view what came of it.

    Attributes:
        matrix: the last whole one, or None.

    Signals:
        finished: one has ended.
    """

    finished = Signal()

    def __init__(
        self,
        bridge: Submitter,
        services: Services,
        view: MatrixView,
        draft: Callable[[], Draft],
    ) -> None:
        """``draft`` gives the draft as it stands: its recipients' domain is probed by default."""
        super().__init__(view)
        self.matrix: MxMatrix | None = None
        self._bridge, self._services, self._view, self._draft = bridge, services, view, draft
        self._job: Job | None = None
        view.probe_asked.connect(self.probe)
        view.stop_asked.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether something is being probed."""
        return self._job is not None

    @Slot()
    def probe(self) -> None:
        """Probe the domain in the field, or else that of the draft's first recipient."""
        if self.running or self._view.problem():
            return
        domain = self._view.domain.text().strip() or recipient_domain(self._draft())
        if not domain:
            self._view.fail("Enter a domain, or write to somebody first.")
            self._view.focus_first()
            return
        self._view.begin(domain)
        stop = asyncio.Event()
        self._job = self._bridge.submit(
            probe_domain,
            self._services,
            domain,
            self._view.choice,
            cancel=stop,
            on_events=self._happened,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=self._cancelled,
            stop=stop,
            owner=self,
        )
        if not self._job.running:  # a stand-in for the bridge may be through with it already
            self._job = None

    def probe_domain(self, domain: str) -> None:
        """Probe ``domain``."""
        self._view.domain.setText(domain)
        self.probe()

    @Slot()
    def stop(self) -> None:
        """End the probing; what has answered stays."""
        if self._job is not None:
            self._job.cancel()

    def _happened(self, batch: list[Any]) -> None:
        for item in batch:
            if isinstance(item, MatrixPlan):
                self._view.show_plan(item)
        rows = [item for item in batch if isinstance(item, MatrixRow)]
        if rows:
            self._view.show_rows(rows)

    def _done(self, result: MxMatrix | Malformed) -> None:
        self._job = None
        if isinstance(result, Malformed):
            self._view.fail(result.sentence)
        else:
            self.matrix = result
            self._view.show_matrix(result)
        self.finished.emit()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._view.fail(sentence_of(error))
        self.finished.emit()

    def _cancelled(self) -> None:
        self._job = None
        self._view.fail("Stopped.")
        self.finished.emit()


def recipient_domain(draft: Draft) -> str:
    """Return the domain of the draft's first recipient, or an empty string."""
    for mailbox in (*draft.to, *draft.cc, *draft.bcc):
        if "@" in mailbox.address:
            return mailbox.address.rpartition("@")[2]
    return ""
