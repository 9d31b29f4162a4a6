"""Webhooks: received by the sandbox or pasted, verified, read, and tied to the history."""

import asyncio
import hmac
import secrets
import sqlite3
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailgui.api.definition import Provider
from mailgui.api.settings import ApiSettings
from mailgui.api.webhook_definition import NormalEvent
from mailgui.api.webhook_diagnosis import Memory
from mailgui.api.webhook_events import WebhookEvent, read_events
from mailgui.api.webhook_request import BodyProblem, WebhookRequest, parse_pasted
from mailgui.api.webhook_verdict import Verification, WebhookVerdict
from mailgui.api.webhook_verify import Case, verify
from mailgui.jobs.request import UnknownProvider, find_provider, providers
from mailgui.jobs.webhook_certificates import Certificates
from mailgui.jobs.webhook_record import (
    Origin,
    TiedEvent,
    WebhookRecord,
    masked_event,
    shown_request,
)
from mailgui.sandbox.webhook_endpoint import WebhookAnswer
from mailgui.sandbox.webhook_keys import WebhookKeys, make_webhook_keys
from mailgui.sandbox.webhook_simulation import Story, certificate_address, simulate
from mailgui.store.files import StoreProblem
from mailgui.store.profile import Profile
from mailgui.transcript import Masker

if TYPE_CHECKING:
    from mailgui.jobs.services import Services

