"""Finds out, a moment after each change, what the chosen provider would lose of the draft."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mailgui.api.settings import ApiSettings
from mailgui.findings import Finding, Severity
from mailgui.message.draft import Draft
from mailgui.ui.bridge import Submitter

_DEBOUNCE_MS = 300


async def find_losses(draft: Draft, settings: ApiSettings) -> tuple[Finding, ...]:
    """Return what is worth telling before ``draft`` is sent by an API."""
    from mailgui.jobs.request import losses_of

    try:
        found = await asyncio.to_thread(losses_of, draft, settings)
    except ValueError:
        return ()  # what is wrong with the profile is said when it is used
    return tuple(finding for finding in found if finding.severity is not Severity.INFO)


class Foresight(QObject):
    """Keeps what would be lost up to date.

    Signals:
        found(object): the findings, perhaps none.
    """

    found = Signal(object)

    def __init__(
        self,
        bridge: Submitter,
        draft: Callable[[], Draft],
        settings: Callable[[], ApiSettings | None],
        parent: QObject,
    ) -> None:
        """``settings`` returns the API account that is chosen, or None for SMTP."""
        super().__init__(parent)
        self._bridge, self._draft, self._settings = bridge, draft, settings
        self._busy = self._again = False
        self._soon = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._soon.timeout.connect(self.now)

    @property
    def busy(self) -> bool:
        """Whether it looks, or is about to."""
        return self._busy or self._soon.isActive()

    def touch(self) -> None:
        """Look again soon."""
        self._soon.start()

    @Slot()
    def now(self) -> None:
        """Look at once, or right after the look that runs."""
        self._soon.stop()
        settings = self._settings()
        if settings is None:
            self.found.emit(())
            return
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._bridge.submit(
            find_losses,
            self._draft(),
            settings,
            on_done=self._done,
            on_failed=self._failed,
            owner=self,
        )

    def _done(self, findings: tuple[Finding, ...]) -> None:
        self._busy = False
        self.found.emit(findings if self._settings() is not None else ())
        if self._again:
            self._again = False
            self.now()

    def _failed(self, _error: BaseException) -> None:
        self._done(())  # what is wrong with the profile is said when it is used
