"""DNS over HTTPS: a POST of the wire message (RFC 8484)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import Question
from mailgui.net.dns_reply import MalformedAnswer, Reply, read_reply
from mailgui.net.errors import NetworkFault
from mailgui.transcript import Kind, Recorder, Stage

if TYPE_CHECKING:
    from mailgui.net.http import HttpClient

_MEDIA_TYPE = "application/dns-message"
_HEADERS = [("Accept", _MEDIA_TYPE), ("Content-Type", _MEDIA_TYPE)]
_TIMEOUT = 10.0
_MAX_BODY = 65535


class HttpsTransport:
    """One DoH server. The id is 0, as RFC 8484, section 4.1, wants it for caches."""

    def __init__(self, address: ServerAddress, ca_file: str | None = None) -> None:
        self.address = address
        self._ca_file = ca_file
        self._client: HttpClient | None = None
        self._opening = asyncio.Lock()

    async def exchange(self, question: Question, *, edns: bool = True) -> Reply:
        client = await self._ready()
        exchange = await client.request(
            "POST",
            str(self.address),
            _HEADERS,
            question.to_wire(0, edns=edns),
            recorder=Recorder(Kind.DNS),  # dropped: the question and its answer are what counts
        )
        if exchange.status != 200:
            sentence = (
                f"The name server {self.address} answered with HTTP status {exchange.status}."
            )
            raise NetworkFault(Stage.DNS, "name_failed", sentence)
        reply = read_reply(exchange.response_body, question, 0)
        if reply is None:
            raise MalformedAnswer(f"The name server {self.address} answered another question.")
        return reply

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ready(self) -> HttpClient:
        from mailgui.net.http import HttpClient, HttpSettings

        async with self._opening:
            if self._client is None:
                settings = HttpSettings(
                    ca_file=self._ca_file, http2=True, timeout=_TIMEOUT, max_body=_MAX_BODY
                )
                self._client = HttpClient(settings)
            return self._client
