"""Running a piece of the domain room against a scripted name server, without sockets.

Everything but the network is the real thing: resolver, cache, messages on the wire. A server that
does not answer is a time-out at once; ``@silent`` in the zone is one that is really waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, read_reply
from mailgui.net.errors import NetworkFault
from mailgui.net.resolver import Resolver
from mailgui.transcript import Stage
from tests.support.name_server import NameServer, Zone

T = TypeVar("T")
_ID = 7


class InProcess:
    """A Transport that hands the octets to a NameServer of this process."""

    def __init__(self, server: NameServer) -> None:
        self.address = ServerAddress("udp", "192.0.2.53", 53)
        self._server = server

    async def exchange(self, question: Question, *, edns: bool = True) -> Reply:
        reply = await self._ask(question, edns, tcp=False)
        if reply.truncated:
            reply = await self._ask(question, edns, tcp=True)
        if reply.truncated:
            raise MalformedAnswer("The answer is cut off, over TCP as well.")
        return reply

    async def _ask(self, question: Question, edns: bool, *, tcp: bool) -> Reply:
        for wire in await self._server.answer(question.to_wire(_ID, edns=edns), tcp):
            reply = read_reply(wire, question, _ID)
            if reply is not None:
                return reply
        raise NetworkFault(Stage.DNS, "timed_out", "No name server answered.")

    async def close(self) -> None:
        """Nothing is open."""


def against(
    zone: Zone | str,
    work: Callable[[Resolver], Awaitable[T]],
    *,
    servers: list[NameServer] | None = None,
) -> T:
    """Return what ``work`` returns; the server is added to ``servers`` to be looked at later."""

    async def main() -> T:
        server = NameServer(zone)
        if servers is not None:
            servers.append(server)
        resolver = Resolver("192.0.2.53", timeout=60)
        resolver._transports.append(InProcess(server))
        try:
            return await work(resolver)
        finally:
            await resolver.close()

    return asyncio.run(main())
