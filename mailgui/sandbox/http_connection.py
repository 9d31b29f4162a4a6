"""A connection of the embedded HTTP server: Hypercorn's, let go when its client has gone."""

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h11 import H11Protocol


class Connection(TCPServer):
    """WORKAROUND: Hypercorn 0.18 notices that a client has gone, and keeps the connection all the
    same until it would have been closed for idleness. With a bound on connections that is a
    minute in which nobody else gets one.
    """

    _gone = False

    async def _read_data(self) -> None:
        await super()._read_data()
        self._gone = True
        await self.idle_task.stop()

    async def _idle_timeout(self) -> None:
        if not self._gone:
            await super()._idle_timeout()


async def _stay(_protocol: H11Protocol, _request: object) -> None:
    """Go on in HTTP/1.1, whatever the client would like to go over to."""


# WORKAROUND: Hypercorn goes over to HTTP/2 on any connection that asks for it, and has no setting
# against that. What no client of the sandbox needs is not there to be attacked; and a connection
# that was upgraded by a client that then only waits would not end.
H11Protocol._check_protocol = _stay  # type: ignore[method-assign, assignment] # noqa: SLF001
