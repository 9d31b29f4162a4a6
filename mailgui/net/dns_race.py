"""One question to several servers: who is silent is asked again, who refuses is passed over.

An earlier attempt goes on while the next one runs, so that an answer that comes late still counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mailgui.net.dns_message import ParsedAnswer
from mailgui.net.dns_reply import MalformedAnswer
from mailgui.net.errors import NetworkFault

Attempt = Callable[[], Awaitable[ParsedAnswer]]
_SHARES = (0.15, 0.25)  # of the time limit, for the first round and for each later one
_ROUNDS = 3
CONCLUSIVE = ("NOERROR", "NXDOMAIN")
_SILENT = ("timed_out", "name_timeout")  # the kinds of fault that mean: nobody answered


@dataclass(frozen=True, slots=True)
class RaceOutcome:
    """What came of it: ``parsed`` from the server at ``index``, or None with a reason."""

    index: int
    parsed: ParsedAnswer | None = None
    timed_out: bool = False
    reason: str = ""


async def race(attempts: Sequence[Attempt], *, timeout: float, waited: float = 0.0) -> RaceOutcome:
    """Return the first conclusive answer, or else the most telling failure.

    Each attempt, one for each server, is started when the one before has failed or been silent for
    its share of ``timeout`` seconds; after the last, the silent ones are tried again. The first
    attempt has been under way for ``waited`` seconds already.
    """
    return await _Race(attempts, timeout, waited).run()


def patience(servers: int, timeout: float, attempt: int = 0) -> float:
    """Return for how many seconds an attempt is left alone before the next one is made.

    A datagram may be lost: the first time it is soon sent again.
    """
    return timeout * _SHARES[min(attempt // servers, 1)] / servers


class _Race:
    """The state of one race."""

    def __init__(self, attempts: Sequence[Attempt], timeout: float, waited: float) -> None:
        self._attempts = attempts
        self._deadline = asyncio.get_running_loop().time() + timeout - waited
        self._started = 0
        self._waited = waited
        self._timeout = timeout
        self._queue = list(range(len(attempts))) * _ROUNDS
        self._running: dict[asyncio.Task[ParsedAnswer], int] = {}
        self._failed: dict[int, RaceOutcome] = {}

    async def run(self) -> RaceOutcome:
        try:
            while self._start_next() or self._running:
                outcome = await self._wait()
                if outcome is not None:
                    return outcome
                if self._left() <= 0:
                    break
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
        return self._worst()

    def _start_next(self) -> bool:
        while self._queue:
            index = self._queue.pop(0)
            if index in self._failed:
                continue  # it has answered, and would say the same again
            task = asyncio.ensure_future(self._attempts[index]())
            self._running[task] = index
            self._started += 1
            return True
        return False

    def _left(self) -> float:
        return self._deadline - asyncio.get_running_loop().time()

    async def _wait(self) -> RaceOutcome | None:
        wait = self._left()
        if self._queue:
            alone = patience(len(self._attempts), self._timeout, self._started - 1)
            wait = min(alone - self._waited, wait)
        self._waited = 0.0
        done, _ = await asyncio.wait(
            self._running, timeout=max(wait, 0), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            index = self._running.pop(task)
            outcome = _outcome(task, index)
            if outcome.parsed is not None and outcome.parsed.rcode in CONCLUSIVE:
                return outcome
            self._failed[index] = outcome
        return None

    def _worst(self) -> RaceOutcome:
        """Return a server's own word before a network fault, and that before silence."""
        failures = list(self._failed.values())
        for outcome in failures:
            if outcome.parsed is not None:
                return outcome
        silent = [i for i in range(len(self._attempts)) if i not in self._failed]
        if silent:
            reason = f"No name server answered within {self._timeout:g} seconds."
            return RaceOutcome(silent[0], timed_out=True, reason=reason)
        return failures[0]


def _outcome(task: asyncio.Task[ParsedAnswer], index: int) -> RaceOutcome:
    error = task.exception()
    if error is None:
        return RaceOutcome(index, task.result())
    if isinstance(error, NetworkFault):
        silent = error.kind in _SILENT
        return RaceOutcome(index, timed_out=silent, reason=error.sentence)
    if isinstance(error, MalformedAnswer):
        return RaceOutcome(index, reason=str(error))
    raise error
