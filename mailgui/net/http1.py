"""HTTP/1.1 over one connection (RFC 9112): h11 speaks it, the trace reads along."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import h11

from mailgui.net.errors import NetworkFault
from mailgui.net.http_request import Request
from mailgui.net.http_trace import HttpTrace
from mailgui.net.stream import Stream

_SLICE = 65536  # octets handed on at once: each must be taken within the time limit
_LONGEST_HEAD = 100 * 1024  # octets of an answer's head
NO_ANSWER = "Server disconnected without sending a response."


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer."""

    version: bytes
    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class Http1Connection:
    """One connection, and one exchange at a time on it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self.used = False

    @property
    def usable(self) -> bool:
        """Whether another exchange may begin: nothing came unasked, and it is open at both ends."""
        stream = self._stream
        unasked = stream.tls is None and stream.waiting > 0
        return self._state.our_state is h11.IDLE and not stream.ended and not unasked

    async def ask(self, request: Request, trace: HttpTrace) -> Head:
        """Send a request and return the beginning of its answer.

        Raises NetworkFault, and h11's RemoteProtocolError for an answer that is none.
        """
        trace.sending(reused=self.used)
        self.used = True
        late: NetworkFault | None = None
        try:
            await self._send(request, trace)
        except NetworkFault as fault:
            late = fault.at(trace.stage)  # a server may refuse early, and close
        trace.waiting()
        try:
            return await self._head(trace)
        except (NetworkFault, h11.RemoteProtocolError):
            if late is not None:
                raise late from None
            raise

    async def body(self, trace: HttpTrace) -> AsyncGenerator[bytes, None]:
        """Yield the answer's body; raises as ``ask`` does."""
        while True:
            event = await self._next(trace)
            if type(event) is h11.Data:
                yield bytes(event.data)
            else:  # EndOfMessage, or a connection that was paused by an upgrade
                return

    def settle(self) -> None:
        """Make ready for another exchange; what cannot have one is no longer ``usable``."""
        state = self._state
        done = state.our_state is h11.DONE and state.their_state is h11.DONE
        if done and not state.trailing_data[0]:
            state.start_next_cycle()

    async def aclose(self) -> None:
        """Close it."""
        await self._stream.close()

    async def _send(self, request: Request, trace: HttpTrace) -> None:
        state = self._state
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        target = request.target.path.encode()
        head = h11.Request(method=request.method.encode(), target=target, headers=headers)
        octets = state.send(head) or b""
        content = request.content
        for start in range(0, len(content), _SLICE):
            octets += state.send(h11.Data(data=content[start : start + _SLICE])) or b""
            await self._write(octets, trace)
            octets = b""
        octets += state.send(h11.EndOfMessage()) or b""
        if octets:
            await self._write(octets, trace)

    async def _write(self, octets: bytes, trace: HttpTrace) -> None:
        trace.wrote(octets)
        await self._stream.write(octets)
        trace.progressed()

    async def _head(self, trace: HttpTrace) -> Head:
        while True:
            event = await self._next(trace)
            if type(event) is h11.Response or getattr(event, "status_code", 0) == 101:
                return Head(
                    b"HTTP/" + event.http_version,
                    event.status_code,
                    bytes(event.reason),
                    tuple((bytes(n), bytes(v)) for n, v in event.headers.raw_items()),
                )

    async def _next(self, trace: HttpTrace) -> Any:
        state = self._state
        while (event := state.next_event()) is h11.NEED_DATA:
            try:
                octets = await self._stream.read(_SLICE)
            except NetworkFault as fault:
                raise fault.at(trace.stage) from None
            trace.read(octets)
            if not octets and state.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError(NO_ANSWER)
            state.receive_data(octets)
        return event
