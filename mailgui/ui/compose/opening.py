"""What the page needs when it opens: the profiles and the last draft, in one go."""

import asyncio
import contextlib
import importlib
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
    """Import what a road needs when it is used, so that the first send is no slower than others."""
    await asyncio.to_thread(_import, _BOTH + (_API if by_api else _SMTP))


_BOTH = (
    "mailgui.net.tls",
    "mailgui.net.tls_context",
    "mailgui.findings.diagnose",
    "truststore",
    "cryptography.x509",
    "mailgui.message.compose",
)
_SMTP = ("mailgui.smtp.session", "mailgui.smtp.sasl.choice")
_API = ("mailgui.api.session", "mailgui.net.http", "httpcore", "h11", "anyio", "sniffio")


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        # What cannot be imported is reported when it is needed.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
