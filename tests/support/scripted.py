"""A scripted server in a thread of its own, for tests whose client has another event loop."""

import asyncio
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.hostile import Server, Step, serving


@contextmanager
def scripted(*scripts: Sequence[Step], context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve the scripts, one for each connection in turn, as long as the block runs."""
    ready, made = threading.Event(), []

    async def serve() -> None:
        done = asyncio.Event()
        async with serving(*scripts, context=context) as server:
            made.extend((server, asyncio.get_running_loop(), done))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="scripted-server")
    thread.start()
    ready.wait(10)
    server, loop, done = made
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(20)
