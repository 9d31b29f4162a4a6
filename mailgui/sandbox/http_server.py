"""The embedded HTTP server: Hypercorn's protocols on connections of our own counting."""

import asyncio
from typing import Any, cast

from mailgui.net.stream import Endpoint
from mailgui.sandbox.http_app import SandboxApp
from mailgui.sandbox.listening import BoundedListener, bind, bound_to

MAX_CONNECTIONS = 200
_GRACE = 1.0  # seconds for requests that are being answered
_IDLE = 60  # seconds until a connection that says nothing is closed
_BACKLOG = 128


class HttpServer:
    """Serves the application. ``endpoint`` is where, once started."""

    def __init__(self, app: SandboxApp) -> None:
        self._app = app
        self._connections: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.endpoint = Endpoint("", 0)

    async def start(self, endpoint: Endpoint) -> None:
        """Listen on ``endpoint``. Raises OSError."""
        from hypercorn.app_wrappers import ASGIWrapper
        from hypercorn.asyncio.worker_context import WorkerContext
        from hypercorn.config import Config

        bound = BoundedListener(bind(endpoint), MAX_CONNECTIONS)
        self.endpoint = self._app.endpoint = bound_to(bound)
        config = Config()
        config.errorlog = config.accesslog = None  # nobody reads them; findings come from answers
        config.include_server_header = config.include_date_header = False
        config.keep_alive_timeout = config.read_timeout = _IDLE
        # Unbounded, since the application reads at once: where it has ended, a full queue would
        # hold up the connection, and with it stopping.
        config.max_app_queue_size = 0
        self._config, self._context = config, WorkerContext(None)
        self._wrapped = ASGIWrapper(cast("Any", self._app))  # its types name every message there is
        self._server = await asyncio.start_server(self._serve, sock=bound, backlog=_BACKLOG)

    async def stop(self) -> None:
        """Stop listening and give up what is not answered; bounded, and safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        await self._context.terminated.set()
        self._app.abandon()
        for _ in range(2):  # those that do not end by themselves are ended
            if self._connections:
                _, late = await asyncio.wait(self._connections, timeout=_GRACE)
                for task in late:
                    task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from mailgui.sandbox.http_connection import Connection

        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - narrows the type
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        loop = asyncio.get_running_loop()
        await Connection(self._wrapped, loop, self._config, self._context, {}, reader, writer)
