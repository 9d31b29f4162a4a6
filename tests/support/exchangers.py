"""Mail exchangers on loopback: a scripted server at each of several addresses, on one port; and a
name server that says it validated, as a resolver does for signed zones.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message

from tests.support.hostile import Server, Step
from tests.support.name_server import NameServer, Zone

Script = Sequence[Step]


class ValidatingServer(NameServer):
    """Sets the AD bit, except for the names in ``insecure``."""

    def __init__(self, zone: Zone | str = "", *, insecure: Sequence[str] = ()) -> None:
        super().__init__(zone)
        self._insecure = tuple(name.lower() for name in insecure)

    def respond(self, query: dns.message.Message) -> dns.message.Message:
        response = super().respond(query)
        asked = str(query.question[0].name).rstrip(".").lower()
        if asked not in self._insecure:
            response.flags |= dns.flags.AD
        return response


class Exchangers:
    """``async with Exchangers({"127.0.0.2": [script, …]}, context) as farm: … farm.port``.

    Each address has a script for each connection in turn (the last one for all that follow); an
    address with no script at all refuses. ``farm[address]`` is the Server there.
    """

    def __init__(
        self,
        scripts: Mapping[str, Sequence[Script]],
        context: ssl.SSLContext | Mapping[str, ssl.SSLContext] | None = None,
    ) -> None:
        self._servers = {
            address: Server(each, context.get(address) if isinstance(context, Mapping) else context)
            for address, each in scripts.items()
            if each
        }
        self._listeners: list[asyncio.Server] = []
        self.port = 0

    def __getitem__(self, address: str) -> Server:
        return self._servers[address]

    @property
    def connections(self) -> dict[str, int]:
        """How many connections each address had."""
        return {address: server.connections for address, server in self._servers.items()}

    async def __aenter__(self) -> Self:
        for _ in range(20):  # a port that is free at one address may be taken at another
            try:
                await self._listen(self._free_port())
            except OSError:
                await self._close()
            else:
                return self
        raise OSError("No port is free at all addresses.")

    async def __aexit__(self, *args: object) -> None:
        await self._close()
        for server in self._servers.values():
            server.released.set()
            if server.tasks:
                await asyncio.wait(server.tasks, timeout=5)

    async def _listen(self, port: int) -> None:
        for address, server in self._servers.items():
            listener = await asyncio.start_server(server.serve, address, port, limit=1 << 24)
            self._listeners.append(listener)
        self.port = port

    async def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    @staticmethod
    def _free_port() -> int:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
            return port
