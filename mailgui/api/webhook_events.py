"""The events in a webhook request, whatever its provider calls them, in MailGUI's own words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailgui.api.definition import Provider
from mailgui.api.tree import first, walk
from mailgui.api.webhook_definition import NormalEvent, Paths, Webhooks, listed
from mailgui.api.webhook_request import BodyProblem, WebhookRequest, read_body, read_json
from mailgui.api.webhook_time import moment
from mailgui.transcript import visible

MOST_EVENTS = 1_000  # of one request; vendors send at most some hundred
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event. All texts are fit to be shown.

    Attributes:
        name: the provider's own word; ``normal`` is MailGUI's.
        message_ids: the ids that the message may be known by here, the best first.
        recipient, reason: "" where nothing is said.
        at: when it happened, in UTC.
    """

    name: str
    normal: NormalEvent
    message_ids: tuple[str, ...] = ()
    recipient: str = ""
    at: datetime | None = None
    reason: str = ""

    @property
    def message_id(self) -> str:
        """The best of the ids, or ""."""
        return self.message_ids[0] if self.message_ids else ""


def read_events(provider: Provider, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
    """Return the events of a request, in its order. Raises BodyProblem when it cannot be read."""
    webhooks = provider.webhooks
    if webhooks is None:
        raise BodyProblem(f"It is not known how {provider.name} reports events.")
    found: list[WebhookEvent] = []
    for tree in _single(webhooks, request):
        if len(found) >= MOST_EVENTS:
            break
        found.append(_event(webhooks, tree))
    return tuple(found)


def _single(webhooks: Webhooks, request: WebhookRequest) -> Iterator[Any]:
    tree = read_body(request, webhooks.form_field)
    if webhooks.unwrap:
        inner = first(tree, webhooks.unwrap)
        confirming = isinstance(tree, dict) and "SubscribeURL" in tree
        if isinstance(inner, str) and not confirming:
            tree = read_json(inner.encode("utf-8", "surrogatepass"))
        elif confirming:  # a message about the subscription itself
            yield {listed(webhooks.event)[0]: tree.get("Type")}
            return
    if webhooks.items:
        items = [item for item in walk(tree, webhooks.items) if isinstance(item, dict)]
        yield from items or [tree]
    elif isinstance(tree, list):
        yield from tree
    else:
        yield tree


def _event(webhooks: Webhooks, tree: Any) -> WebhookEvent:
    name = _text(tree, webhooks.event)
    detail = _text(tree, webhooks.detail)
    both = f"{name} {detail}".strip()
    normal = webhooks.events.get(both) or webhooks.events.get(name) or "other"
    shown = both if both in webhooks.events else name
    ids = dict.fromkeys(
        _known_id(webhooks, value)
        for path in listed(webhooks.message_id)
        for value in walk(tree, path)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    )
    return WebhookEvent(
        shown or "(no name)",
        normal,
        tuple(each for each in ids if each)[:8],
        _text(tree, webhooks.recipient),
        next((at for path in listed(webhooks.time) if (at := moment(first(tree, path)))), None),
        _text(tree, webhooks.reason),
    )


def _known_id(webhooks: Webhooks, value: str | int) -> str:
    text = str(value)[:_SHOWN]
    match = re.search(webhooks.id_pattern, text) if webhooks.id_pattern else None
    return visible(match[1] if match and match.groups() else text)


def _text(tree: Any, paths: Paths) -> str:
    for path in listed(paths):
        value = first(tree, path)
        if isinstance(value, list):
            value = next((each for each in value if isinstance(each, str)), None)
        if isinstance(value, str | int | float):
            text = " ".join(str(value)[: 4 * _SHOWN].split())
            if text:
                return visible(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
    return ""
