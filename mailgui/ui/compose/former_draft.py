"""What was being written when another message took its place is offered back."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot

from mailgui.message.draft import Draft
from mailgui.transcript import visible
from mailgui.ui.compose.sample import sample_draft
from mailgui.ui.widgets.inline_notice import InlineNotice

_LONGEST = 60  # characters of a subject


class FormerDraft(InlineNotice):
    """A notice that keeps the draft which a person wrote until it is brought back or dismissed.

    Signals:
        wanted(Draft): it is to be shown again.
    """

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(name="former-draft", dismissible=True)
        self._former: Draft | None = None
        self._given = Draft()
        self.action_triggered.connect(self._bring_back)
        self.dismissed.connect(self._forget)

    def replaced(self, former: Draft, shown: Draft) -> None:
        """Take note that ``shown`` stands where ``former`` stood."""
        back = self._former is not None and _same(shown, self._former)
        if not _same(former, self._given) and not _same(former, shown) and _is_own(former):
            self._offer(former)
        elif back:
            self._forget()
        self._given = Draft() if back else shown  # what is brought back is still a person's own

    def _offer(self, former: Draft) -> None:
        self._former = former
        subject = visible(former.subject.strip())
        if len(subject) > _LONGEST:
            subject = f"{subject[:_LONGEST]}…"
        named = f" “{subject}”" if subject else ""
        self.say(f"Your draft{named} made room for this one.", action="Bring it back")

    @Slot()
    def _bring_back(self) -> None:
        if self._former is not None:
            self.wanted.emit(self._former)

    @Slot()
    def _forget(self) -> None:
        self._former = None
        self.clear()


def _is_own(draft: Draft) -> bool:
    """Return whether somebody wrote something into it."""
    written = draft.subject or draft.text or draft.html or draft.attachments or draft.to
    return bool(written) and not _same(draft, sample_draft(""))


def _same(one: Draft, other: Draft) -> bool:
    """Return whether two drafts are alike but for the sender, which a profile may change."""
    return replace(one, sender=None) == replace(other, sender=None)
