"""An open connection as two calls: read and write.

One class is protocol and stream at once, on asyncio's transports: in a dialogue of short lines
the cost per call decides throughput, and a transport needs no system call to begin waiting.
"""

import asyncio
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast

from mailgui.net.errors import NetworkFault, lost_fault
from mailgui.transcript import TlsSummary

_CHUNK = 65536
_READ_HIGH = 4 * _CHUNK  # what may wait unread before the peer is held back
_WRITE_HIGH = 4 * _CHUNK  # what may wait unsent before write() waits
_CLOSE_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host and port; a UNIX socket has its path as host and port 0."""

    host: str
    port: int

    def __str__(self) -> str:
        if not self.port:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def words(self) -> str:
        """As a sentence names it: "mail.example port 25"."""
        return f"{self.host} port {self.port}" if self.port else self.host


class Stream(Protocol):
    """An open connection. No call has a time limit of its own: use ``asyncio.timeout``.

    Cancelling a read loses nothing; after cancelling a write only ``abort`` makes sense. One task
    may read while another writes. Faults are NetworkFaults whose stage the caller knows better
    (``NetworkFault.at``).
    """

    @property
    def peer(self) -> Endpoint:
        """The other side's address."""

    @property
    def local(self) -> Endpoint:
        """Our own side's address."""

    @property
    def tls(self) -> TlsSummary | None:
        """What the handshake settled, or None without TLS."""

    @property
    def waiting(self) -> int:
        """Octets that came in and were not read yet."""

    @property
    def ended(self) -> bool:
        """Whether the peer is known to have ended the connection; octets may still wait."""

    async def read(self, limit: int = _CHUNK) -> bytes:
        """Return what has come in, at most ``limit`` octets, waiting for some; b"" at the end."""

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send ``data``, which must not change from then on; wait while too much is unsent."""

    async def close(self) -> None:
        """Send what is unsent and close; never raises, ends within about a second."""

    def abort(self) -> None:
        """Close at once and drop what is unsent."""


class SocketStream(asyncio.BufferedProtocol):
    """A Stream over one socket. Made by ``open_socket_stream``."""

    tls: TlsSummary | None = None

    def __init__(self, sock: socket.socket, peer: Endpoint, local: Endpoint) -> None:
        self.peer = peer
        self.local = local
        self.waiting = 0
        self.ended = False
        self._sock = sock
        self._transport = cast("asyncio.Transport", None)
        self._view = memoryview(bytearray(_CHUNK))
        self._chunks: deque[bytes] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._fault: NetworkFault | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._gone = asyncio.Event()

    async def read(self, limit: int = _CHUNK) -> bytes:
        while not self._chunks:
            if self.ended:
                if self._fault:
                    raise self._fault
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        chunk = self._chunks.popleft()
        if len(chunk) > limit:
            self._chunks.appendleft(chunk[limit:])
            chunk = chunk[:limit]
        self.waiting -= len(chunk)
        if self._reading_paused and self.waiting < _CHUNK:
            self._reading_paused = False
            self._transport.resume_reading()
        return chunk

    def write_now(self, data: bytes) -> bool:
        """Send ``data`` where nothing is unsent and it is not too much; else do nothing.

        For a dialogue at full speed: True needs no wait, and a failure shows at the next ``read``.
        """
        transport = self._transport
        if len(data) > _WRITE_HIGH or transport.is_closing() or transport.get_write_buffer_size():
            return False
        transport.write(data)
        return True

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        transport = self._transport
        if not transport.is_closing():
            transport.write(data)
            if not self._writable.is_set():
                await self._writable.wait()
        if transport.is_closing():  # the write has failed: why, asyncio tells a moment later
            await self._gone.wait()
            raise self._fault or lost_fault(BrokenPipeError(), self.peer.words)

    async def close(self) -> None:
        self._transport.close()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._gone.wait()
        except TimeoutError:
            self._transport.abort()
        except asyncio.CancelledError:
            self._transport.abort()
            raise

    def abort(self) -> None:
        self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_WRITE_HIGH)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self._add(bytes(self._view[:nbytes]))
        if self.waiting > _READ_HIGH and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._end()
        return True  # the other direction stays open until close()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._salvage()
            error = exc if isinstance(exc, OSError) else OSError(str(exc))
            self._fault = lost_fault(error, self.peer.words)
        self._gone.set()
        self._writable.set()
        self._end()

    def _salvage(self) -> None:
        """Take what had come in when writing failed.

        A server that refuses while we still send says why, then closes: its last words must not be
        lost because the write noticed the end first.
        """
        with suppress(OSError):
            while self.waiting <= _READ_HIGH and (chunk := self._sock.recv(_CHUNK)):
                self._add(chunk)

    def _add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.waiting += len(chunk)
        self._wake()

    def _end(self) -> None:
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


async def open_socket_stream(sock: socket.socket) -> SocketStream:
    """Return a stream over a connected, non-blocking socket, which belongs to it from then on.

    Raises OSError, with the socket closed, when the peer has reset the connection already.
    """
    try:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            # asyncio does so only for sockets whose protocol was named when they were made.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer, local = Endpoint(*sock.getpeername()[:2]), Endpoint(*sock.getsockname()[:2])
        else:
            peer, local = Endpoint(sock.getpeername(), 0), Endpoint(sock.getsockname(), 0)
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(lambda: SocketStream(sock, peer, local), sock=sock)
    except BaseException:
        sock.close()
        raise
    return stream
