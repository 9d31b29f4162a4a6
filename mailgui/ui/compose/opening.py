"""What the page needs when it opens: the profiles and the last draft, in one go."""

import asyncio
from dataclasses import dataclass

from mailgui.jobs.services import Services
from mailgui.ui.compose.drafting import Restored, restore_draft
from mailgui.ui.compose.roads import Roads, load_roads


@dataclass(frozen=True, slots=True)
class Opened:
    """The profiles, and the draft of the last time."""

    roads: Roads
    restored: Restored


async def open_page(services: Services, wanted: str) -> Opened:
    """Read everything; the sample draft is from the sender of the profile ``wanted``."""
    roads = await load_roads(services)
    road = roads.find(wanted) or next(iter(roads.roads), None)
    return Opened(roads, await restore_draft(road.profile.sender if road else ""))


async def warm_up(*, by_api: bool) -> None:
    """Import what a road needs, so that the first send is as quick as the second."""
    await asyncio.to_thread(_import_api if by_api else _import_smtp)


def _import_api() -> None:
    import mailgui.api.session
    import mailgui.net.http
    import mailgui.net.tls  # noqa: F401


def _import_smtp() -> None:
    import mailgui.message.compose
    import mailgui.net.tls
    import mailgui.smtp.session  # noqa: F401
