"""The questions of one check: asked once each, counted, kept as evidence."""

from __future__ import annotations

import time
from typing import Protocol

from mailgui.net.dns_answer import Answer
from mailgui.transcript import Recorder


class Asker(Protocol):
    """Whoever answers questions: a Resolver, or the Questions of one check."""

    async def ask(self, name: str, rdtype: str, *, recorder: Recorder | None = None) -> Answer:
        """Return the answer; never raises for what the DNS does."""


class Questions:
    """Asks a resolver, and remembers what it asked.

    A question asked twice gets the same answer, so that the parts of a check agree with each other
    even where answers have no TTL.
    """

    def __init__(self, resolver: Asker, recorder: Recorder | None = None) -> None:
        self._resolver = resolver
        self._recorder = recorder
        self._answers: dict[tuple[str, str], Answer] = {}
        self._started = time.perf_counter()
        self.last_answer = 0.0  # seconds from the start to the last answer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer, in the order in which they came."""
        return tuple(self._answers.values())

    @property
    def count(self) -> int:
        """How many different questions went out; those that the cache answered do not count."""
        return sum(not answer.cached for answer in self._answers.values())

    async def ask(self, name: str, rdtype: str, *, recorder: Recorder | None = None) -> Answer:
        """Return the answer; never raises for what the DNS does."""
        key = (name.lower().removesuffix("."), rdtype)
        if key in self._answers:
            return self._answers[key]
        answer = await self._resolver.ask(name, rdtype, recorder=recorder or self._recorder)
        if not answer.cached:
            self.last_answer = max(self.last_answer, time.perf_counter() - self._started)
        return self._answers.setdefault(key, answer)
