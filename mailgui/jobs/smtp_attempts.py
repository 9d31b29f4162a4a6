"""Messages by SMTP that are tried again: only for recipients about whom nothing is decided."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mailgui.jobs.attempts import Attempt, Backoff, Draw, Pause, run_attempts
from mailgui.message.outgoing import Outgoing
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome, RecipientResult, Transcript

if TYPE_CHECKING:
    from mailgui.jobs.reports import SendReport

SendOnce = Callable[[Outgoing], Awaitable["SendReport"]]
_CANCELLED = "Cancelled before the next attempt."


@dataclass(frozen=True, slots=True)
class _Next:
    """A Decision."""

    again: bool
    wait: float
    reason: str


def backoff_of(settings: SmtpSettings) -> Backoff:
    """Return how persistent an account is."""
    return Backoff(settings.retries + 1, settings.retry_delay, settings.retry_cap)


async def send_trying_again(
    send_once: SendOnce,
    outgoing: Outgoing,
    settings: SmtpSettings,
    *,
    cancel: asyncio.Event | None = None,
    on_attempt: Callable[[Attempt[Transcript]], None] | None = None,
    pause: Pause | None = None,
    draw: Draw = random.uniform,
) -> "SendReport":
    """Send ``outgoing`` by ``send_once``, and again as often as ``settings`` say, each time to the
    recipients that were refused for now or could not be asked about.

    Whoever was accepted, refused for good, or may have the message (``unknown``) is not sent to
    again. The report is the last one with the results of all recipients, and every try in its
    ``attempts``. ``on_attempt`` is told of each try that another follows, before the waiting, which
    ``cancel`` ends.
    """
    if settings.retries <= 0:
        return await send_once(outgoing)
    run = _Run(outgoing, backoff_of(settings), draw)

    async def once(_number: int) -> Transcript:
        report = await send_once(run.message)
        run.reports.append(report)
        return report.transcript

    def tell(attempt: Attempt[Transcript]) -> None:
        if attempt.again and on_attempt is not None:
            on_attempt(attempt)

    tries = await run_attempts(once, run.decide, cancel=cancel, on_attempt=tell, pause=pause)
    last = run.reports[-1]
    if len(tries) == 1 and not tries[0].again:
        return last
    transcript = _whole([attempt.report for attempt in tries], outgoing.envelope.recipients)
    if tries[-1].again:
        summary = f"{transcript.summary} {_CANCELLED}".strip()
        transcript = replace(transcript, summary=summary)
    attempts = tries if len(tries) > 1 else ()
    return replace(last, transcript=transcript, attempts=attempts)


class _Run:
    """What is still to be sent, and what came of it so far."""

    def __init__(self, outgoing: Outgoing, backoff: Backoff, draw: Draw) -> None:
        self.message = outgoing
        self.reports: list[SendReport] = []
        self._whole = outgoing
        self._backoff = backoff
        self._draw = draw

    def decide(self, transcript: Transcript, number: int) -> _Next:
        """Return what follows the try ``number``."""
        from mailgui.smtp.limits import Portion
        from mailgui.smtp.retry import undecided, why_settled

        left = undecided(transcript)
        if not left:
            return _Next(False, 0.0, why_settled(transcript))
        if number >= self._backoff.attempts:
            return _Next(False, 0.0, f"Tried {number} times; that is enough.")
        envelope = replace(self._whole.envelope, recipients=left)
        self.message = Portion(self._whole, envelope)
        whom = left[0] if len(left) == 1 else f"{len(left)} recipients"
        reason = f"Nothing is decided yet for {whom}."
        return _Next(True, self._backoff.wait(number, self._draw), reason)


def _whole(transcripts: Sequence[Transcript], recipients: Sequence[str]) -> Transcript:
    """Return the last transcript with what became of every recipient over all tries."""
    from mailgui.smtp.bulk_tally import whole_outcome

    last = transcripts[-1]
    results: dict[str, RecipientResult] = {}
    for transcript in transcripts:
        results.update({result.address: result for result in transcript.recipients})
    ordered = tuple(results[address] for address in recipients if address in results)
    if last.outcome is Outcome.CANCELLED:
        return replace(last, recipients=ordered)
    outcomes = [result.outcome for result in ordered]
    outcome = whole_outcome(outcomes) if outcomes else last.outcome
    return replace(last, recipients=ordered, outcome=outcome)
