"""Trying again: the one loop that sending by SMTP and by API share.

What may be tried again is for each road to say; here is how long to wait, and that waiting ends at
once when it is cancelled.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_R = TypeVar("_R")
Draw = Callable[[float, float], float]
Pause = Callable[[float, "asyncio.Event | None"], Awaitable[bool]]


class Decision(Protocol):
    """Whether to try again, after how many seconds, and why (or why not)."""

    @property
    def again(self) -> bool:
        """Whether there is a next try."""

    @property
    def wait(self) -> float:
        """Seconds until then."""

    @property
    def reason(self) -> str:
        """One sentence."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How persistent to be.

    Attributes:
        attempts: tries in all, the first one included; 1 is no retrying at all.
        first_delay, cap: seconds; the wait after a try is drawn at random from 0 to
            ``first_delay`` doubled with each try, at most ``cap`` (exponential backoff with "full
            jitter": clients that failed together do not come back together).
    """

    attempts: int = 1
    first_delay: float = 5.0
    cap: float = 300.0

    def wait(self, attempt: int, draw: Draw = random.uniform) -> float:
        """Return the seconds to wait after the try ``attempt`` (from 1)."""
        doubled = self.first_delay * 2.0 ** min(attempt - 1, 64)
        return draw(0.0, min(self.cap, doubled))


@dataclass(frozen=True, slots=True)
class Attempt(Generic[_R]):
    """One try.

    Attributes:
        number: from 1.
        report: what came of it.
        again: whether another follows, after ``wait`` seconds.
        reason: why, or why not, in a sentence.
    """

    number: int
    report: _R
    again: bool
    wait: float
    reason: str


async def run_attempts(
    send_once: Callable[[int], Awaitable[_R]],
    decide: Callable[[_R, int], Decision],
    *,
    cancel: asyncio.Event | None = None,
    on_attempt: Callable[[Attempt[_R]], None] | None = None,
    pause: Pause | None = None,
) -> tuple[Attempt[_R], ...]:
    """Return every try, in order; the last one's ``again`` is False unless the wait was cancelled.

    ``send_once`` takes the try's number and returns its report (with a transcript of its own);
    ``decide`` says of that what is next. ``on_attempt`` is told of each try before the waiting
    begins; it must not block. ``cancel`` ends the waiting. ``pause`` waits in place of a clock and
    returns whether it was cancelled.
    """
    done: list[Attempt[_R]] = []
    while True:
        number = len(done) + 1
        report = await send_once(number)
        decision = decide(report, number)
        again = decision.again and not (cancel is not None and cancel.is_set())
        attempt = Attempt(number, report, again, decision.wait if again else 0.0, decision.reason)
        done.append(attempt)
        if on_attempt is not None:
            on_attempt(attempt)
        if not again or await (pause or cancelled_within)(attempt.wait, cancel):
            return tuple(done)


async def cancelled_within(seconds: float, cancel: asyncio.Event | None) -> bool:
    """Wait; return whether ``cancel`` was set meanwhile."""
    if cancel is None:
        await asyncio.sleep(seconds)
        return False
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await cancel.wait()
    return cancel.is_set()
