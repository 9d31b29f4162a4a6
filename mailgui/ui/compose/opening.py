"""What the page needs when it opens: the profiles and the last draft, in one go."""

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
