"""Asking each domain's own name servers: what is published now, whatever resolvers still remember.

Where a name's servers are is found out by way of an ordinary resolver.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.server_comparison import Asked, own_servers
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.transcript import Recorder

_MAX_SERVERS = 4  # of a zone, tried one after the other
_MAX_ZONES = 500
_MAX_ALIASES = 8


class OwnServers:
    """An Asker over many zones. ``finder`` finds their servers, ``ask_servers`` returns who asks
    the servers with the addresses given, and ``port`` is where they listen.
    """

    def __init__(
        self, finder: Asker, ask_servers: Callable[[str], Asker], *, port: int = 53
    ) -> None:
        self._finder = finder
        self._ask_servers = ask_servers
        self._port = port
        self._zones: dict[str, asyncio.Task[Asker | None]] = {}

    async def ask(
        self, name: str, rdtype: str, *, recorder: Recorder | None = None, signed: bool = False
    ) -> Answer:
        """Return the answer of the name's own servers; an alias is followed to those of its target.

        DS records are asked for where they stand, at the servers of the zone above.
        """
        place = name.partition(".")[2] if rdtype.upper() == "DS" and "." in name else name
        servers = await self._servers(place.lower().removesuffix("."))
        if servers is None:
            reason = "The name servers of this name could not be found."
            return Answer(name, rdtype, AnswerStatus.FAILED, reason=reason)
        answer = await servers.ask(name, rdtype, recorder=recorder, signed=signed)
        for _ in range(_MAX_ALIASES):
            if not answer.cname:
                break
            target = answer.cname[-1]  # of another zone its servers know nothing that counts
            elsewhere = await self._servers(target)
            if elsewhere is None or elsewhere is servers:
                break
            servers = elsewhere
            told = await servers.ask(target, rdtype, recorder=recorder, signed=signed)
            answer = replace(told, name=name, cname=answer.cname + told.cname)
        return answer

    async def ask_each(
        self, names: Sequence[str], rdtype: str, *, recorder: Recorder | None = None
    ) -> list[Answer]:
        """Return the answers for several names, asked for at once."""
        return list(
            await asyncio.gather(*(self.ask(name, rdtype, recorder=recorder) for name in names))
        )

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._zones.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._zones.clear()

    def forget(self) -> None:
        """Look for the servers anew."""
        self._zones.clear()

    async def _servers(self, name: str) -> Asker | None:
        """Return who asks the servers of the zone that ``name`` is in, found once for each."""
        labels = name.split(".")
        # What begins with an underscore is no zone of its own, and a sweep asks for hundreds.
        while len(labels) > 2 and any(label.startswith("_") for label in labels):
            labels.pop(0)
        place = ".".join(labels)
        if not is_askable(place):
            return None
        if place not in self._zones:
            if len(self._zones) >= _MAX_ZONES:
                self._zones.clear()
            self._zones[place] = asyncio.create_task(self._find(place), name="own-servers")
        return await asyncio.shield(self._zones[place])

    async def _find(self, place: str) -> Asker | None:
        _, found = await own_servers(place, cast("Asked", self._finder))
        addresses = list(dict.fromkeys(address for _, address in found))[:_MAX_SERVERS]
        if not addresses:
            return None
        return self._ask_servers(",".join(map(self._endpoint, addresses)))

    def _endpoint(self, address: str) -> str:
        return f"[{address}]:{self._port}" if ":" in address else f"{address}:{self._port}"
