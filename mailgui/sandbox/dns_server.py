"""The embedded DNS server: UDP and TCP on one port of loopback."""

import asyncio
import socket
from typing import cast

from mailgui.net.stream import Endpoint
from mailgui.sandbox.dns_zones import ZoneAnswerer
from mailgui.sandbox.listening import bind, bound_to

MAX_CONNECTIONS = 100
_IDLE = 10.0  # seconds that a TCP connection may go without a question
_ENDING = 2.0
_ATTEMPTS = 20  # at finding a port that is free for UDP and for TCP


class DnsServer:
    """Serves the zones. ``endpoint`` is where, once started."""

    def __init__(self, answerer: ZoneAnswerer) -> None:
        self._answerer = answerer
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: set[asyncio.Transport] = set()
        self.endpoint = Endpoint("", 0)

    async def start(self, endpoint: Endpoint) -> None:
        """Listen on ``endpoint``, UDP and TCP. Raises OSError."""
        tcp, udp = _bind_both(endpoint)
        self.endpoint = bound_to(tcp)
        loop = asyncio.get_running_loop()
        try:
            self._tcp = await loop.create_server(lambda: _Tcp(self), sock=tcp)
            self._udp, _ = await loop.create_datagram_endpoint(
                lambda: _Udp(self._answerer), sock=udp
            )
        except BaseException:
            udp.close()
            await self.stop()
            tcp.close()
            raise

    async def stop(self) -> None:
        """Stop listening and close what is open; bounded, and safe to call twice."""
        udp, self._udp = self._udp, None
        tcp, self._tcp = self._tcp, None
        if udp is not None:
            udp.abort()
        if tcp is None:
            return
        tcp.close()
        for connection in tuple(self._connections):
            connection.abort()
        async with asyncio.timeout(_ENDING):
            await tcp.wait_closed()

    def enter(self, connection: asyncio.Transport) -> bool:
        """Count a connection in; return whether it may stay."""
        self._connections.add(connection)
        return self._tcp is not None and len(self._connections) <= MAX_CONNECTIONS

    def leave(self, connection: asyncio.Transport) -> None:
        """Count a connection out."""
        self._connections.discard(connection)

    def answer(self, query: bytes) -> bytes:
        """Return the framed answer to a query that came by TCP, b"" for none."""
        answer = self._answerer.answer(query, udp=False)
        return b"" if answer.silent else len(answer.octets).to_bytes(2, "big") + answer.octets


class _Udp(asyncio.DatagramProtocol):
    """One question a datagram."""

    def __init__(self, answerer: ZoneAnswerer) -> None:
        self._answerer = answerer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not isinstance: asyncio's own datagram transports do not derive from this class.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answerer.answer(data, udp=True)
        if self._transport is not None and not answer.silent:
            self._transport.sendto(answer.octets, addr)


class _Tcp(asyncio.Protocol):
    """Questions one after another, each behind its length (RFC 7766)."""

    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            return
        self._transport = transport
        if self._server.enter(transport):
            self._wait()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._transport is not None:
            self._server.leave(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 2:
            end = 2 + int.from_bytes(self._buffer[:2], "big")
            if len(self._buffer) < end:
                break
            query = bytes(self._buffer[2:end])
            del self._buffer[:end]
            if self._transport is not None:
                self._transport.write(self._server.answer(query))
            self._wait()

    def pause_writing(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()  # no more answers for someone who reads none

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def _wait(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._transport is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(_IDLE, self._transport.abort)


def _bind_both(endpoint: Endpoint) -> tuple[socket.socket, socket.socket]:
    """Return a TCP and a UDP socket on the same port; a free one where port 0 is asked for."""
    for attempt in range(_ATTEMPTS):
        tcp = bind(endpoint)
        try:
            return tcp, bind(bound_to(tcp), socket.SOCK_DGRAM)
        except OSError:
            tcp.close()
            if endpoint.port or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError  # the loop returns or raises
