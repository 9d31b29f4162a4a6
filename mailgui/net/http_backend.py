"""httpcore's network, replaced by our own: what it does not trace (names, octets) is seen here."""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.errors import NetworkFault
from mailgui.net.http_trace import current_trace
from mailgui.net.stream import Endpoint, Stream
from mailgui.net.tls import SessionCache, TlsSettings, TlsStream, start_tls
from mailgui.transcript import TlsSummary


class TracedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, recorded in the exchange that asks for them.

    Attributes:
        handshakes: what was settled with each "host:port".
    """

    def __init__(
        self,
        connect: ConnectSettings,
        tls: TlsSettings,
        timeout: float,
        resolver: Resolver | None,
    ) -> None:
        self.connect = connect
        self.tls = tls
        self.timeout = timeout
        self.resolver = resolver
        self.sessions = SessionCache()
        self.handshakes: dict[str, TlsSummary] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        trace = current_trace.get()
        trace.connecting()
        endpoint = Endpoint(host, port)
        stream = await open_stream(
            endpoint,
            recorder=trace.recorder,
            timeout=self.timeout,
            settings=self.connect,
            resolver=self.resolver,
        )
        return TracedStream(self, endpoint, stream)


class TracedStream(httpcore.AsyncNetworkStream):
    """One connection of httpcore's; hands what passes to the exchange of the moment."""

    def __init__(self, backend: TracedBackend, endpoint: Endpoint, stream: Stream) -> None:
        self._backend = backend
        self._endpoint = endpoint
        self._stream = stream
        self._http2 = stream.tls is not None and stream.tls.alpn == "h2"

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        trace = current_trace.get()
        try:
            octets = await self._stream.read(max_bytes)
        except NetworkFault as fault:
            raise fault.at(trace.stage) from None
        if not self._http2:
            trace.read(octets)
        return octets

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        trace = current_trace.get()
        if not self._http2:
            trace.wrote(buffer)
        try:
            await self._stream.write(buffer)
        except NetworkFault as fault:
            # httpcore takes this as a reason to look for an early answer, and goes on to read.
            raise httpcore.WriteError(fault.sentence) from fault.at(trace.stage)
        trace.progressed()

    async def aclose(self) -> None:
        await self._stream.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        backend = self._backend
        secured = await start_tls(
            self._stream,
            backend.tls,
            self._endpoint.host,
            recorder=current_trace.get().recorder,
            timeout=backend.timeout,
            session_cache=backend.sessions,
        )
        if secured.tls is not None:
            backend.handshakes[str(self._endpoint)] = secured.tls
        return TracedStream(backend, self._endpoint, secured)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._stream, TlsStream):
            return self._stream.ssl_object
        if info == "is_readable":  # asked of idle connections: has the server closed it?
            return self._stream.ended or (self._stream.tls is None and self._stream.waiting > 0)
        return None
