"""Sends a rendered request, and says what came of it. Faults are outcomes, never exceptions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailgui.api import auth
from mailgui.api.batch_answer import understand_any
from mailgui.api.connection import proxy_for
from mailgui.api.render import RenderedRequest
from mailgui.api.settings import ApiSettings
from mailgui.net.credentials import url_may_carry_credentials
from mailgui.net.errors import NetworkFault
from mailgui.transcript import (
    HttpExchange,
    Layer,
    Outcome,
    RecipientResult,
    Recorder,
    Stage,
    Transcript,
    visible,
)

if TYPE_CHECKING:
    from mailgui.net.http import HttpClient
    from mailgui.net.resolver import Resolver

_GONE = (Stage.WAIT, Stage.RECEIVE)  # the whole request is with the server


async def send(
    rendered: RenderedRequest,
    settings: ApiSettings,
    *,
    secrets: Mapping[str, str],
    recorder: Recorder,
    cancel: asyncio.Event | None = None,
    client: "HttpClient | None" = None,
    resolver: "Resolver | None" = None,
) -> Transcript:
    """Send the request once and return its transcript, with an outcome whatever happened.

    ``secrets`` are the account's, by the names of the provider file (``key`` first); the request
    is signed here, just before it goes. When ``cancel`` is set the session ends, cancelled or (with
    the whole request gone) unknown. ``client`` keeps connections open between sends; the caller
    closes it. A client made here takes its TLS settings from ``settings``, and asks ``resolver``
    for names where one is given.
    """
    session = _Session(rendered, settings, recorder)
    refusal = session.prepare(secrets)
    if refusal is not None:
        return refusal
    if client is not None:
        return await session.run(client, cancel)
    from mailgui.api.connection import http_settings
    from mailgui.net.http import HttpClient

    http = http_settings(settings, rendered.url, secrets)
    async with HttpClient(http, resolver=resolver) as own:
        return await session.run(own, cancel)


@dataclass
class _Session:
    """One request on its way."""

    rendered: RenderedRequest
    settings: ApiSettings
    recorder: Recorder
    signed: auth.Signed | None = None

    def prepare(self, secrets: Mapping[str, str]) -> Transcript | None:
        """Sign the request; return the transcript of a refusal if it may not or cannot be sent."""
        provider = self.rendered.provider
        own = {**self.rendered.secrets, **auth.named_secrets(provider, secrets)}
        for secret in own.values():
            self.recorder.masker.add(secret)
        try:
            parts = urlsplit(self.rendered.url)
            host = visible(parts.hostname or "")
        except ValueError:
            return self._refused("The base URL cannot be read; mend it.", "http_malformed")
        if parts.password:  # it is refused further on; until then it must not be recorded
            self.recorder.masker.add(parts.password)
        self.recorder.peer = self.recorder.peer or visible(parts.netloc.rpartition("@")[2])
        self.recorder.title = self.recorder.title or (self.rendered.subject or provider.name)
        public = bool(self.rendered.unsigned.public_secret)
        missing = [] if public else auth.missing_secrets(provider, own)
        if missing:
            what = " and ".join(missing)
            sentence = (
                f"{provider.name} cannot be asked without its {what}: enter it and try again."
            )
            return self._refused(sentence, "api.key_missing")
        if provider.auth.scheme != "body" and any(not _fits_header(s) for s in own.values()):
            sentence = "The key holds a character that no key has: copy it anew and enter it again."
            return self._refused(sentence, "api.key_malformed")
        safe = url_may_carry_credentials(
            self.rendered.url,
            verify=self.settings.tls_verify,
            allow_insecure=self.settings.allow_insecure_auth,
            proxied=proxy_for(self.settings, self.rendered.url) is not None,
        )
        if provider.auth.scheme != "none" and not public and not safe:
            sentence = (
                f"The key was not sent to {host}: the connection would not be verified TLS. "
                "Use an https address, with verification on."
            )
            return self._refused(sentence, "insecure_credentials")
        self.signed = auth.sign(provider, self.rendered.unsigned, own)
        for form in auth.secret_forms(provider, self.signed, own):
            self.recorder.masker.add(form)
        return None

    async def run(self, client: "HttpClient", cancel: asyncio.Event | None) -> Transcript:
        """Send the signed request over ``client``, unless ``cancel`` is set before it ended."""
        if cancel is not None and cancel.is_set():
            return self._cancelled()
        request = asyncio.ensure_future(self._request(client))
        watchers = [asyncio.ensure_future(cancel.wait())] if cancel is not None else []
        try:
            await asyncio.wait([request, *watchers], return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                request.cancel()
                await asyncio.wait([request])
            return self._cancelled() if request.cancelled() else request.result()
        finally:
            for task in (request, *watchers):
                task.cancel()
            await asyncio.gather(request, *watchers, return_exceptions=True)

    async def _request(self, client: "HttpClient") -> Transcript:
        signed, rendered = self.signed, self.rendered
        assert signed is not None  # noqa: S101 - prepare() made it
        try:
            exchange = await client.request(
                rendered.method,
                rendered.url,
                list(signed.headers),
                signed.content,
                recorder=self.recorder,
            )
        except NetworkFault as fault:
            return self._faulted(fault)
        answer = understand_any(rendered, exchange)
        if answer.fault:
            self.recorder.error(answer.summary, layer=Layer.HTTP, stage=Stage.RECEIVE)
        if answer.held:
            sentence = answer.summary
            self.recorder.info(sentence, layer=Layer.HTTP, stage=Stage.RECEIVE, note="held")
        return self.recorder.finish(
            answer.outcome,
            stage=Stage.RECEIVE,
            reply=answer.reply,
            summary=answer.summary,
            recipients=answer.recipients,
            exchanges=(exchange,),
            fault=answer.fault,
            remote_id=answer.remote_id,
            message_id=rendered.message_id,
            tls=client.tls_for(rendered.url) if rendered.url.startswith("https:") else None,
        )

    def _faulted(self, fault: NetworkFault) -> Transcript:
        """Return the transcript of an exchange without a whole answer."""
        gone = fault.stage in _GONE
        sentence = fault.sentence
        if gone:
            sentence += " Whether the message was taken is not known."
        self.recorder.error(sentence, layer=Layer.HTTP, stage=fault.stage)
        outcome = Outcome.UNKNOWN if gone else Outcome.FAILED
        return self._without_answer(outcome, fault.stage, sentence, fault.kind, fault=fault)

    def _cancelled(self) -> Transcript:
        # Phases tell how far it came: waiting begins when the whole request has gone.
        so_far = self.recorder.finish(Outcome.CANCELLED)
        names = [phase.name for phase in so_far.phases]
        stage = Stage(names[-1]) if names and names[-1] in set(Stage) else None
        if stage in _GONE:
            sentence = "Cancelled while waiting: whether the message was taken is not known."
            return self._without_answer(Outcome.UNKNOWN, stage, sentence, "cancelled")
        sentence = "Cancelled before the request was sent: the message was not taken."
        return self._without_answer(Outcome.CANCELLED, stage, sentence, None)

    def _refused(self, sentence: str, slug: str) -> Transcript:
        self.recorder.error(sentence, layer=Layer.HTTP, stage=Stage.CONNECT)
        outcome = Outcome.FAILED
        return self._without_answer(outcome, Stage.CONNECT, sentence, slug, started=False)

    def _without_answer(
        self,
        outcome: Outcome,
        stage: Stage | None,
        sentence: str,
        slug: str | None,
        *,
        fault: NetworkFault | None = None,
        started: bool = True,
    ) -> Transcript:
        rendered = self.rendered
        exchange = HttpExchange(
            rendered.method,
            rendered.url,
            self.signed.headers if self.signed else rendered.unsigned.headers,
            self.signed.content if self.signed else b"",
        )
        return self.recorder.finish(
            outcome,
            stage=stage,
            summary=sentence,
            recipients=tuple(RecipientResult(a, outcome) for a in rendered.recipients),
            exchanges=(exchange,) if started else (),
            fault=slug,
            message_id=rendered.message_id,
            tls=fault.tls if fault else None,
        )


def _fits_header(secret: str) -> bool:
    return secret.isascii() and secret.isprintable()
