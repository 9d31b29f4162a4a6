"""A rate limiter that really counts: so many messages in so many seconds, then "too fast".

It is a sliding window: in no stretch of that length is more let through, whenever it begins.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

MOST_MESSAGES = 100_000  # which also bounds what the limiter remembers
MOST_SECONDS = 86_400
MINUTE = 60
CODES = ("451", "421")
"""What SMTP says beyond the limit: try again on this connection, or (421) on another one."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``messages`` in any ``seconds``; ``code`` is SMTP's reply beyond that."""

    messages: int
    seconds: int = MINUTE
    code: str = CODES[0]

    def __str__(self) -> str:
        return f"{self.messages}/{self.seconds}"

    @property
    def sentence(self) -> str:
        """The limit in words, without a full stop."""
        many = f"{self.messages:,} message" + ("" if self.messages == 1 else "s")
        span = {1: "a second", MINUTE: "a minute", 3600: "an hour", MOST_SECONDS: "a day"}
        each = span.get(self.seconds)
        return f"{many} {each}" if each else f"{many} in {self.seconds:,} seconds"


def parse_rate(text: str, code: str = CODES[0]) -> RateLimit:
    """Return the limit ``N`` (a minute) or ``N/SECONDS``. Raises WrongInput with a sentence."""
    count, slash, span = text.strip().partition("/")
    messages, seconds = _number(count), _number(span) if slash else MINUTE
    if not 0 < messages <= MOST_MESSAGES or not 0 < seconds <= MOST_SECONDS:
        raise WrongInput(
            f"“{visible(text)}” is not a rate: write N messages a minute, such as 10, or "
            f"N/SECONDS, such as 2/1, with at most {MOST_MESSAGES:,} messages and "
            f"{MOST_SECONDS:,} seconds."
        )
    if code not in CODES:
        raise WrongInput(f"Beyond a rate SMTP answers {' or '.join(CODES)}, not {visible(code)}.")
    return RateLimit(messages, seconds, code)


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True)
class Admission:
    """What one message was told: whether it may pass, how many more may, and when (in whole
    seconds from now) the next one may again.
    """

    admitted: bool
    limit: int
    remaining: int
    wait: int


class RateWindow:
    """Counts one sender's messages. Belongs to one event loop."""

    def __init__(self, rate: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._ends: deque[float] = deque()  # when each message that passed counts no more

    def admit(self) -> Admission:
        """Count one message, unless the limit is reached."""
        now, rate = self._clock(), self._rate
        while self._ends and self._ends[0] <= now:
            self._ends.popleft()
        admitted = len(self._ends) < rate.messages
        if admitted:
            self._ends.append(now + rate.seconds)
        wait = max(1, math.ceil(self._ends[0] - now))
        return Admission(admitted, rate.messages, rate.messages - len(self._ends), wait)
