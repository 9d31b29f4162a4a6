"""Questions over a stream: TCP where an answer did not fit a datagram, and DNS over TLS.

Messages carry their length in front (RFC 1035, section 4.2.2). Many questions share a connection
and are answered in any order (RFC 7766, section 6.2.1.1).
"""

from __future__ import annotations

import asyncio
import secrets

from mailgui.net.connect import open_stream
from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, read_reply
from mailgui.net.errors import NetworkFault
from mailgui.net.stream import Endpoint, Stream
from mailgui.net.tls import TlsSettings, start_tls
from mailgui.transcript import Kind, Recorder, Stage

_CONNECT_TIMEOUT = 5.0


class DnsConnection:
    """A stream with questions under way on it. Belongs to one event loop."""

    def __init__(self, stream: Stream, words: str) -> None:
        self._stream = stream
        self._words = words
        self._pending: dict[int, tuple[Question, asyncio.Future[Reply]]] = {}
        self._writing = asyncio.Lock()
        self._fault: NetworkFault | None = None
        self._reader = asyncio.create_task(self._read_all(), name="dns-connection")

    @property
    def usable(self) -> bool:
        """Whether it takes another question."""
        return self._fault is None

    async def ask(self, question: Question, *, edns: bool = True) -> Reply:
        """Return the answer, however long it takes. Raises NetworkFault or MalformedAnswer."""
        if self._fault is not None:
            raise self._fault
        number = self._free_number()
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[number] = (question, waiting)
        wire = question.to_wire(number, edns=edns)
        try:
            async with self._writing:
                await self._stream.write(len(wire).to_bytes(2, "big") + wire)
            return await waiting
        finally:
            self._pending.pop(number, None)

    async def close(self) -> None:
        """End the connection; questions under way fail."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._stream.close()

    def _free_number(self) -> int:
        while (number := secrets.randbelow(65536)) in self._pending:
            pass
        return number

    async def _read_all(self) -> None:
        buffer = bytearray()
        fault = NetworkFault(Stage.DNS, "lost", f"{self._words} closed the connection.")
        try:
            while chunk := await self._stream.read():
                buffer += chunk
                while len(buffer) >= 2 and len(buffer) >= (end := 2 + _length(buffer)):
                    self._settle(bytes(buffer[2:end]))
                    del buffer[:end]
        except NetworkFault as lost:
            fault = lost
        finally:
            self._fault = fault
            for _, waiting in self._pending.values():
                if not waiting.done():
                    waiting.set_exception(fault)

    def _settle(self, wire: bytes) -> None:
        number = int.from_bytes(wire[:2], "big")
        question, waiting = self._pending.get(number, (None, None))
        if question is None or waiting is None or waiting.done():
            return
        try:
            reply = read_reply(wire, question, number)
        except MalformedAnswer as error:
            waiting.set_exception(error)
            return
        if reply is not None:
            waiting.set_result(reply)


def _length(buffer: bytearray) -> int:
    return int.from_bytes(buffer[:2], "big")


async def open_connection(
    address: ServerAddress, *, ca_file: str | None = None, timeout: float = _CONNECT_TIMEOUT
) -> DnsConnection:
    """Return a connection to ``address``, inside verified TLS when its transport is ``tls``.

    ``ca_file`` is trusted beside the system's store. Raises NetworkFault.
    """
    recorder = Recorder(Kind.DNS)  # what it records is dropped: the questions are what counts
    stream = await open_stream(
        Endpoint(address.host, address.port), recorder=recorder, timeout=timeout
    )
    if address.transport == "tls":
        settings = TlsSettings(ca_file=ca_file)
        stream = await start_tls(stream, settings, address.host, recorder=recorder, timeout=timeout)
    return DnsConnection(stream, f"The name server {address}")


async def ask_tcp(address: ServerAddress, question: Question, *, edns: bool = True) -> Reply:
    """Return the answer over a TCP connection of its own. Raises NetworkFault, MalformedAnswer."""
    connection = await open_connection(address)
    try:
        return await connection.ask(question, edns=edns)
    finally:
        await connection.close()
