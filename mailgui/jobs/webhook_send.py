"""A sample webhook for a receiver on this machine: in the vendor's form, and correctly signed."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mailgui.api.webhook_definition import NormalEvent
from mailgui.jobs.request import find_provider
from mailgui.jobs.webhook_record import shown_request
from mailgui.net.hosts import is_loopback
from mailgui.sandbox.webhook_simulation import NotSimulated, Story, possible, simulate
from mailgui.transcript import Kind, Masker, Outcome, Recorder, Stage, Transcript, visible
from mailgui.wrong_input import WrongInput

_SHOWN = 2_000  # characters of the receiver's answer


class NotHere(WrongInput):
    """The receiver is not on this machine; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What became of a sample.

    Attributes:
        headers, body: what was sent, fit to be shown: no given secret is in it.
        key: what the receiver checks it by, where it was made for this sample; else "".
        status: of the receiver's answer, None without one; ``answer`` is what it says.
        sentence: what came of it.
        note: what a receiver cannot check about it, or "".
    """

    provider: str
    event: NormalEvent
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    key: str
    status: int | None
    answer: str
    sentence: str
    note: str
    transcript: Transcript

    @property
    def taken(self) -> bool:
        """Whether the receiver answered as providers want it: with 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def to_json_dict(self) -> dict[str, Any]:
        """Return the document of ``mailgui webhook send --json``."""
        return {
            "provider": self.provider,
            "event": self.event,
            "method": "POST",
            "url": self.url,
            "headers": dict(self.headers),
            "body": self.body,
            "key": self.key or None,
            "status": self.status,
            "answer": self.answer,
            "taken": self.taken,
            "sentence": self.sentence,
            "note": self.note or None,
        }


async def send_sample(
    provider_id: str,
    normal: NormalEvent,
    story: Story,
    url: str,
    *,
    key: str = "",
    timeout: float = 30.0,
) -> SampleReport:
    """Send the receiver at ``url`` what the provider would tell it about ``story``.

    It is signed with ``key``: the secret, or a private key as PEM; with a new one unless given.
    Raises UnknownProvider, NotSimulated, NotHere and KeyProblem.
    """
    from mailgui.net.errors import NetworkFault
    from mailgui.net.http import HttpClient, HttpSettings
    from mailgui.sandbox.webhook_keys import make_webhook_keys, webhook_keys_from

    provider = find_provider(provider_id)
    if not is_loopback(urlsplit(url).hostname or ""):
        raise NotHere("Samples go to receivers on this machine only: 127.0.0.1, [::1], localhost.")
    if normal not in possible(provider) or provider.webhooks is None:
        can = ", ".join(possible(provider)) or "nothing that is known"
        raise NotSimulated(f"{provider.name} reports no event “{normal}”; it reports: {can}.")
    signature = provider.webhooks.signature
    make = webhook_keys_from if key else lambda each, _: make_webhook_keys(each)
    keys = await asyncio.to_thread(make, signature, key)
    request = simulate(provider, normal, story, keys, url)
    recorder = Recorder(Kind.HTTP, "Sample webhook", masker=Masker([key] if key else []))
    status, answer = None, ""
    try:
        async with HttpClient(HttpSettings(timeout=timeout, max_body=1 << 20)) as client:
            exchange = await client.request(
                "POST", url, list(request.headers), request.body, recorder=recorder
            )
        status = exchange.status
        answer = exchange.response_body[: 4 * _SHOWN].decode("utf-8", "backslashreplace")[:_SHOWN]
        sentence = _verdict(status or 0)
    except NetworkFault as fault:
        sentence = fault.sentence
    masker = recorder.masker
    shown_url, headers, body = shown_request(provider, request, masker)
    return SampleReport(
        provider.id,
        normal,
        shown_url,
        headers,
        body,
        "" if key else keys.public,
        status,
        visible(masker.text(answer), keep_newlines=True),
        masker.text(sentence),
        _note(signature.scheme, signature.certificate_host),
        recorder.finish(Outcome.COMPLETED, stage=Stage.RECEIVE, summary=sentence),
    )


def _verdict(status: int) -> str:
    if 200 <= status < 300:
        return f"The receiver took it ({status})."
    if 300 <= status < 400:
        return f"The receiver redirects ({status}): providers do not follow that."
    if status in (401, 403):
        return f"The receiver refused it ({status}): the signature does not fit its key."
    return f"The receiver did not take it ({status}): providers would try again."


def _note(scheme: str, host: str) -> str:
    if scheme == "none":
        return "This provider signs nothing, so there is nothing for the receiver to check."
    if scheme == "sns":
        return (
            f"The certificate that it names at {host.replace('{region}', 'REGION')} does not "
            "exist: a receiver that fetches it will refuse the sample."
        )
    return ""
