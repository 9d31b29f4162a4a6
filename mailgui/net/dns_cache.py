"""Answers kept for as long as their TTL allows, "there is none" included (RFC 2308)."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace

from mailgui.net.dns_answer import Answer

_MAX_TTL = 86400  # seconds; RFC 2181 allows 68 years, no cache keeps them


class AnswerCache:
    """A bounded cache of conclusive answers. ``clock`` returns seconds and never goes back."""

    def __init__(self, capacity: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._entries: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()

    def get(self, key: Hashable) -> Answer | None:
        """Return the answer with the TTL it has left, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        expires, answer = entry
        left = expires - self._clock()
        if left <= 0:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return replace(answer, ttl=int(left), cached=True, duration=0.0)

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep ``answer`` if it is conclusive and says for how long; it replaces an older one."""
        if not answer.conclusive or not answer.ttl:
            self._entries.pop(key, None)
            return
        self._entries[key] = (self._clock() + min(answer.ttl, _MAX_TTL), answer)
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
