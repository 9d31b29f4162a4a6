"""The embedded DNS server: UDP and TCP on one port of loopback."""

import asyncio
import socket

from mailgui.net.stream import Endpoint
from mailgui.sandbox.dns_zones import ZoneAnswerer
from mailgui.sandbox.listening import bind, bound_to

MAX_CONNECTIONS = 100
_IDLE = 10.0  # seconds that a TCP connection may wait between questions
_ENDING = 2.0
_ATTEMPTS = 20  # at finding a port that is free for UDP and for TCP


class DnsServer:
    """Serves the zones. ``endpoint`` is where, once started."""

    def __init__(self, answerer: ZoneAnswerer) -> None:
        self._answerer = answerer
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.endpoint = Endpoint("", 0)

    async def start(self, endpoint: Endpoint) -> None:
        """Listen on ``endpoint``, UDP and TCP. Raises OSError."""
        tcp, udp = _bind_both(endpoint)
        self.endpoint = bound_to(tcp)
        loop = asyncio.get_running_loop()
        try:
            self._tcp = await asyncio.start_server(self._serve, sock=tcp)
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
        if tcp is not None:
            tcp.close()
        tasks = set(self._connections)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_ENDING)
        if tcp is not None:
            async with asyncio.timeout(_ENDING):
                await tcp.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            if len(self._connections) <= MAX_CONNECTIONS:
                await self._converse(reader, writer)
        except (OSError, EOFError, TimeoutError):
            pass  # whoever asked has gone, or says nothing more
        except asyncio.CancelledError:
            # The server stops. asyncio reports a cancelled handler as an error of its own.
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort() if writer.is_closing() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(_IDLE):
                length = int.from_bytes(await reader.readexactly(2), "big")
                query = await reader.readexactly(length)
            answer = self._answerer.answer(query, udp=False)
            if not answer.silent:
                writer.write(len(answer.octets).to_bytes(2, "big") + answer.octets)
                await writer.drain()


class _Udp(asyncio.DatagramProtocol):
    """One question a datagram."""

    def __init__(self, answerer: ZoneAnswerer) -> None:
        self._answerer = answerer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answerer.answer(data, udp=True)
        if self._transport is not None and not answer.silent:
            self._transport.sendto(answer.octets, addr)


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
