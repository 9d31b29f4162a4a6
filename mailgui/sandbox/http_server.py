"""The embedded HTTP server: Hypercorn inside the running loop, on a socket of ours."""

import asyncio
import contextlib
from typing import Any, cast

from mailgui.net.stream import Endpoint
from mailgui.sandbox.http_app import SandboxApp
from mailgui.sandbox.listening import BoundedListener, bind, bound_to

MAX_CONNECTIONS = 200
_GRACE = 1.0  # seconds for requests that are being answered
_ENDING = 3.0  # seconds for Hypercorn as a whole


class HttpServer:
    """Serves the application. ``endpoint`` is where, once started."""

    def __init__(self, app: SandboxApp) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self.endpoint = Endpoint("", 0)

    async def start(self, endpoint: Endpoint) -> None:
        """Listen on ``endpoint``. Raises OSError."""
        from hypercorn.app_wrappers import ASGIWrapper
        from hypercorn.asyncio.run import worker_serve
        from hypercorn.config import Config, Sockets

        bound = BoundedListener(bind(endpoint), MAX_CONNECTIONS)
        self.endpoint = self._app.endpoint = bound_to(bound)
        bound.listen(128)  # from here on clients wait and are not refused
        config = Config()
        config.errorlog = config.accesslog = None  # nobody reads them; findings come from answers
        config.include_server_header = config.include_date_header = False
        config.graceful_timeout = _GRACE
        config.shutdown_timeout = _GRACE
        config.keep_alive_timeout = 60.0
        config.read_timeout = 60
        # Unbounded, since the application reads at once: where it has ended, a full queue would
        # hold up the connection, and with it stopping.
        config.max_app_queue_size = 0
        self._stop = asyncio.Event()
        # The public ``serve`` would bind addresses itself and not tell which port it got.
        self._task = asyncio.create_task(
            worker_serve(
                ASGIWrapper(cast("Any", self._app)),  # its types name every message there is
                config,
                sockets=Sockets([], [bound], []),
                shutdown_trigger=self._stop.wait,
            )
        )

    async def stop(self) -> None:
        """Stop listening and give up what is not answered; bounded, and safe to call twice."""
        task, self._task = self._task, None
        if task is None:
            return
        self._stop.set()
        self._app.abandon()
        await asyncio.wait({task}, timeout=_ENDING)
        if not task.done():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
