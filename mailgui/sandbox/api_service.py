"""The embedded e-mail APIs: routes a call to its provider, judges it, and takes its message."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from mailgui.api.definition import Provider
from mailgui.api.template import PLACEHOLDER
from mailgui.sandbox.api_answers import (
    HttpAnswer,
    counted,
    make_answer,
    rate_values,
    remote_id,
)
from mailgui.sandbox.api_batch import BatchItem, batch_answer, split_batch
from mailgui.sandbox.api_faults import OF_ONE_MESSAGE, with_fault
from mailgui.sandbox.api_key import is_authentic
from mailgui.sandbox.api_refusals import Refused, idempotency_key, invalid, key_in_use, validate
from mailgui.sandbox.api_request import ApiRequest, Call, ReadMessage, Unreadable, read_body
from mailgui.sandbox.conduct import Conduct
from mailgui.sandbox.faults import ApiFault, Fault, provoked, recipient_fault
from mailgui.sandbox.idempotency import IdempotencyKeys, KeyInUse
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox, new_id, now
from mailgui.transcript import visible


@dataclass(frozen=True, slots=True)
class Route:
    """Where a path leads: to which provider, what the path names, and what it is for."""

    provider: Provider
    values: Mapping[str, str]
    call: Call


@dataclass(frozen=True, slots=True)
class _Judged:
    """One message of a call: who it is for, what it provokes, and the answer to it."""

    message: ReadMessage
    answer: HttpAnswer
    taken: bool
    sender: str = ""
    recipients: tuple[str, ...] = ()
    faults: tuple[tuple[str, Fault], ...] = ()
    whole: bool = False  # the answer is that to the whole call


class ApiService:
    """Answers calls as the providers do. Belongs to one event loop."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        mailbox: Mailbox,
        key: str,
        delay: float,
        conduct: Conduct | None = None,
    ) -> None:
        self._routes = [
            (pattern, provider, call)
            for provider in providers.values()
            for pattern, call in _patterns(provider)
        ]
        self._mailbox = mailbox
        self._key = key
        self._delay = delay
        self._conduct = conduct or Conduct()
        self._idempotency = IdempotencyKeys()

    def find(self, path: str) -> Route | None:
        """Return which call has this path, or None.

        A path that begins with the provider's id, such as ``/resend/emails``, is never ambiguous.
        """
        for pattern, provider, call in self._routes:
            if match := pattern.fullmatch(path):
                return Route(provider, match.groupdict(), call)
        return None

    async def call(self, request: ApiRequest, peer: str) -> HttpAnswer:
        """Answer one call, unless its provider's rate is used up."""
        provider = request.provider
        if provider.auth.scheme != "body" and not is_authentic(request, self._key):
            return make_answer(provider, "authentication")
        admission = self._conduct.admit(provider.id)
        if admission is None:
            return await self._answer(request, peer)
        state = (admission.limit, admission.remaining, admission.wait)
        if admission.admitted:
            return counted(provider, await self._answer(request, peer), *state)
        refused = counted(
            provider, make_answer(provider, "rate_limit", rate_values(*state)), *state
        )
        if any(name.lower() == "retry-after" for name, _ in refused.headers):
            return refused
        wait = ("Retry-After", str(admission.wait))  # RFC 6585, section 4
        return replace(refused, headers=(*refused.headers, wait))

    async def _answer(self, request: ApiRequest, peer: str) -> HttpAnswer:
        try:
            tree = self._read(request)
            single = ReadMessage(request, tree)
            bodies = split_batch(request.provider, tree, request.call, single)
            if bodies is None:
                validate(single)
                return await self._once(request, lambda: self._take(request, single, peer))
            return await self._once(request, lambda: self._take_all(request, bodies, peer))
        except Refused as refusal:
            return refusal.answer

    def _read(self, request: ApiRequest) -> Any:
        """Return the body of an authentic call (its key may be in the body). Raises Refused."""
        provider = request.provider
        limit = provider.limits.request_octets
        if request.call != "single" and provider.batch is not None:
            limit = provider.batch.request_octets or limit
        if limit is not None and len(request.content) > limit:
            raise Refused(make_answer(provider, "too_big"))
        try:
            tree = read_body(request.headers.get("content-type", ""), request.content)
        except Unreadable:
            raise invalid(provider, "The request body could not be read.", "body") from None
        if provider.auth.scheme == "body" and not is_authentic(request, self._key, tree):
            raise Refused(make_answer(provider, "authentication"))
        return tree

    async def _once(
        self, request: ApiRequest, take: Callable[[], Awaitable[HttpAnswer]]
    ) -> HttpAnswer:
        """Take the message, unless an idempotency key says that it was taken before."""
        provider = request.provider
        key, hours = idempotency_key(request), provider.idempotency_hours
        if key is None or hours is None:
            return await take()
        try:
            before = self._idempotency.begin(provider.id, key, request.content, hours)
        except KeyInUse as in_use:
            raise Refused(key_in_use(provider, running=in_use.running)) from None
        if before is not None:
            return before
        answer = None
        try:
            answer = await take()
        finally:
            taken = answer is not None and answer.status < 300
            self._idempotency.end(provider.id, key, answer if taken else None)
        return answer

    async def _take(self, request: ApiRequest, message: ReadMessage, peer: str) -> HttpAnswer:
        judged = self._judge(request, message)
        await self._linger((judged,))
        if judged.taken:
            self._capture(request, judged, request.content, peer)
        return judged.answer

    async def _take_all(self, request: ApiRequest, bodies: list[Any], peer: str) -> HttpAnswer:
        """Take the messages of a batch call, each judged as if it had come alone."""
        judged: list[_Judged] = []
        for body in bodies:
            message = ReadMessage(request, body)
            try:
                validate(message)
            except Refused as refusal:
                judged.append(_Judged(message, refusal.answer, taken=False))
            else:
                judged.append(self._judge(request, message))
        await self._linger(judged)
        items = [BatchItem(each.answer, each.taken) for each in judged]
        answer, taken = batch_answer(request.provider, items, request.headers)
        whole = next((each for each in judged if each.whole), None)
        if whole is not None:  # the whole call fails: not one of its messages alone
            taken = whole.taken
            answer = whole.answer
            if whole.answer.cut_short:
                answer = replace(whole.answer, body=answer.body)
        for each, body in zip(judged, bodies, strict=True):
            if taken and each.taken:
                self._capture(request, each, json.dumps(body).encode(), peer)
        return answer

    async def _linger(self, judged: Sequence[_Judged]) -> None:
        if any(fault.slow for each in judged for _, fault in each.faults):
            await asyncio.sleep(self._delay)

    def _judge(self, request: ApiRequest, message: ReadMessage) -> _Judged:
        provider = request.provider
        sender = next((box.address for box in message.mailboxes("from")), "")
        recipients = tuple(box.address for box in message.recipients)
        faults = provoked(sender, recipients)
        fault = next((fault for _, fault in faults if fault.api is not None), None)
        rejected = tuple(a for a in recipients if (f := recipient_fault(a)) and f is fault)
        lists = {
            "recipients": recipients,
            "rejected": rejected,
            "accepted": tuple(address for address in recipients if address not in rejected),
            **{n: tuple(b.address for b in message.mailboxes(n)) for n in ("to", "cc", "bcc")},
        }
        values = {
            **provider.option_values(request.values),
            "count": len(recipients),
            "accepted": len(lists["accepted"]),
            "rejected": len(rejected),
            "from": sender,
            "to": ", ".join(box.text for box in message.mailboxes("to")),
            "domain": request.values.get("domain") or sender.rpartition("@")[2],
        }
        success = make_answer(provider, "success", values, lists=lists)
        answer, taken = with_fault(provider, fault, success, values, lists, message)
        if taken and fault is not None and fault.api is ApiFault.SILENT:
            recipients = lists["accepted"]
        whole = fault is not None and fault.api not in (None, *OF_ONE_MESSAGE)
        return _Judged(message, answer, taken, sender, recipients, faults, whole)

    def _capture(self, request: ApiRequest, judged: _Judged, octets: bytes, peer: str) -> None:
        message = judged.message
        fields = {
            name.capitalize(): ", ".join(box.text for box in message.mailboxes(name))
            for name in ("from", "to", "cc")
        }
        answers = message.mailboxes("reply_to")
        fields["Reply-To"] = ", ".join(box.text for box in answers)
        fields["Subject"] = message.text("subject")
        captured = CapturedMessage(
            id=new_id(),
            received=now(),
            road="api",
            envelope_from=visible(judged.sender),
            recipients=tuple(visible(address) for address in judged.recipients),
            size=len(octets),
            peer=peer,
            provider=request.provider.id,
            headers={name: visible(value) for name, value in fields.items() if value},
            faults=tuple(name for name, _ in judged.faults),
            remote_id=remote_id(request.provider, judged.answer),
        )
        self._mailbox.add(captured, octets)


def _patterns(provider: Provider) -> list[tuple[re.Pattern[str], Call]]:
    """Return the paths of a provider's send calls as patterns: behind its base URL's own path,
    or without that, since a base URL that leads to the sandbox may leave it out.
    """
    paths: list[tuple[str, Call]] = [(provider.request.path, "single")]
    paths.append((provider.template.path, "single"))
    if provider.sandbox is not None:
        paths.append((provider.sandbox.path, "single"))
    if provider.batch is not None:
        paths.append((provider.batch.path, "batch"))
        paths.append((provider.batch.template_path, "template_batch"))
    bases = {"", *(urlsplit(url).path for url in provider.urls.values())}
    whole = {
        base + path: call
        for base in bases
        for path, call in paths
        if path or (path, call) == paths[0]
    }
    named = f"(?:/{re.escape(provider.id)})?"
    return [
        (re.compile(named + _as_pattern(path) + "/?"), call) for path, call in sorted(whole.items())
    ]


def _as_pattern(path: str) -> str:
    parts, position = [], 0
    for match in PLACEHOLDER.finditer(path):
        parts += [re.escape(path[position : match.start()]), f"(?P<{match[1]}>[^/]+)"]
        position = match.end()
    return "".join((*parts, re.escape(path[position:])))
