"""Sending again: only where no message can go out twice, and no sooner than the provider asks."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from mailgui.api.definition import Provider
from mailgui.api.rate_limit import RateLimit, read_rate_limit
from mailgui.transcript import Outcome, Stage, Transcript

_BEFORE_SENDING = (Stage.DNS, Stage.CONNECT, Stage.TLS)
# Of the faults before sending, those that time may mend; a refused certificate is none.
_PASSING = frozenset(
    {"name_timeout", "name_failed", "refused", "timed_out", "unreachable", "lost", "reset"}
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How persistent to be. Times are seconds.

    Attributes:
        attempts: tries in all, the first one included.
        base, cap: the wait is drawn at random from 0 to ``base`` doubled with each try, at most
            ``cap`` ("full jitter").
        longest_wait: what is asked for beyond this is not waited for.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 30.0
    longest_wait: float = 120.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to try again, after how many seconds, and why (or why not)."""

    again: bool
    wait: float
    reason: str


def decide(
    transcript: Transcript,
    *,
    attempt: int,
    idempotent: bool,
    rate_limit: RateLimit | None = None,
    policy: RetryPolicy | None = None,
    draw: Callable[[float, float], float] = random.uniform,
) -> Decision:
    """Return whether the try ``attempt`` (from 1) may be followed by another.

    ``idempotent``: the provider honours the request's idempotency key, so a message whose outcome
    is unknown would not be sent twice.
    """
    policy = policy or RetryPolicy()
    asked = rate_limit.wait if rate_limit else None
    safe, reason = _is_safe(transcript, idempotent=idempotent, asked=asked)
    if not safe:
        return Decision(False, 0.0, reason)
    if attempt >= policy.attempts:
        return Decision(False, 0.0, f"Tried {attempt} times; that is enough.")
    if asked is not None and asked > policy.longest_wait:
        return Decision(False, 0.0, f"The provider asks to wait {asked:.0f} s; try again then.")
    jitter = draw(0.0, min(policy.cap, policy.base * 2 ** (attempt - 1)))
    return Decision(True, (asked or 0.0) + jitter, reason)


def _is_safe(transcript: Transcript, *, idempotent: bool, asked: float | None) -> tuple[bool, str]:
    status = transcript.reply.code if transcript.reply else None
    if transcript.outcome is Outcome.FAILED:
        if transcript.stage in _BEFORE_SENDING and transcript.fault in _PASSING:
            return True, "Nothing had been sent yet."
        return False, "Trying again would not help."
    if transcript.outcome is Outcome.TEMPORARY:
        if transcript.fault == "api.quota" and asked is None:
            return False, "The quota is used up, and it is not said until when."
        if status == 429 or transcript.fault == "api.rate_limit":
            return True, "The provider asked for fewer requests and took nothing."
        if status == 503 and asked is not None:
            return True, "The provider is out of service for a while and took nothing."
        if idempotent:
            return True, "The idempotency key keeps the message from being sent twice."
        return False, "The provider may have taken the message before its fault."
    if transcript.outcome is Outcome.UNKNOWN:
        if idempotent:
            return True, "The idempotency key keeps the message from being sent twice."
        return False, "The provider may have taken the message: trying again could send it twice."
    return False, "The outcome is settled."


def rate_limit_of(provider: Provider, transcript: Transcript) -> RateLimit | None:
    """Return what the last answer of a transcript says of the rate, or None."""
    for exchange in reversed(transcript.exchanges):
        if exchange.status is not None:
            return read_rate_limit(provider, exchange, now=transcript.started)
    return None
