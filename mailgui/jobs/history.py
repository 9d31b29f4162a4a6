"""The history as a person looks through it: found, opened, set side by side, forgotten."""

import asyncio
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.store.history import Remembered, Retention
from mailgui.store.history_rows import HistoryEntry
from mailgui.store.history_search import HistoryFilter
from mailgui.transcript import Direction, Event, Transcript

MAX_COMPARED = 4_000  # events of each conversation
_SENT = {Direction.SENT: "→", Direction.RECEIVED: "←"}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was looked for.

    Attributes:
        total: how many there are in all.
        titles: what conversations were held for, to choose from.
    """

    entries: tuple[HistoryEntry, ...]
    total: int
    titles: tuple[str, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhasePair:
    """One phase in both conversations, in seconds; None where it has none."""

    name: str
    left: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class LinePair:
    """One line of both conversations side by side. ``same``: both say the same."""

    left: str
    right: str
    same: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two conversations compared: their phases, and their lines."""

    left: Transcript
    right: Transcript
    phases: tuple[PhasePair, ...]
    lines: tuple[LinePair, ...]
    cut: bool


async def find(
    services: Services,
    wanted: HistoryFilter,
    *,
    limit: int = 200,
    before: HistoryEntry | None = None,
) -> Found:
    """Return a page of the history, newest first. Raises StoreProblem with a sentence."""
    history = services.history
    entries = await history.search(wanted, limit, before=before)
    total = await history.count(wanted)
    return Found(entries, total, await history.titles(), await history.problems())


async def load(services: Services, transcript_id: str) -> Remembered | None:
    """Return one conversation, or None where it has been forgotten meanwhile."""
    return await services.history.get(transcript_id)


async def forget(services: Services, ids: Sequence[str]) -> tuple[Remembered, ...]:
    """Forget conversations; returns them, for ``restore``."""
    forgotten = []
    for each in ids:
        remembered = await services.history.get(each)
        if remembered is not None:
            forgotten.append(remembered)
        await services.history.delete(each)
    return tuple(forgotten)


async def restore(services: Services, forgotten: Sequence[Remembered]) -> None:
    """Remember again what was forgotten by mistake."""
    for each in forgotten:
        draft = each.kept.draft if each.kept else None
        await services.history.append(each.transcript, each.findings, draft=draft)


async def retention(services: Services) -> Retention:
    """Return how much is remembered."""
    return await services.history.retention()


async def set_retention(services: Services, wanted: Retention) -> None:
    """Remember so much from now on; what is beyond it is forgotten at once."""
    await services.history.set_retention(wanted)


async def load_pair(services: Services, first: str, second: str) -> SideBySide | None:
    """Return two conversations side by side, the older one left; None where one is gone."""
    one, two = await load(services, first), await load(services, second)
    if one is None or two is None:
        return None
    older, newer = sorted((one.transcript, two.transcript), key=lambda each: each.started)
    return await asyncio.to_thread(side_by_side, older, newer)


def report_of(remembered: Remembered) -> SendReport:
    """Return a remembered conversation as the report that its sending came to."""
    return SendReport(remembered.transcript, remembered.findings)


def side_by_side(left: Transcript, right: Transcript) -> SideBySide:
    """Return two conversations compared. Lines that differ only in times and ids differ."""
    cut = max(len(left.events), len(right.events)) > MAX_COMPARED
    return SideBySide(left, right, _phases(left, right), _lines(left, right), cut)


def _phases(left: Transcript, right: Transcript) -> tuple[PhasePair, ...]:
    sums: list[dict[str, float]] = []
    for transcript in (left, right):
        lasted: dict[str, float] = {}
        for phase in transcript.phases:
            lasted[phase.name] = lasted.get(phase.name, 0.0) + phase.duration
        sums.append(lasted)
    names = dict.fromkeys([*sums[0], *sums[1]])
    return tuple(PhasePair(name, sums[0].get(name), sums[1].get(name)) for name in names)


def _lines(left: Transcript, right: Transcript) -> tuple[LinePair, ...]:
    one, two = (_words(each.events[:MAX_COMPARED]) for each in (left, right))
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=len(one) > 1_000)
    pairs: list[LinePair] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        rows = max(b - a, d - c)
        for row in range(rows):
            first = one[a + row] if a + row < b else ""
            second = two[c + row] if c + row < d else ""
            pairs.append(LinePair(first, second, tag == "equal"))
    return tuple(pairs)


def _words(events: Sequence[Event]) -> list[str]:
    return [f"{_SENT.get(event.direction, '·')} {event.text}" for event in events]
