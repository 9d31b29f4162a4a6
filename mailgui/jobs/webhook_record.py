"""What is kept of a webhook request, fit to be shown: no secret is in it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from mailgui.api.definition import Provider
from mailgui.api.webhook_events import WebhookEvent
from mailgui.api.webhook_request import WebhookRequest
from mailgui.api.webhook_verdict import Verification
from mailgui.transcript import Masker, visible

Origin = Literal["received", "pasted", "simulated"]

_HIDDEN = "••••••"
_SHOWN = 512 * 1024  # octets of a body


@dataclass(frozen=True, slots=True)
class TiedEvent:
    """An event, and the transcript of the message that it is about ("" where none is known)."""

    event: WebhookEvent
    transcript_id: str = ""
    transcript_title: str = ""


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """One request as it is shown: masked, and with controls made visible.

    Attributes:
        origin: ``received`` by the sandbox's server, ``pasted``, or ``simulated`` by the sandbox.
        problem: why no event could be read, as a sentence, or "".
        size: octets of the body.
    """

    id: str
    received: datetime
    provider: str
    provider_name: str
    origin: Origin
    verification: Verification
    events: tuple[TiedEvent, ...]
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    size: int
    problem: str = ""

    @property
    def raw(self) -> str:
        """The request as text: its first line, its headers, an empty line, its body."""
        lines = [f"{self.method} {self.url or '/'}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\n".join((*lines, "", self.body))

    def to_json_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data, the request itself left out."""
        found = self.verification
        return {
            "id": self.id,
            "received": self.received.isoformat(),
            "provider": self.provider,
            "origin": self.origin,
            "verdict": found.verdict.value,
            "reason": found.reason.value,
            "sentence": found.sentence,
            "repeated": found.repeated,
            "problem": self.problem or None,
            "events": [
                {
                    "event": tied.event.name,
                    "normal": tied.event.normal,
                    "message_id": tied.event.message_id or None,
                    "recipient": tied.event.recipient or None,
                    "at": tied.event.at.isoformat() if tied.event.at else None,
                    "reason": tied.event.reason or None,
                    "transcript": tied.transcript_id or None,
                }
                for tied in self.events
            ],
        }


def masked_event(event: WebhookEvent, masker: Masker) -> WebhookEvent:
    """Return an event without the secrets that whoever sent it put in its words."""
    return replace(
        event,
        name=masker.text(event.name),
        message_ids=tuple(map(masker.text, event.message_ids)),
        recipient=masker.text(event.recipient),
        reason=masker.text(event.reason),
    )


def shown_request(
    provider: Provider, request: WebhookRequest, masker: Masker
) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """Return address, headers and body of a request, fit to be shown."""
    secret = {"authorization", "proxy-authorization", "cookie"}
    signature = provider.webhooks.signature if provider.webhooks else None
    if signature is not None and signature.scheme == "token":
        secret.add(signature.header.lower())
    headers = tuple(
        (visible(name), _HIDDEN if name.lower() in secret else visible(masker.text(value)))
        for name, value in request.headers
    )
    octets = masker.octets(request.body[:_SHOWN])
    text = visible(octets.decode("utf-8", "backslashreplace"), keep_newlines=True)
    if len(request.body) > _SHOWN:
        text += "\n…"
    return visible(masker.text(request.url)), headers, text
