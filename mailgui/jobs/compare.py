"""Two accounts side by side: the same message by each, in turns, and what it measured."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailgui.findings import Finding
from mailgui.jobs.accounts import Account
from mailgui.jobs.compare_numbers import Sample, Side, sample
from mailgui.jobs.compare_roads import Road, road_of
from mailgui.message.draft import Draft, numbered
from mailgui.transcript import Outcome, Transcript

if TYPE_CHECKING:
    from mailgui.net.resolver import Resolver

_KEPT = 5  # transcripts of failures on each side
_HOPELESS = 3  # messages in a row that were not accepted, and a side is given up


@dataclass(frozen=True, slots=True)
class Turn:
    """One message was sent: by which side (0 or 1), which number, and what it measured."""

    side: int
    number: int
    count: int
    sample: Sample


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and what to make of them.

    Attributes:
        fresh: whether every message had a connection of its own.
        elapsed: seconds, MailGUI's own work included.
        cancelled: whether it was ended early.
    """

    sides: tuple[Side, Side]
    advice: tuple[Finding, ...]
    fresh: bool
    elapsed: float
    cancelled: bool = False

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui compare --json``."""
        return {
            "profiles": [side.to_json_dict() for side in self.sides],
            "new_connection_each": self.fresh,
            "cancelled": self.cancelled,
            "elapsed_ms": round(self.elapsed * 1000, 1),
            "findings": [finding.to_json_dict() for finding in self.advice],
        }


async def compare(
    accounts: tuple[Account, Account],
    draft: Draft,
    *,
    count: int = 10,
    fresh: bool = False,
    prices: Sequence[float | None] = (None, None),
    resolver: "Resolver | None" = None,
    on_turn: Callable[[Turn], None] | None = None,
    cancel: asyncio.Event | None = None,
) -> Comparison:
    """Send ``draft`` ``count`` times by each account, one after the other and in turns.

    In turns, so that a network that grows slow meanwhile is slow for both. Over one connection on
    each side unless ``fresh``. A side that fails three times in a row is given up. Raises
    DraftProblem when the draft cannot be sent as it stands.
    """
    began = time.perf_counter()
    stopping = cancel or asyncio.Event()
    rows = [_Row(account, road_of(account, resolver), fresh) for account in accounts]
    try:
        for number in range(1, count + 1):
            for index, row in enumerate(rows):
                if stopping.is_set() or row.hopeless:
                    continue
                measured = await row.send(draft, number, stopping)
                if on_turn is not None:
                    on_turn(Turn(index, number, count, measured))
    finally:
        for row in rows:
            await row.road.hang_up()
    first, second = (row.side(price) for row, price in zip(rows, prices, strict=True))
    elapsed = time.perf_counter() - began
    return await asyncio.to_thread(_judged, (first, second), fresh, elapsed, stopping.is_set())


def _judged(sides: tuple[Side, Side], fresh: bool, elapsed: float, cancelled: bool) -> Comparison:
    from mailgui.findings.diagnose import diagnose
    from mailgui.jobs.compare_advice import advice

    found = list(advice(sides, fresh=fresh))
    for side in sides:
        told = {finding.id: finding for each in side.failures for finding in diagnose(each)}
        found += [replace(f, title=f"{side.name}: {f.title}") for f in told.values()]
    return Comparison(sides, tuple(found), fresh, elapsed, cancelled)


def reprice(result: Comparison, prices: Sequence[float | None]) -> Comparison:
    """Return the comparison with other prices, and the advice that goes with them."""
    from mailgui.jobs.compare_advice import advice

    first, second = (
        replace(side, price=price) for side, price in zip(result.sides, prices, strict=True)
    )
    own = advice((first, second), fresh=result.fresh)
    others = tuple(f for f in result.advice if not f.id.startswith("compare."))
    return replace(result, sides=(first, second), advice=(*own, *others))


class _Row:
    """One side on its way."""

    def __init__(self, account: Account, road: Road, fresh: bool) -> None:
        self.road = road
        self._name = account.name
        self._fresh = fresh
        self._samples: list[Sample] = []
        self._failures: list[Transcript] = []
        self._first: Transcript | None = None
        self._failed_in_a_row = 0

    @property
    def hopeless(self) -> bool:
        """Whether going on would only repeat the same failure."""
        return self._failed_in_a_row >= _HOPELESS

    async def send(self, draft: Draft, number: int, cancel: asyncio.Event) -> Sample:
        """Send message ``number`` and keep what it measured."""
        transcript = await self.road.send(numbered(draft, number), cancel)
        if self._fresh:
            await self.road.hang_up()
        self._first = self._first or transcript
        bad = transcript.outcome is not Outcome.ACCEPTED
        self._failed_in_a_row = self._failed_in_a_row + 1 if bad else 0
        if bad and transcript.outcome is not Outcome.CANCELLED and len(self._failures) < _KEPT:
            self._failures.append(transcript)
        self._samples.append(sample(transcript))
        return self._samples[-1]

    def side(self, price: float | None) -> Side:
        """Return what it came to."""
        first = self._first
        batched = None
        if first is not None and first.ehlo:
            batched = "PIPELINING" in first.ehlo[-1].capabilities
        return Side(
            self._name,
            self.road.kind,
            tuple(self._samples),
            price,
            tuple(self._failures),
            first,
            batched,
        )
