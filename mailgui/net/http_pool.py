"""The connections of an HTTP client: kept open, handed out, made when there is none."""

import asyncio
from typing import TYPE_CHECKING

from mailgui.net.http_backend import Connector, TracedStream
from mailgui.net.http_request import Target
from mailgui.net.http_trace import HttpTrace
from mailgui.net.stream import Endpoint

if TYPE_CHECKING:
    import httpcore

    from mailgui.net.http1 import Http1Connection

Origin = tuple[str, Endpoint]


class Pool:
    """Any number of HTTP/1.1 connections to an origin, or one of HTTP/2 that all share."""

    def __init__(self, connector: Connector, *, http2: bool) -> None:
        self._connector = connector
        self._http2 = http2
        self._idle: dict[Origin, list[Http1Connection]] = {}
        self._busy: set[Http1Connection] = set()
        self._shared: dict[Origin, httpcore.AsyncHTTP2Connection] = {}
        self._connecting: dict[Origin, asyncio.Lock] = {}

    async def lease(
        self, target: Target, trace: HttpTrace
    ) -> "Http1Connection | httpcore.AsyncHTTP2Connection":
        """Return a connection to ``target``; one of HTTP/1.1 is to be given back.

        Raises NetworkFault.
        """
        kept = await self._kept(target.origin)
        if kept is not None:
            return kept
        if not self._http2:
            return await self._open(target, trace)
        # What turns out to be HTTP/2 is for all who wait for it.
        async with self._connecting.setdefault(target.origin, asyncio.Lock()):
            shared = self._shared.get(target.origin)
            if shared is not None and shared.is_available():
                return shared
            return await self._open(target, trace)

    async def give_back(self, target: Target, connection: "Http1Connection") -> None:
        """Take a connection back after an exchange; one that cannot be used again is closed."""
        self._busy.discard(connection)
        connection.settle()
        if connection.usable:
            self._idle.setdefault(target.origin, []).append(connection)
        else:
            await connection.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        connections = [*self._busy, *(c for each in self._idle.values() for c in each)]
        shared = list(self._shared.values())
        self._busy.clear()
        self._idle.clear()
        self._shared.clear()
        for connection in connections:
            await connection.aclose()
        for each in shared:
            await each.aclose()

    async def _kept(
        self, origin: Origin
    ) -> "Http1Connection | httpcore.AsyncHTTP2Connection | None":
        shared = self._shared.get(origin)
        if shared is not None:
            if shared.is_available() and not shared.has_expired():
                return shared
            del self._shared[origin]
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.usable:
                self._busy.add(connection)
                return connection
            await connection.aclose()
        return None

    async def _open(
        self, target: Target, trace: HttpTrace
    ) -> "Http1Connection | httpcore.AsyncHTTP2Connection":
        trace.connecting()
        secure = target.scheme == "https"
        stream = await self._connector.open(target.endpoint, trace.recorder, secure=secure)
        if stream.tls is not None and stream.tls.alpn == "h2":
            import httpcore

            place = target.endpoint
            origin = httpcore.Origin(b"https", place.host.encode(), place.port)
            shared = httpcore.AsyncHTTP2Connection(origin, TracedStream(stream))
            self._shared[target.origin] = shared
            return shared
        from mailgui.net.http1 import Http1Connection

        connection = Http1Connection(stream)
        self._busy.add(connection)
        return connection
