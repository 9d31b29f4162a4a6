"""The ways to a name server, each behind one call: a question in, a message out."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Protocol

from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply
from mailgui.net.dns_stream import DnsConnection, ask_tcp, open_connection
from mailgui.net.dns_udp import Outcome, UdpExchange, UdpSockets
from mailgui.net.errors import NetworkFault


class Transport(Protocol):
    """One name server, reached one way. No call has a time limit of its own."""

    @property
    def address(self) -> ServerAddress:
        """The server."""

    async def exchange(self, question: Question, *, edns: bool = True) -> Reply:
        """Return the answer. Raises NetworkFault or MalformedAnswer."""

    async def close(self) -> None:
        """Close what is open."""


class UdpTransport:
    """UDP, and TCP where the answer does not fit (RFC 7766, section 5).

    Attributes:
        sockets: what questions leave by; open it before ``begin`` is called on it.
    """

    def __init__(self, address: ServerAddress) -> None:
        self.address = address
        self.sockets = UdpSockets(address)

    async def exchange(
        self, question: Question, *, edns: bool = True, begun: Begun | None = None
    ) -> Reply:
        begun = begun or await self._begin(question, edns)
        reply = await begun
        if not reply.truncated:
            return reply
        reply = await ask_tcp(self.address, question, edns=edns)
        if reply.truncated:
            raise MalformedAnswer("The answer is cut off, over TCP as well.")
        return reply

    async def close(self) -> None:
        """Close the sockets."""
        self.sockets.close()

    async def _begin(self, question: Question, edns: bool) -> Begun:
        if not self.sockets.ready:
            await self.sockets.open()
        begun = Begun()
        begun.exchange = self.sockets.begin(question, begun.settle, edns=edns)
        return begun


class Begun:
    """The answer to a question that was sent by UDP, to be waited for once."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.exchange: UdpExchange | None = None

    def settle(self, outcome: Outcome) -> None:
        """Take what came of it."""
        if self._answer.done():
            return
        if isinstance(outcome, Reply):
            self._answer.set_result(outcome)
        else:
            self._answer.set_exception(outcome)

    def __await__(self) -> Generator[object, None, Reply]:
        try:
            return (yield from self._answer)
        finally:
            if self.exchange is not None:
                self.exchange.drop()


class TlsTransport:
    """DNS over TLS (RFC 7858) on one connection, opened again when the server has closed it."""

    def __init__(self, address: ServerAddress, ca_file: str | None = None) -> None:
        self.address = address
        self._ca_file = ca_file
        self._connection: DnsConnection | None = None
        self._opening = asyncio.Lock()

    async def exchange(self, question: Question, *, edns: bool = True) -> Reply:
        connection, reused = await self._ready()
        try:
            return await connection.ask(question, edns=edns)
        except NetworkFault:
            if not reused:
                raise
        connection, _ = await self._ready()  # the idle connection had been closed meanwhile
        return await connection.ask(question, edns=edns)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ready(self) -> tuple[DnsConnection, bool]:
        async with self._opening:
            if self._connection is not None and self._connection.usable:
                return self._connection, True
            await self.close()
            self._connection = await open_connection(self.address, ca_file=self._ca_file)
            return self._connection, False


def transport_to(address: ServerAddress, *, ca_file: str | None = None) -> Transport:
    """Return the transport for ``address``; ``ca_file`` is trusted beside the system's store."""
    if address.transport == "udp":
        return UdpTransport(address)
    if address.transport == "tls":
        return TlsTransport(address, ca_file)
    from mailgui.net.dns_https import HttpsTransport

    return HttpsTransport(address, ca_file)
