"""Where the embedded HTTP server takes webhooks: ``/webhooks/PROVIDER``."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mailgui.api.webhook_request import MAX_OCTETS, WebhookRequest
from mailgui.sandbox.api_answers import HttpAnswer

_PATH = re.compile(r"/webhooks/([a-z][a-z0-9_]{0,63})/?")
_MOST_HEADERS = 200


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the provider is told: whether the request was believed, and a sentence."""

    status: int
    sentence: str
    verdict: str = ""


WebhookHandler = Callable[[str, WebhookRequest, str], Awaitable[WebhookAnswer]]
"""Takes the provider's id, the request and who made it."""


@dataclass(slots=True)
class WebhookEndpoint:
    """The endpoint; ``handler`` judges requests, and may be set at any time."""

    handler: WebhookHandler | None = field(default=None, repr=False)

    @staticmethod
    def provider_of(path: str) -> str | None:
        """Return the provider's id in a path of the endpoint, None for other paths."""
        match = _PATH.fullmatch(path)
        return match[1] if match else None

    async def answer(self, provider_id: str, request: WebhookRequest, peer: str) -> HttpAnswer:
        """Answer one request. Vendors take anything but a 2xx as a reason to try again."""
        if request.method in {"HEAD", "GET"}:  # some vendors look whether the address exists
            return _answer(WebhookAnswer(200, "Webhooks are taken here by POST."))
        if request.method not in {"POST", "PUT"}:
            return _answer(WebhookAnswer(405, "Webhooks come by POST."))
        if len(request.body) > MAX_OCTETS:
            sentence = f"A webhook has at most {MAX_OCTETS:,} octets."
            return _answer(WebhookAnswer(413, sentence))
        if len(request.headers) > _MOST_HEADERS:
            return _answer(WebhookAnswer(431, "The request has too many headers."))
        if self.handler is None:
            return _answer(WebhookAnswer(503, "Nobody is there to take webhooks."))
        return _answer(await self.handler(provider_id, request, peer))


def _answer(answer: WebhookAnswer) -> HttpAnswer:
    tree = {"message": answer.sentence}
    if answer.verdict:
        tree["verdict"] = answer.verdict
    body = json.dumps(tree, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return HttpAnswer(answer.status, (("Content-Type", "application/json"),), body)
