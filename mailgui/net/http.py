"""HTTP with every step on the record: names, connection, TLS, request, waiting, answer.

h11 speaks HTTP/1.1 and httpcore HTTP/2; httpx above them would add redirects to elsewhere, proxies
from the environment and unbounded decoding, none of which is wanted here.
"""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.http_decode import BodyDecoder
from mailgui.net.http_faults import protocol_fault
from mailgui.net.http_request import Request, build, parse_target, redirected
from mailgui.net.http_trace import HttpTrace, current_trace
from mailgui.net.tls_context import TlsSettings
from mailgui.transcript import HttpExchange, Layer, Recorder, Stage, TlsSummary, octets_to_text

if TYPE_CHECKING:
    import httpcore

    from mailgui.net.http1 import Head

_SLICE = 65536  # octets of a body handed on at once: each must be taken within the time limit
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to speak HTTP.

    Attributes:
        verify, ca_file, client_cert, client_key: as in TlsSettings.
        proxy: as in ConnectSettings.
        http2: whether to offer HTTP/2 beside 1.1 (over TLS).
        timeout: seconds for each step: looking up, connecting, the handshake, each piece of the
            request, waiting for the answer, receiving it.
        max_body: octets of an answer's body at most, before and after decompression.
        follow_redirects: whether to follow redirects within the same scheme, host and port.
    """

    verify: bool = True
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    http2: bool = False
    timeout: float = 30.0
    max_body: int = 32 * 1024 * 1024
    follow_redirects: bool = False


class HttpClient:
    """Makes requests and keeps connections open between them. An async context manager.

    Several requests may run at once, each with its own recorder.
    """

    def __init__(
        self, settings: HttpSettings | None = None, *, resolver: Resolver | None = None
    ) -> None:
        from mailgui.net.http_backend import Connector
        from mailgui.net.http_pool import Pool

        # On DEBUG these would log every header, keys included.
        for name in ("httpcore", "hpack"):
            logging.getLogger(name).setLevel(logging.INFO)
        self._settings = settings = settings or HttpSettings()
        tls = TlsSettings(
            verify=settings.verify,
            ca_file=settings.ca_file,
            client_cert=settings.client_cert,
            client_key=settings.client_key,
            alpn=("h2", "http/1.1") if settings.http2 else ("http/1.1",),
        )
        connect = ConnectSettings(proxy=settings.proxy, proxy_ca=settings.ca_file)
        self._connector = Connector(connect, tls, settings.timeout, resolver)
        self._pool = Pool(self._connector, http2=settings.http2)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def tls_for(self, url: str) -> TlsSummary | None:
        """Return what the last handshake with the server of ``url`` settled."""
        return self._connector.handshakes.get(str(parse_target(url).endpoint))

    async def request(
        self,
        method: str,
        url: str,
        headers: list[tuple[str, str]],
        content: bytes = b"",
        *,
        recorder: Recorder,
    ) -> HttpExchange:
        """Make a request and return it with its answer, whatever the status.

        Only Host and Content-Length are added to ``headers``. The exchange is not masked:
        ``Recorder.finish`` masks it. Raises NetworkFault where no whole answer came.
        """
        request = build(method, url, headers, content)
        for _ in range(_REDIRECTS + 1):
            exchange = await self._exchange(request, recorder)
            following = redirected(request, exchange) if self._settings.follow_redirects else None
            if following is None:
                return exchange
            recorder.info(f"Redirected to {following.target.path}", layer=Layer.HTTP)
            request = following
        sentence = f"{request.target.endpoint.words} redirects in circles."
        raise NetworkFault(Stage.RECEIVE, "http_redirect", sentence)

    async def _exchange(self, request: Request, recorder: Recorder) -> HttpExchange:
        recorder.peer = recorder.peer or str(request.target.endpoint)
        secure = request.target.scheme == "https"
        deadline = asyncio.timeout(None)
        trace = HttpTrace(recorder, deadline, self._settings.timeout, secure=secure)
        token = current_trace.set(trace)
        failed = True
        try:
            async with deadline:
                exchange = await self._roundtrip(request, trace)
            failed = False
            return exchange
        except TimeoutError:
            raise self._late(trace, request) from None
        finally:
            current_trace.reset(token)
            trace.finish(failed=failed)

    async def _roundtrip(self, request: Request, trace: HttpTrace) -> HttpExchange:
        import h11

        from mailgui.net.http1 import Http1Connection

        connection = await self._pool.lease(request.target, trace)
        if not isinstance(connection, Http1Connection):
            return await self._by_http2(connection, request, trace)
        try:
            head = await connection.ask(request, trace)
            async with aclosing(connection.body(trace)) as chunks:
                body = await self._body(chunks, head.headers, request, trace)
        except h11.ProtocolError as error:
            raise protocol_fault(error, trace, request.target.endpoint.words) from None
        finally:
            await self._pool.give_back(request.target, connection)
        return _exchange_of(request, head, body)

    async def _by_http2(
        self, connection: "httpcore.AsyncHTTP2Connection", request: Request, trace: HttpTrace
    ) -> HttpExchange:
        import httpcore

        from mailgui.net.http1 import Head

        target = request.target
        question = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=target.scheme,
                host=target.endpoint.host,
                port=target.endpoint.port,
                target=target.path,
            ),
            headers=[(n.encode(), v.encode()) for n, v in request.headers],
            content=_pieces(request.content, trace) if request.content else None,
            extensions={"trace": trace.on_httpcore},
        )
        try:
            response = await connection.handle_async_request(question)
            try:
                headers = tuple(response.headers)
                body = await self._body(response.aiter_stream(), headers, request, trace)
            finally:
                await response.aclose()
        except httpcore.WriteError as error:
            if isinstance(error.__cause__, NetworkFault):
                raise error.__cause__ from None
            raise
        except (httpcore.ProtocolError, httpcore.NetworkError) as error:
            raise protocol_fault(error, trace, target.endpoint.words) from None
        return _exchange_of(request, Head(b"HTTP/2", response.status, b"", headers), body)

    async def _body(
        self,
        chunks: AsyncIterable[bytes],
        headers: Sequence[tuple[bytes, bytes]],
        request: Request,
        trace: HttpTrace,
    ) -> bytes:
        peer = request.target.endpoint.words
        encoding = _header(headers, b"content-encoding")
        decoder = BodyDecoder(encoding.decode("latin-1"), self._settings.max_body, peer)
        async for chunk in chunks:
            if trace.http2:
                trace.received.count(chunk)
            decoder.feed(chunk)
        if decoder.unknown:
            trace.recorder.info("The answer's compression is not undone", layer=Layer.HTTP)
        length = _header(headers, b"content-length")
        surplus = trace.received.body_length - int(length) if length.isdigit() else 0
        if surplus > 0 and not trace.http2:
            trace.recorder.error(
                f"{peer} sent {surplus} octets more than the answer's Content-Length says.",
                layer=Layer.HTTP,
                stage=Stage.RECEIVE,
            )
        return decoder.finish()

    def _late(self, trace: HttpTrace, request: Request) -> NetworkFault:
        peer, limit = request.target.endpoint.words, f"{self._settings.timeout:g} seconds"
        sentence = {
            Stage.SEND: f"{peer} took nothing more of the request for {limit}.",
            Stage.RECEIVE: f"The answer of {peer} had not ended after {limit}.",
        }.get(trace.stage, f"{peer} did not answer within {limit}.")
        return NetworkFault(trace.stage, "timed_out", sentence)


async def _pieces(content: bytes, trace: HttpTrace) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _SLICE):
        piece = content[start : start + _SLICE]
        if trace.http2:
            trace.sent.count(piece)
        yield piece


def _header(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")


def _exchange_of(request: Request, head: "Head", body: bytes) -> HttpExchange:
    return HttpExchange(
        method=request.method,
        url=request.url,
        request_headers=request.headers,
        request_body=request.content,
        http_version=head.version.decode("ascii", "replace"),
        status=head.status,
        reason=octets_to_text(head.reason),
        response_headers=tuple((octets_to_text(n), octets_to_text(v)) for n, v in head.headers),
        response_body=body,
    )
