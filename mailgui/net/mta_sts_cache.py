"""MTA-STS policies that were fetched, kept for as long as they say, as senders keep them.

RFC 8461, section 3.1: a sender fetches a policy anew only when it has none that still holds, or
when the id in the DNS record is another one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from mailgui.net.mta_sts import MtaStsPolicy

_MOST = 1000  # domains


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy with the id it was announced by. Times are in seconds since 1970."""

    policy: MtaStsPolicy
    record_id: str
    fetched: float

    @property
    def until(self) -> float:
        """When it ends to hold."""
        return self.fetched + self.policy.max_age


class PolicyCache:
    """Policies by domain; the oldest make room for new ones. ``clock`` gives the time."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, KeptPolicy] = OrderedDict()

    def get(self, domain: str) -> KeptPolicy | None:
        """Return the policy of ``domain`` that still holds, or None."""
        kept = self._kept.get(_key(domain))
        return kept if kept is not None and self._clock() < kept.until else None

    def put(self, domain: str, record_id: str, policy: MtaStsPolicy) -> None:
        """Keep a policy that was fetched just now."""
        self._kept[_key(domain)] = KeptPolicy(policy, record_id, self._clock())
        self._kept.move_to_end(_key(domain))
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


_caches: WeakKeyDictionary[object, PolicyCache] = WeakKeyDictionary()


def cache_of(resolver: object) -> PolicyCache:
    """Return what is kept of the world that ``resolver`` shows; it lives as long as that does."""
    return _caches.setdefault(resolver, PolicyCache())


def _key(domain: str) -> str:
    return domain.lower().removesuffix(".")
