"""Running a piece of the domain room against a scripted name server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mailgui.net.resolver import Resolver
from tests.support.name_server import NameServer, Zone

T = TypeVar("T")


def against(
    zone: Zone | str,
    work: Callable[[Resolver], Awaitable[T]],
    *,
    timeout: float = 0.3,
    delay: float = 0.0,
    servers: list[NameServer] | None = None,
) -> T:
    """Return what ``work`` returns; the server is added to ``servers`` to be looked at later."""

    async def main() -> T:
        async with NameServer(zone, delay=delay) as server:
            if servers is not None:
                servers.append(server)
            resolver = Resolver(server.address, timeout=timeout)
            try:
                return await work(resolver)
            finally:
                await resolver.close()

    return asyncio.run(main())
