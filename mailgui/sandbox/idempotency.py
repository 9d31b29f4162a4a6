"""Idempotency keys: the same call twice is answered twice and sent once."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from mailgui.sandbox.api_answers import HttpAnswer

MAX_KEYS = 1_000
MAX_OCTETS = 16 * 1024 * 1024  # of the answers that are remembered


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
    """Remembers answers by provider and key, a bounded number of them; the oldest go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._octets = 0

    def begin(self, provider: str, key: str, content: bytes, hours: float) -> HttpAnswer | None:
        """Return the answer that this call was given before; None when it is the first.

        Raises KeyInUse when another call (of another content, or still running) has the key.
        """
        fingerprint = hashlib.sha256(content).digest()
        known = self._entries.get((provider, key))
        if known is None or known.expires < self._clock():
            entry = _Entry(fingerprint, self._clock() + hours * 3600)
            self._drop(known)
            self._entries[provider, key] = entry
            self._bound()
            return None
        if known.fingerprint != fingerprint:
            raise KeyInUse(running=False)
        if known.answer is None:
            raise KeyInUse(running=True)
        return known.answer

    def end(self, provider: str, key: str, answer: HttpAnswer | None) -> None:
        """Remember the answer; None (it was a refusal, or never came) gives the key back."""
        entry = self._entries.get((provider, key))
        if entry is None:
            return
        if answer is None:
            del self._entries[provider, key]
        else:
            entry.answer = answer
            self._octets += len(answer.body)
            self._bound()

    def _bound(self) -> None:
        while len(self._entries) > MAX_KEYS or (self._octets > MAX_OCTETS and self._entries):
            self._drop(self._entries.popitem(last=False)[1])

    def _drop(self, entry: _Entry | None) -> None:
        if entry is not None and entry.answer is not None:
            self._octets -= len(entry.answer.body)
