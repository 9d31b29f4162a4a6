"""What the engine's thread does for the page; what it expects to fail comes back as a result."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mailgui.jobs.accounts import SecretMissing, open_account
from mailgui.jobs.compare import Comparison, Turn, compare
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft, DraftProblem
from mailgui.store.profile import Profile


@dataclass(frozen=True, slots=True)
class Match:
    """Two profiles to measure with a message, and how."""

    profiles: tuple[Profile, Profile]
    draft: Draft
    count: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Nothing was sent. ``sentence`` says what to do first."""

    sentence: str


async def run_match(
    outlet: Callable[[Turn], None], services: Services, match: Match, *, cancel: asyncio.Event
) -> Comparison | NotPossible:
    """Send by both profiles in turns, and tell of each message."""
    try:
        first, second = [await open_account(services, profile) for profile in match.profiles]
        return await compare(
            (first, second),
            match.draft,
            count=match.count,
            fresh=match.fresh,
            on_turn=outlet,
            cancel=cancel,
        )
    except SecretMissing as missing:
        return NotPossible(f"{missing.sentence} Send once on the Compose page to enter it.")
    except DraftProblem as problem:
        return NotPossible(problem.sentence)
