"""Connections for HTTP, and how httpcore, which speaks HTTP/2, gets at one that is open."""

import ssl
from typing import Any

import httpcore

from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.errors import NetworkFault
from mailgui.net.http2_frames import FrameReader
from mailgui.net.http_trace import HttpTrace, current_trace
from mailgui.net.stream import Endpoint, Stream
from mailgui.net.tls import SessionCache, TlsSettings, TlsStream, start_tls
from mailgui.transcript import Recorder, TlsSummary


class Connector:
    """Opens connections, recorded in the exchange that asks for them.

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
        self._connect = connect
        self._tls = tls
        self._timeout = timeout
        self._resolver = resolver
        self._sessions = SessionCache()
        self.handshakes: dict[str, TlsSummary] = {}

    async def open(self, endpoint: Endpoint, recorder: Recorder, *, secure: bool) -> Stream:
        """Return a connection to ``endpoint``, inside TLS where ``secure``; raises NetworkFault."""
        stream = await open_stream(
            endpoint,
            recorder=recorder,
            timeout=self._timeout,
            settings=self._connect,
            resolver=self._resolver,
        )
        if not secure:
            return stream
        secured = await start_tls(
            stream,
            self._tls,
            endpoint.host,
            recorder=recorder,
            timeout=self._timeout,
            session_cache=self._sessions,
        )
        if secured.tls is not None:
            self.handshakes[str(endpoint)] = secured.tls
        return secured


class TracedStream(httpcore.AsyncNetworkStream):
    """One connection of HTTP/2, shared by exchanges; each write winds its exchange's clock."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._sent, self._received = FrameReader(), FrameReader()
        self._exchanges: dict[int, HttpTrace] = {}  # by stream, while they are under way

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        trace = current_trace.get()
        try:
            octets = await self._stream.read(max_bytes)
        except NetworkFault as fault:
            raise fault.at(trace.stage) from None
        for frame in self._received.feed(octets):
            # Whichever exchange reads, what comes may be another one's.
            self._exchanges.get(frame.stream, trace).frame(str(frame), sent=False)
            if frame.closes:
                self._exchanges.pop(frame.stream, None)
        return octets

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        trace = current_trace.get()
        for frame in self._sent.feed(buffer):
            if frame.opens:
                self._exchanges[frame.stream] = trace
            self._exchanges.get(frame.stream, trace).frame(str(frame), sent=True)
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
        raise NotImplementedError  # it is made with TLS

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._stream, TlsStream):
            return self._stream.ssl_object
        return None
