"""Requests to an API that are tried again where that is safe, each try its own transcript."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mailgui.api.settings import ApiSettings
from mailgui.jobs.attempts import Attempt, run_attempts
from mailgui.transcript import Kind, Layer, Observer, Recorder, Transcript

if TYPE_CHECKING:
    from mailgui.api.render import RenderedRequest
    from mailgui.api.retry import Decision
    from mailgui.net.http import HttpClient
    from mailgui.net.resolver import Resolver

Tries = tuple[Attempt[Transcript], ...]


async def send_rendered(
    rendered: "RenderedRequest",
    settings: ApiSettings,
    secrets: Mapping[str, str],
    make_recorder: Callable[[], Recorder],
    *,
    observer: Observer | None = None,
    cancel: asyncio.Event | None = None,
    client: "HttpClient | None" = None,
    resolver: "Resolver | None" = None,
) -> Tries:
    """Send a request, up to ``settings.retries`` times again; returns every try, the last last.

    ``make_recorder`` makes one for each try. ``client`` keeps connections open; without one each
    try has its own, which asks ``resolver`` for names where one is given. Whether a try may follow,
    ``api.retry`` says. ``observer`` is told of the waiting.
    """
    from mailgui.api.retry import RetryPolicy, decide, rate_limit_of
    from mailgui.api.session import send

    policy = RetryPolicy(attempts=settings.retries + 1)
    idempotent = rendered.idempotency_key is not None

    async def send_once(_number: int) -> Transcript:
        return await send(
            rendered,
            settings,
            secrets=secrets,
            recorder=make_recorder(),
            cancel=cancel,
            client=client,
            resolver=resolver,
        )

    def what_next(transcript: Transcript, number: int) -> "Decision":
        limit = rate_limit_of(rendered.provider, transcript)
        return decide(
            transcript, attempt=number, idempotent=idempotent, rate_limit=limit, policy=policy
        )

    def tell(attempt: Attempt[Transcript]) -> None:
        if attempt.again and observer is not None:
            # Not in the tries' own transcripts: it is no part of either.
            words = f"{attempt.reason} Attempt {attempt.number + 1} in {attempt.wait:.1f} s."
            Recorder(Kind.HTTP, observer=observer).info(words, layer=Layer.HTTP)

    if not settings.retries:
        return (Attempt(1, await send_once(1), again=False, wait=0.0, reason=""),)
    return await run_attempts(send_once, what_next, cancel=cancel, on_attempt=tell)


def attempt_json(attempt: Attempt[Transcript]) -> dict[str, Any]:
    """Return a try as the ``send`` document has it."""
    transcript = attempt.report
    reply = transcript.reply
    return {
        "number": attempt.number,
        "outcome": transcript.outcome.value,
        "stage": transcript.stage.value if transcript.stage else None,
        "reply": {"code": reply.code, "enhanced": reply.enhanced, "text": reply.text}
        if reply
        else None,
        "summary": transcript.summary,
        "wait_ms": round(attempt.wait * 1000),
        "reason": attempt.reason,
    }
