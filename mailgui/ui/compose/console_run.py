"""What the engine's thread does for the console."""

import asyncio
from collections.abc import Mapping

from mailgui.jobs.accounts import SecretMissing
from mailgui.jobs.console import Order, run_console
from mailgui.jobs.reports import SendReport
from mailgui.jobs.services import Services
from mailgui.store.profile import Profile
from mailgui.transcript import Stage
from mailgui.ui.bridge import Outlet
from mailgui.ui.compose.sending import SecretWanted


async def converse(
    outlet: Outlet,
    services: Services,
    profile: Profile,
    orders: "asyncio.Queue[Order]",
    *,
    until: Stage,
    given: Mapping[str, str],
    remember: bool,
    cancel: asyncio.Event,
) -> SendReport | SecretWanted:
    """Hold a conversation by hand; what happens and each new state go to ``outlet``."""
    if remember:
        for name, secret in given.items():
            await services.secrets.set(profile, secret, name)
    try:
        return await run_console(
            outlet, services, profile, orders, until=until, given=given, tell=outlet, cancel=cancel
        )
    except SecretMissing as missing:
        keeping = await services.secrets.open()
        return SecretWanted(missing.label, missing.sentence, keeping)


async def feed(orders: "asyncio.Queue[Order]", order: Order) -> None:
    """Hand an order over, on the engine's thread."""
    orders.put_nowait(order)
