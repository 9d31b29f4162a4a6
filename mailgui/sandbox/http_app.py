"""The ASGI application of the embedded HTTP server: guards, reads a bounded body, answers."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mailgui.api.webhook_request import MAX_OCTETS, WebhookRequest
from mailgui.net.stream import Endpoint
from mailgui.sandbox.api_answers import HttpAnswer
from mailgui.sandbox.api_request import ApiRequest
from mailgui.sandbox.api_service import ApiService
from mailgui.sandbox.budget import Budget, Share
from mailgui.sandbox.http_guard import objection
from mailgui.sandbox.webhook_endpoint import WebhookEndpoint

MAX_BODY = 64 * 1024 * 1024  # octets
REQUEST_SECONDS = 120.0  # for a body as a whole, however steadily it drips

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_DECIDING = (b"host", b"origin", b"sec-fetch-site")
_BUSY = "The sandbox holds as much as it may of what is being sent at once; try again."
_LATE = f"The sandbox waits at most {REQUEST_SECONDS:.0f} seconds for a whole request."
_WELCOME = """\
This is MailGUI's sandbox. It answers the send calls of e-mail APIs and delivers nothing.
"""


class _BodyTooBig(Exception):
    """The body is bigger than it may be."""


class _TooSlow(Exception):
    """The body has not come to its end in time."""


class _TooMuchAtOnce(Exception):
    """The servers hold as much as they may of messages that are coming in."""


class SandboxApp:
    """An ASGI 3 application. ``endpoint`` is where it is served, set before the first request."""

    def __init__(
        self, service: ApiService, webhooks: WebhookEndpoint, budget: Budget | None = None
    ) -> None:
        self._service = service
        self._budget = budget or Budget()
        self._webhooks = webhooks
        self._requests: set[asyncio.Task[Any]] = set()
        self._ending = False
        self.endpoint = Endpoint("", 0)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._ending:
            await _send(send, _text(503, "The sandbox is stopping."))
        elif scope["type"] == "http":
            task = asyncio.current_task()
            if task is not None:
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
            await _send(send, await self._answer(scope, receive))
        else:
            await send({"type": "websocket.close"})

    def abandon(self) -> None:
        """Give up every request that is not answered yet, and answer no more."""
        self._ending = True
        for task in tuple(self._requests):
            task.cancel()

    async def _answer(self, scope: Message, receive: Receive) -> HttpAnswer:
        headers = {
            name.decode("latin-1").lower(): value.decode("utf-8", "surrogateescape")
            for name, value in scope["headers"]
        }
        if scope["http_version"] not in {"1.0", "1.1"}:  # what no client needs is not attacked
            return _text(505, "The sandbox speaks HTTP/1.1.")
        refused = objection(headers, self.endpoint)
        if refused is None and _has_twice(scope["headers"], _DECIDING):
            refused = 403, "The sandbox does not answer who says twice where a call comes from."
        if refused is not None:
            return _text(*refused)
        receiver = self._webhooks.provider_of(scope["path"])
        if receiver is not None:
            return await self._take_webhook(receiver, scope, receive)
        found = self._service.find(scope["path"])
        if scope["method"] in {"GET", "HEAD"} and scope["path"] == "/":
            return _text(200, _WELCOME)
        if found is None:
            return _json(404, f"The sandbox knows no API with the path {scope['path']}.")
        method = found.provider.request.method
        if scope["method"] != method:
            return _json(405, f"This call is a {method}.", (("Allow", method),))
        with self._budget.share() as share:
            try:
                content = await _read(receive, share)
            except _BodyTooBig:
                return _json(413, f"The sandbox takes requests of at most {MAX_BODY} octets.")
            except _TooSlow:
                return _json(408, _LATE)
            except _TooMuchAtOnce:
                return _json(503, _BUSY)
            request = ApiRequest(found.provider, headers, content, found.values, found.call)
            return await self._service.call(request, _peer(scope))

    async def _take_webhook(self, receiver: str, scope: Message, receive: Receive) -> HttpAnswer:
        try:
            with self._budget.share() as share:
                content = await _read(receive, share, MAX_OCTETS)
        except _BodyTooBig:
            return _json(413, f"A webhook has at most {MAX_OCTETS:,} octets.")
        except _TooSlow:
            return _json(408, _LATE)
        except _TooMuchAtOnce:
            return _json(503, _BUSY)
        headers = tuple(
            (name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
            for name, value in scope["headers"]
        )
        query = scope.get("query_string", b"").decode("ascii", "replace")
        url = f"http://{self.endpoint}{scope['path']}" + (f"?{query}" if query else "")
        request = WebhookRequest(scope["method"], url, headers, content)
        return await self._webhooks.answer(receiver, request, _peer(scope))


def _peer(scope: Message) -> str:
    host, port = (scope.get("client") or ("", 0))[:2]
    return f"{host}:{port}"


def _has_twice(headers: list[tuple[bytes, bytes]], names: tuple[bytes, ...]) -> bool:
    there = [name for name, _ in headers]
    return any(there.count(name) > 1 for name in names)


async def _read(receive: Receive, share: Share, most: int | None = None) -> bytes:
    """Return the body. Raises _TooSlow, and as ``_read_all`` does."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            return await _read_all(receive, share, most)
    except TimeoutError:
        share.give_back()
        raise _TooSlow from None


async def _read_all(receive: Receive, share: Share, most: int | None) -> bytes:
    """Return the body. One that is too big is read to its end all the same, and thrown away: a
    client that is cut off while it sends does not see why. Raises _BodyTooBig and _TooMuchAtOnce.
    """
    most = MAX_BODY if most is None else most
    pieces: list[bytes] = []
    size = 0
    room = True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError  # there is nobody left to answer
        piece = message.get("body", b"")
        size += len(piece)
        room = room and size <= most and share.take(len(piece))
        if room:
            pieces.append(piece)
        else:
            pieces.clear()
            share.give_back()
        if not message.get("more_body", False):
            break
    if size > most:
        raise _BodyTooBig
    if not room:
        raise _TooMuchAtOnce
    return b"".join(pieces)


async def _send(send: Send, answer: HttpAnswer) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if not answer.cut_short:
        await send({"type": "http.response.body", "body": answer.body})
        return
    # An answer that ends before its declared length: the server can only close the connection.
    half = answer.body[: len(answer.body) // 2]
    with contextlib.suppress(Exception):
        await send({"type": "http.response.body", "body": half})


def _text(status: int, text: str) -> HttpAnswer:
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return HttpAnswer(status, (kind,), text.encode())


def _json(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> HttpAnswer:
    body = json.dumps({"message": sentence}).encode()
    return HttpAnswer(status, (("Content-Type", "application/json"), *headers), body)
