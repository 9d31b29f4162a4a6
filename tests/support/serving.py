"""A scripted name server in a thread of its own, for what runs its own event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.name_server import NameServer, Zone


@contextmanager
def name_server(zone: Zone | str) -> Iterator[NameServer]:
    """Serve ``zone`` until the block ends."""
    ready = threading.Event()
    made: list[NameServer] = []
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        async with NameServer(zone) as server:
            done = asyncio.Event()
            made.append(server)
            loops.append((asyncio.get_running_loop(), done))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10), "The name server did not start."
    try:
        yield made[0]
    finally:
        loop, done = loops[0]
        loop.call_soon_threadsafe(done.set)
        thread.join()
