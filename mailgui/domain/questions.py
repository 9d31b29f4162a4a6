"""The questions of one check: asked once each, counted, kept as evidence."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from mailgui.net.dns_answer import Answer
from mailgui.transcript import Recorder


class Asker(Protocol):
    """Whoever answers questions: a Resolver, or the Questions of one check."""

    async def ask(
        self, name: str, rdtype: str, *, recorder: Recorder | None = None, signed: bool = False
    ) -> Answer:
        """Return the answer, with ``signed`` together with its signatures; never raises for what
        the DNS does.
        """

    async def ask_each(
        self, names: Sequence[str], rdtype: str, *, recorder: Recorder | None = None
    ) -> list[Answer]:
        """Return the answers for several names, asked for at once."""


class Questions:
    """Asks a resolver, and remembers what it asked.

    A question asked twice gets the same answer, so that the parts of a check agree with each other
    even where answers have no TTL.
    """

    def __init__(self, resolver: Asker, recorder: Recorder | None = None) -> None:
        self._resolver = resolver
        self._recorder = recorder
        self._answers: dict[tuple[str, str, bool], Answer] = {}
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

    async def ask(
        self, name: str, rdtype: str, *, recorder: Recorder | None = None, signed: bool = False
    ) -> Answer:
        """Return the answer; never raises for what the DNS does."""
        key = (name.lower().removesuffix("."), rdtype, signed)
        if key in self._answers:
            return self._answers[key]
        recorder = recorder or self._recorder
        answer = await self._resolver.ask(name, rdtype, recorder=recorder, signed=signed)
        if not answer.cached:
            self.last_answer = max(self.last_answer, time.perf_counter() - self._started)
        return self._answers.setdefault(key, answer)

    async def ask_each(
        self, names: Sequence[str], rdtype: str, *, recorder: Recorder | None = None
    ) -> list[Answer]:
        """Return the answers for several names, asked for at once."""
        keys = [(name.lower().removesuffix("."), rdtype, False) for name in names]
        new = list(dict.fromkeys(key for key in keys if key not in self._answers))
        told = await self._resolver.ask_each(
            [key[0] for key in new], rdtype, recorder=recorder or self._recorder
        )
        if not all(answer.cached for answer in told):
            self.last_answer = max(self.last_answer, time.perf_counter() - self._started)
        for key, answer in zip(new, told, strict=True):
            self._answers.setdefault(key, answer)
        return [self._answers[key] for key in keys]
