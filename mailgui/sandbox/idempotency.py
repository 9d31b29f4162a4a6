"""Idempotency keys: the same call twice is answered twice and sent once."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from mailgui.sandbox.api_answers import HttpAnswer

_MOST = 1_000


@dataclass(slots=True)
class _Entry:
    fingerprint: bytes
    expires: float
    answer: HttpAnswer | None = None


class KeyInUse(Exception):
    """The key belongs to another call. ``running``: to one that has not been answered yet."""

    def __init__(self, *, running: bool) -> None:
        super().__init__()
        self.running = running


class IdempotencyKeys:
    """Remembers answers by provider and key, at most a thousand of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()

    def begin(self, provider: str, key: str, content: bytes, hours: float) -> HttpAnswer | None:
        """Return the answer that this call was given before; None when it is the first.

        Raises KeyInUse when another call (of another content, or still running) has the key.
        """
        fingerprint = hashlib.sha256(content).digest()
        known = self._entries.get((provider, key))
        if known is None or known.expires < self._clock():
            entry = _Entry(fingerprint, self._clock() + hours * 3600)
            self._entries[provider, key] = entry
            while len(self._entries) > _MOST:
                self._entries.popitem(last=False)
            return None
        if known.fingerprint != fingerprint:
            raise KeyInUse(running=False)
        if known.answer is None:
            raise KeyInUse(running=True)
        return known.answer

    def end(self, provider: str, key: str, answer: HttpAnswer | None) -> None:
        """Remember the answer; None (it was a refusal, or never came) gives the key back."""
        if answer is None:
            self._entries.pop((provider, key), None)
        elif entry := self._entries.get((provider, key)):
            entry.answer = answer
