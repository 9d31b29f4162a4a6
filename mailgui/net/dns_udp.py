"""Questions over UDP to one server, many at once over a few sockets.

A socket for each question would cost more than the question. So a handful is kept, each on a port
of the system's choosing; which of them a question leaves by is left to chance, as is its id, and an
answer counts only when socket, id and question fit (RFC 5452, section 9). After a while without a
question they are closed, and the next one finds other ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, read_reply
from mailgui.net.errors import NetworkFault, connect_fault
from mailgui.transcript import Stage

_SOCKETS = 8
_RECEIVE_BUFFER = 1 << 20  # octets: a sweep's answers come all at once
_MAX_WRONG = 64  # answers to no question of ours, on one socket, before the server is given up
_IDLE = 10.0  # seconds without a question after which ports are changed

Outcome = Reply | NetworkFault | MalformedAnswer
Done = Callable[[Outcome], None]
_POOL = 4096  # octets of randomness fetched from the system at once


class UdpExchange:
    """One question under way. ``done`` is told what came of it, once; it may be replaced."""

    __slots__ = ("_channel", "done", "number", "question")

    def __init__(self, channel: _Channel, question: Question, number: int, done: Done) -> None:
        self._channel = channel
        self.question = question
        self.number = number
        self.done = done

    @property
    def address(self) -> ServerAddress:
        """The server that was asked."""
        return self._channel.address

    def drop(self) -> None:
        """Take no answer any more."""
        if self._channel.waiting.get(self.number) is self:
            del self._channel.waiting[self.number]


class UdpSockets:
    """The sockets to one server. Belongs to one event loop."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address
        self._channels: list[_Channel] = []
        self._last = 0.0
        self._opening = asyncio.Lock()
        self._random = _Random()

    @property
    def ready(self) -> bool:
        """Whether ``begin`` may be called."""
        channels = self._channels
        return bool(channels) and (
            asyncio.get_running_loop().time() - self._last < _IDLE
            or any(channel.waiting for channel in channels)
        )

    async def open(self) -> None:
        """Open the sockets, on new ports. Raises NetworkFault."""
        async with self._opening:
            if self.ready:
                return
            self.close()
            loop = asyncio.get_running_loop()
            channels: list[_Channel] = []
            try:
                for _ in range(_SOCKETS):
                    channel = _Channel(self._address)
                    sock = _socket_to(self._address)
                    await loop.create_datagram_endpoint(lambda c=channel: c, sock=sock)  # type: ignore[misc]
                    channels.append(channel)
            except OSError as error:
                for channel in channels:
                    channel.close()
                raise connect_fault(error, _words(self._address)) from None
            self._channels, self._last = channels, loop.time()

    def begin(self, question: Question, done: Done, *, edns: bool = True) -> UdpExchange:
        """Send a question; ``done`` is told of the answer, however long it takes."""
        self._last = asyncio.get_running_loop().time()
        draw = self._random.draw
        channel = self._channels[draw() % _SOCKETS]
        number = draw()
        while number in channel.waiting:
            number = draw()
        return channel.send(question, number, done, edns=edns)

    def close(self) -> None:
        """Close the sockets; what is under way stays without an answer."""
        for channel in self._channels:
            channel.close()
        self._channels = []


class _Random:
    """Numbers of 16 bits that nobody can guess: the system's, fetched many at a time."""

    def __init__(self) -> None:
        self._octets, self._at = b"", _POOL

    def draw(self) -> int:
        if self._at >= _POOL:
            self._octets, self._at = os.urandom(_POOL), 0
        self._at += 2
        return int.from_bytes(self._octets[self._at - 2 : self._at], "big")


def _socket_to(address: ServerAddress) -> socket.socket:
    """Return a connected socket: the system drops what comes from anyone but the server, and tells
    when nothing listens there.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # more room is a kindness, not a need
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.connect((address.host, address.port))
    except BaseException:
        sock.close()
        raise
    return sock


def _words(address: ServerAddress) -> str:
    return f"The name server {address}"


class _Channel(asyncio.DatagramProtocol):
    """One socket and the questions that left by it, by their ids."""

    def __init__(self, address: ServerAddress) -> None:
        self.waiting: dict[int, UdpExchange] = {}
        self.address = address
        self._transport: asyncio.DatagramTransport | None = None
        self._wrong = 0

    def send(self, question: Question, number: int, done: Done, *, edns: bool) -> UdpExchange:
        exchange = UdpExchange(self, question, number, done)
        self.waiting[number] = exchange
        if self._transport is None or self._transport.is_closing():
            asyncio.get_running_loop().call_soon(self._fail, OSError("The socket was closed."))
        else:
            self._transport.sendto(question.to_wire(number, edns=edns))
        return exchange

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio's are no subclass of it

    def datagram_received(self, data: bytes, addr: object) -> None:
        exchange = self.waiting.get(int.from_bytes(data[:2], "big"))
        outcome: Outcome | None = None
        if exchange is not None:
            try:
                outcome = read_reply(data, exchange.question, exchange.number)
            except MalformedAnswer as error:
                outcome = error
        if exchange is None or outcome is None:
            self._count_wrong()
            return
        del self.waiting[exchange.number]
        self._wrong = 0
        exchange.done(outcome)

    def error_received(self, exc: Exception) -> None:
        self._fail(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._fail(exc)

    def _count_wrong(self) -> None:
        """Late answers are heard now and then; a server that sends nothing else is given up."""
        self._wrong += 1
        if self._wrong >= _MAX_WRONG and self.waiting:
            self._wrong = 0
            sentence = f"{_words(self.address)} sends answers to other questions only."
            self._tell_all(NetworkFault(Stage.DNS, "name_failed", sentence))

    def _fail(self, exc: Exception) -> None:
        error = exc if isinstance(exc, OSError) else OSError(str(exc))
        self._tell_all(connect_fault(error, _words(self.address)))

    def _tell_all(self, fault: NetworkFault) -> None:
        waiting, self.waiting = self.waiting, {}
        for exchange in waiting.values():
            exchange.done(fault)