MAX_RECORDS = 500
MAX_OCTETS = 32 * 1024 * 1024  # of all requests, headers and what was read of them
BOUND = f"The sandbox keeps {MAX_RECORDS} webhooks, {MAX_OCTETS >> 20} MiB in all."
_EVENT_OCTETS = 1_000  # what an event is reckoned at
_PROFILE = "Webhooks"  # under which the secret store keeps signing keys
_SECRET = "webhook"
_SIMULATED = "x-mailgui-simulated"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A request as it came, for checking it again; only in memory."""

    record: WebhookRecord
    request: WebhookRequest = field(repr=False)


class WebhookDesk:
    """Takes webhooks and keeps the last of them. Belongs to the engine's event loop.

    Attributes:
        dropped: how many had to go, since ``clear``, for those that came after them.
    """

    def __init__(self, services: "Services", certificates: Certificates | None = None) -> None:
        self._services = services
        self._certificates = certificates or Certificates()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._octets = self.dropped = 0
        self._token = secrets.token_hex(16).encode()  # what only the sandbox itself can send
        self._memory = Memory()
        self._own: dict[str, WebhookKeys] = {}
        self._urls: dict[str, str] = {}
        self._given: dict[str, str] = {}
        self._listeners: list[Callable[[WebhookRecord], None]] = []

    @property
    def records(self) -> tuple[WebhookRecord, ...]:
        """What was taken, newest first."""
        return tuple(kept.record for kept in reversed(self._kept.values()))

    def subscribe(self, listener: Callable[[WebhookRecord], None]) -> None:
        """Call ``listener`` with each record that is new or was checked again."""
        self._listeners.append(listener)

    def set_public_url(self, provider_id: str, url: str) -> None:
        """Say by which address a provider calls, where a tunnel leads here; "" for none."""
        self._urls[provider_id] = url.strip()

    def use_key(self, provider_id: str, key: str) -> None:
        """Check by this signing key until the program ends, and keep it nowhere."""
        self._given[provider_id] = key.strip()

    async def key(self, provider_id: str) -> str:
        """Return the signing key that a person entered, or ""."""
        if provider_id in self._given:
            return self._given[provider_id]
        return await self._services.secrets.get(_profile(provider_id), _SECRET) or ""

    async def set_key(self, provider_id: str, key: str) -> str:
        """Keep a signing key ("" forgets it), check again what came, and return where it is kept,
        as a sentence.
        """
        store, profile = self._services.secrets, _profile(provider_id)
        if key.strip():
            await store.set(profile, key.strip(), _SECRET)
        else:
            await store.delete(profile, _SECRET)
        for kept in tuple(self._kept.values()):
            if kept.record.provider == provider_id:
                await self._judge_again(kept)
        return store.sentence

    async def handle(self, provider_id: str, request: WebhookRequest, peer: str) -> WebhookAnswer:
        """Take a request that the sandbox's server received."""
        try:
            provider = find_provider(provider_id)
        except UnknownProvider:
            return WebhookAnswer(404, f"There is no provider “{provider_id}”.")
        if provider.webhooks is None:
            return WebhookAnswer(404, f"It is not known how {provider.name} reports events.")
        url = self._urls.get(provider_id) or request.url
        simulated = hmac.compare_digest(
            request.header(_SIMULATED).encode("utf-8", "replace"), self._token
        )
        headers = tuple(pair for pair in request.headers if pair[0].lower() != _SIMULATED)
        request = replace(request, url=url, headers=headers)
        record = await self._take(provider, request, "simulated" if simulated else "received")
        found = record.verification
        status = 401 if found.verdict is WebhookVerdict.FORGED else 200
        return WebhookAnswer(status, found.sentence, found.verdict.value)

    async def paste(
        self, provider_id: str, text: str, url: str = "", *, at: datetime | None = None
    ) -> WebhookRecord:
        """Take a request that a person pasted; ``at`` is when it came, now unless given.

        Raises RequestProblem and UnknownProvider.
        """
        provider = find_provider(provider_id)
        request = parse_pasted(text, url or self._urls.get(provider_id, ""))
        # What is copied loses or gains the line break at its end: any of them will do.
        for body in _endings(request.body):
            if (await self._verify(provider, replace(request, body=body), None, at)).genuine:
                request = replace(request, body=body)
                break
        return await self._take(provider, request, "pasted", at)

    async def simulate(self, provider_id: str, normal: NormalEvent, story: Story) -> WebhookRecord:
        """Let the sandbox send itself a webhook about a message, by HTTP, and return what came.

        Raises UnknownProvider, NotSimulated, and NetworkFault.
        """
        from mailgui.net.http import HttpClient
        from mailgui.transcript import Kind, Recorder

        provider = find_provider(provider_id)
        sandbox = await self._services.start_sandbox()
        keys = await self._own_keys(provider)
        url = sandbox.webhook_url(provider_id)
        signed_url = self._urls.get(provider_id) or url
        request = simulate(provider, normal, story, keys, signed_url)
        headers = [*request.headers, (_SIMULATED, self._token.decode())]
        before = set(self._kept)
        async with HttpClient() as client:
            recorder = Recorder(Kind.HTTP, "Simulated webhook")
            await client.request("POST", url, headers, request.body, recorder=recorder)
        return next(kept.record for id_, kept in reversed(self._kept.items()) if id_ not in before)

    async def clear(self) -> None:
        """Forget what was taken."""
        self._kept.clear()
        self._octets = self.dropped = 0

    async def _own_keys(self, provider: Provider) -> WebhookKeys:
        """Return the keys that the sandbox signs with in a provider's place."""
        webhooks = provider.webhooks
        if provider.id not in self._own and webhooks is not None:
            keys = await asyncio.to_thread(make_webhook_keys, webhooks.signature)
            self._own[provider.id] = keys
            if keys.certificate is not None:
                self._certificates.add(certificate_address(webhooks.signature), keys.certificate)
        return self._own[provider.id]

    async def _take(
        self,
        provider: Provider,
        request: WebhookRequest,
        origin: Origin,
        at: datetime | None = None,
    ) -> WebhookRecord:
        verification = await self._verify(provider, request, self._memory, at)
        problem = ""
        events: tuple[TiedEvent, ...] = ()
        masker = await self._masker(provider.id)
        try:
            found = read_events(provider, request)
            events = await self._tied(tuple(masked_event(event, masker) for event in found))
        except BodyProblem as fault:
            problem = str(fault)
        url, headers, body = shown_request(provider, request, masker)
        record = WebhookRecord(
            uuid.uuid4().hex,
            datetime.now(UTC),
            provider.id,
            provider.name,
            origin,
            verification,
            events,
            request.method,
            url,
            headers,
            body,
            len(request.body),
            problem,
        )
        self._keep(_Kept(record, request))
        return record

    async def _verify(
        self,
        provider: Provider,
        request: WebhookRequest,
        memory: Memory | None,
        at: datetime | None = None,
    ) -> Verification:
        """Judge by the person's key, and by the sandbox's own where that does not fit."""
        webhooks = provider.webhooks
        certificate = None
        authorities: tuple[bytes, ...] = ()
        if webhooks is not None:
            certificate = await self._certificates.of(request, webhooks.signature)
        own = self._own.get(provider.id)
        ours = own is not None and own.certificate is not None and own.certificate == certificate
        if webhooks is not None and certificate is not None and not ours:
            authorities = await self._certificates.authorities_of(webhooks.signature)
        case = Case(
            provider,
            request,
            await self.key(provider.id),
            at or datetime.now(UTC),
            memory,
            tuple(providers().values()),
            certificate,
            authorities,
        )
        if own is not None and (own.public or ours):
            mine = (own.certificate,) if own.certificate else ()
            simulated = verify(replace(case, key=own.public, authorities=mine))
            if simulated.genuine:
                whose = "The sandbox signed this itself, as the provider would."
                return replace(simulated, sentence=whose)
        return verify(case)

    async def _tied(self, events: tuple[WebhookEvent, ...]) -> tuple[TiedEvent, ...]:
        """Find the transcripts that events are about; a fault of the history is no fault here."""
        known: dict[str, tuple[str, str]] = {}
        tied = []
        for event in events:
            for message_id in event.message_ids:
                if message_id not in known:
                    known[message_id] = await self._find(message_id)
                if known[message_id][0]:
                    break
            found = next((known[m] for m in event.message_ids if known.get(m, ("",))[0]), ("", ""))
            tied.append(TiedEvent(event, *found))
        return tuple(tied)

    async def _find(self, message_id: str) -> tuple[str, str]:
        try:
            entries = await self._services.history.find_by_message_id(message_id)
        except (StoreProblem, sqlite3.Error, OSError):
            return "", ""
        return (entries[0].id, entries[0].title) if entries else ("", "")

    async def _masker(self, provider_id: str) -> Masker:
        masker = Masker()
        own = self._own.get(provider_id)
        for secret in (await self.key(provider_id), own.public if own else ""):
            masker.add(secret)
            _, colon, password = secret.partition(":")
            masker.add(password if colon else "")
        return masker

    async def _judge_again(self, kept: _Kept) -> None:
        provider = find_provider(kept.record.provider)
        verification = await self._verify(provider, kept.request, None)
        masker = await self._masker(provider.id)
        url, headers, body = shown_request(provider, kept.request, masker)
        record = replace(
            kept.record, verification=verification, url=url, headers=headers, body=body
        )
        again = _Kept(record, kept.request)
        self._octets += _weight(again) - _weight(kept)  # other secrets are hidden in it now
        self._kept[record.id] = again
        self._tell(record)

    def _keep(self, kept: _Kept) -> None:
        self._kept[kept.record.id] = kept
        self._octets += _weight(kept)
        while len(self._kept) > 1 and (len(self._kept) > MAX_RECORDS or self._octets > MAX_OCTETS):
            _, oldest = self._kept.popitem(last=False)
            self._octets -= _weight(oldest)
            self.dropped += 1
        self._tell(kept.record)

    def _tell(self, record: WebhookRecord) -> None:
        for listener in tuple(self._listeners):
            listener(record)


def _weight(kept: _Kept) -> int:
    """Return how much of the bound a request takes: its octets, and what is shown of them."""
    request = kept.request
    headers = sum(len(name) + len(value) for name, value in request.headers)
    return len(request.body) + headers + len(request.url) + shown_octets(kept.record)


def shown_octets(record: WebhookRecord) -> int:
    """Return how much a record holds, about: its texts, and its events at a round sum each."""
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.body) + headers + len(record.url) + len(record.events) * _EVENT_OCTETS


def _profile(provider_id: str) -> Profile:
    return Profile(_PROFILE, ApiSettings(provider_id))


def _endings(body: bytes) -> Iterator[bytes]:
    bare = body.rstrip(b"\r\n")
    yield from (body, bare, bare + b"\r\n", bare + b"\n")
