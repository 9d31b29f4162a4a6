"""Saves the draft a moment after each change, off the window's thread, one save at a time."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mailgui.message.draft import Draft
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose.drafting import keep_draft
from mailgui.ui.sentences import sentence_of

_AFTER_MS = 1000


class Autosave(QObject):
    """Keeps the draft on the disk.

    Signals:
        failed(str): it could not be saved; a sentence. Said once until it works again.
        saved: it is on the disk.
    """

    failed = Signal(str)
    saved = Signal()

    def __init__(self, bridge: Submitter, draft: Callable[[], Draft], parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._draft = bridge, draft
        self._busy = self._again = self._complained = False
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._timer.timeout.connect(self.now)

    def touch(self) -> None:
        """Save soon."""
        self._timer.start()

    @property
    def due(self) -> bool:
        """Whether something is not on the disk yet."""
        return self._timer.isActive() or self._busy or self._again

    @Slot()
    def now(self) -> None:
        """Save at once, or right after the save that runs."""
        self._timer.stop()
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._bridge.submit(
            keep_draft,
            self._draft(),
            on_done=self._done,
            on_failed=self._went_wrong,
            on_cancelled=self._ended,
            owner=self,
        )

    def _done(self, _result: None) -> None:
        self._complained = False
        self.saved.emit()
        self._ended()

    def _went_wrong(self, error: BaseException) -> None:
        if not self._complained:
            self._complained = True
            self.failed.emit(sentence_of(error))
        self._ended()

    def _ended(self) -> None:
        self._busy = False
        if self._again:
            self._again = False
            self.now()
