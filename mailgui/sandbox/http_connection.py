"""A connection of the embedded HTTP server: Hypercorn's, let go when its client has gone."""

from hypercorn.asyncio.tcp_server import TCPServer


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
