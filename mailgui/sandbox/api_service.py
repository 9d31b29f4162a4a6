"""The embedded e-mail APIs: routes a call to its provider, judges it, and takes its message."""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from mailgui.api.definition import Provider
from mailgui.api.template import PLACEHOLDER
from mailgui.sandbox.api_answers import HttpAnswer, make_answer
from mailgui.sandbox.api_faults import with_fault
from mailgui.sandbox.api_key import is_authentic
from mailgui.sandbox.api_refusals import Refused, idempotency_key, invalid, key_in_use, validate
from mailgui.sandbox.api_request import ApiRequest, ReadMessage, Unreadable
from mailgui.sandbox.faults import Fault, provoked
from mailgui.sandbox.idempotency import IdempotencyKeys, KeyInUse
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now
from mailgui.transcript import visible


class ApiService:
    """Answers calls as the providers do. Belongs to one event loop."""

    def __init__(
        self, providers: Mapping[str, Provider], mailbox: Mailbox, key: str, delay: float
    ) -> None:
        self._routes = [
            (pattern, provider)
            for provider in providers.values()
            for pattern in _patterns(provider)
        ]
        self._mailbox = mailbox
        self._key = key
        self._delay = delay
        self._idempotency = IdempotencyKeys()

    def find(self, path: str) -> tuple[Provider, Mapping[str, str]] | None:
        """Return the provider whose send call has this path, and what the path names.

        A path that begins with the provider's id, such as ``/resend/emails``, is never ambiguous.
        """
        for pattern, provider in self._routes:
            if match := pattern.fullmatch(path):
                return provider, match.groupdict()
        return None

    async def call(self, request: ApiRequest, peer: str) -> HttpAnswer:
        """Answer one call."""
        try:
            message = self._read(request)
            return await self._once(request, message, peer)
        except Refused as refusal:
            return refusal.answer

    def _read(self, request: ApiRequest) -> ReadMessage:
        provider = request.provider
        wants_key_in_body = provider.auth.scheme == "body"
        if not wants_key_in_body and not is_authentic(request, self._key):
            raise Refused(make_answer(provider, "authentication"))
        limit = provider.limits.request_octets
        if limit is not None and len(request.content) > limit:
            raise Refused(make_answer(provider, "too_big"))
        try:
            message = ReadMessage(request)
        except Unreadable:
            raise invalid(provider, "The request body could not be read.", "body") from None
        if wants_key_in_body and not is_authentic(request, self._key, message.tree):
            raise Refused(make_answer(provider, "authentication"))
        validate(message)
        return message

    async def _once(self, request: ApiRequest, message: ReadMessage, peer: str) -> HttpAnswer:
        """Take the message, unless an idempotency key says that it was taken before."""
        provider = request.provider
        key, hours = idempotency_key(request), provider.idempotency_hours
        if key is None or hours is None:
            return await self._take(request, message, peer)
        try:
            before = self._idempotency.begin(provider.id, key, request.content, hours)
        except KeyInUse as in_use:
            raise Refused(key_in_use(provider, running=in_use.running)) from None
        if before is not None:
            return before
        answer = None
        try:
            answer = await self._take(request, message, peer)
        finally:
            taken = answer is not None and answer.status < 300
            self._idempotency.end(provider.id, key, answer if taken else None)
        return answer

    async def _take(self, request: ApiRequest, message: ReadMessage, peer: str) -> HttpAnswer:
        provider = request.provider
        sender = next((box.address for box in message.mailboxes("from")), "")
        recipients = tuple(box.address for box in message.recipients)
        faults = provoked(sender, recipients)
        if any(fault.slow for _, fault in faults):
            await asyncio.sleep(self._delay)
        fault = next((fault for _, fault in faults if fault.api is not None), None)
        lists = {
            "recipients": recipients,
            **{n: tuple(b.address for b in message.mailboxes(n)) for n in ("to", "cc", "bcc")},
        }
        values = {
            **provider.option_values(request.values),
            "count": len(recipients),
            "from": sender,
            "to": ", ".join(box.text for box in message.mailboxes("to")),
            "domain": request.values.get("domain") or sender.rpartition("@")[2],
        }
        success = make_answer(provider, "success", values, lists=lists)
        answer, taken = with_fault(provider, fault, success, values, lists, message)
        if taken:
            self._capture(request, message, sender, recipients, faults, peer)
        return answer

    def _capture(
        self,
        request: ApiRequest,
        message: ReadMessage,
        sender: str,
        recipients: tuple[str, ...],
        faults: tuple[tuple[str, Fault], ...],
        peer: str,
    ) -> None:
        fields = {
            name.capitalize(): ", ".join(box.text for box in message.mailboxes(name))
            for name in ("from", "to", "cc")
        }
        fields["Subject"] = message.text("subject")
        captured = CapturedMessage(
            id=new_id(),
            received=now(),
            road="api",
            envelope_from=visible(sender),
            recipients=tuple(visible(address) for address in recipients),
            size=len(request.content),
            peer=peer,
            provider=request.provider.id,
            headers={name: visible(value) for name, value in fields.items() if value},
            faults=tuple(name for name, _ in faults),
        )
        self._mailbox.add(captured, request.content)


def _patterns(provider: Provider) -> list[re.Pattern[str]]:
    """Return the paths of a provider's send calls as patterns: behind its base URL's own path,
    or without that, since a base URL that leads to the sandbox may leave it out.
    """
    paths = [provider.request.path, provider.template.path]
    if provider.sandbox is not None:
        paths.append(provider.sandbox.path)
    bases = {"", *(urlsplit(url).path for url in provider.urls.values())}
    whole = {base + path for base in bases for path in paths if path or path is paths[0]}
    named = f"(?:/{re.escape(provider.id)})?"
    return [re.compile(named + _as_pattern(path) + "/?") for path in sorted(whole)]


def _as_pattern(path: str) -> str:
    parts, position = [], 0
    for match in PLACEHOLDER.finditer(path):
        parts += [re.escape(path[position : match.start()]), f"(?P<{match[1]}>[^/]+)"]
        position = match.end()
    return "".join((*parts, re.escape(path[position:])))
