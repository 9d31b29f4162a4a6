"""Keeps what the page says about the message up to date, off the window's thread."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from mailgui.message.draft import Draft, DraftProblem
from mailgui.ui.bridge import Submitter
from mailgui.ui.compose.drafting import Preview, preview
from mailgui.ui.compose.stamp import Stamp
from mailgui.ui.sentences import sentence_of

_DEBOUNCE_MS = 250
_REFRESH_MS = 20_000  # the Date that is shown is never much older than this


class Previewer(QObject):
    """Composes the draft after each change, and holds the stamp of the next send.

    Attributes:
        preview: what was found out last.
        draft: what that was about, stamped.
        sent_at: when this very message was sent; None for one that is still to be sent.

    Signals:
        updated: ``preview`` is another.
    """

    updated = Signal()

    def __init__(
        self,
        bridge: Submitter,
        draft: Callable[[], Draft],
        wanted: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """``draft`` returns the draft as it stands, ``wanted`` whether its octets are looked at."""
        super().__init__(parent)
        self.preview = Preview()
        self.draft = Draft()
        self.sent_at: datetime | None = None
        self._bridge, self._source, self._wanted = bridge, draft, wanted
        self._stamp = Stamp()
        self._frozen: Draft | None = None  # what was sent, until the draft is changed
        self._busy = self._again = False
        self._soon = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._soon.timeout.connect(self.refresh)
        self._clock = QTimer(self, interval=_REFRESH_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def touch(self) -> None:
        """Take note that the draft was changed: the next send is another message."""
        self._thaw()
        self._soon.start()

    def for_sending(self) -> Draft:
        """Return the draft to send, stamped as it was shown; a new message if that one was sent."""
        if self._frozen is not None:
            self._thaw()
            self._soon.start(0)  # shows the new one
        return self._stamped()

    def was_sent(self, draft: Draft, when: datetime) -> None:
        """Show ``draft`` as it was sent until something is changed."""
        if self._source_now(draft) != draft:
            self._stamp = Stamp()  # it was changed while it was on its way
            return
        self._frozen, self.sent_at = draft, when
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Compose anew; at once if nothing is being composed."""
        self._soon.stop()
        if self._busy:
            self._again = True
            return
        self._busy = True
        draft = self._frozen or self._stamped()
        self.draft = draft
        # What was sent is read at once, before its files can change.
        show = self._wanted() or self._frozen is not None
        self._bridge.submit(
            preview, draft, show=show, on_done=self._done, on_failed=self._failed, owner=self
        )

    def _stamped(self) -> Draft:
        self._stamp = self._stamp.refreshed()
        return self._stamp.put_on(self._source())

    def _source_now(self, sent: Draft) -> Draft:
        """Return the draft as it stands, with the stamp that ``sent`` had."""
        return replace(self._source(), message_id=sent.message_id, date=sent.date)

    def _thaw(self) -> None:
        if self._frozen is not None:
            self._frozen, self.sent_at, self._stamp = None, None, Stamp()

    def _done(self, found: Preview) -> None:
        self._busy = False
        self.preview = found
        self.updated.emit()
        if self._again:
            self._again = False
            self.refresh()

    def _failed(self, error: BaseException) -> None:
        self._done(Preview(problem=DraftProblem("message", sentence_of(error))))

    @Slot()
    def _tick(self) -> None:
        if self._wanted() and self._frozen is None and not self._soon.isActive():
            self.refresh()
