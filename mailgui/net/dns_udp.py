"""One question over UDP: a socket, a port and an id of its own (RFC 5452)."""

from __future__ import annotations

import asyncio
import secrets

from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, read_reply
from mailgui.net.errors import NetworkFault, connect_fault
from mailgui.transcript import Stage

_MAX_WRONG = 64  # answers to other questions heard before the server is given up


async def ask_udp(address: ServerAddress, question: Question, *, edns: bool = True) -> Reply:
    """Return the answer, however long it takes: the caller sets the limit.

    The socket is connected: the system drops what comes from anyone but the server, and tells us
    when nothing listens there. Answers with another id or question are ignored. Raises
    NetworkFault, or MalformedAnswer.
    """
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Reply] = loop.create_future()
    number = secrets.randbelow(65536)
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Exchange(waiting, address, question, number),
            remote_addr=(address.host, address.port),
        )
    except OSError as error:
        raise connect_fault(error, _words(address)) from None
    try:
        transport.sendto(question.to_wire(number, edns=edns))
        return await waiting
    finally:
        transport.abort()


def _words(address: ServerAddress) -> str:
    return f"The name server {address}"


class _Exchange(asyncio.DatagramProtocol):
    """Hears answers until one fits, and settles the future with it."""

    def __init__(
        self,
        waiting: asyncio.Future[Reply],
        address: ServerAddress,
        question: Question,
        number: int,
    ) -> None:
        self._waiting = waiting
        self._address = address
        self._question = question
        self._number = number
        self._wrong = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self._waiting.done():
            return
        try:
            reply = read_reply(data, self._question, self._number)
        except MalformedAnswer as error:
            self._waiting.set_exception(error)
            return
        if reply is not None:
            self._waiting.set_result(reply)
            return
        self._wrong += 1
        if self._wrong >= _MAX_WRONG:
            self._fail(f"{_words(self._address)} sends answers to other questions only.")

    def error_received(self, exc: Exception) -> None:
        self._settle(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._settle(exc)

    def _settle(self, exc: Exception) -> None:
        if not self._waiting.done():
            error = exc if isinstance(exc, OSError) else OSError(str(exc))
            self._waiting.set_exception(connect_fault(error, _words(self._address)))

    def _fail(self, sentence: str) -> None:
        self._waiting.set_exception(NetworkFault(Stage.DNS, "name_failed", sentence))
