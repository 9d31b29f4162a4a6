from collections.abc import Callable, Iterator
from itertools import count

import pytest

from mailgui.transcript import (
    Direction,
    HttpExchange,
    Kind,
    Layer,
    Masker,
    Outcome,
    RecipientResult,
    Recorder,
    Reply,
    Stage,
    TlsSummary,
    Transcript,
)
from mailgui.transcript.model import EhloAnswer


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that is a millisecond later at each look."""
    ticks: Iterator[int] = count()
    return lambda: next(ticks) / 1000


@pytest.fixture
def smtp_transcript(clock: Callable[[], float]) -> Transcript:
    recorder = Recorder(
        Kind.SMTP, "Test", peer="mx.example:25", masker=Masker(["s3cret"]), clock=clock
    )
    with recorder.phase("connect"):
        recorder.info("Trying mx.example:25…", layer=Layer.TCP, stage=Stage.CONNECT)
    recorder.received(b"220 mx.example\r\n", layer=Layer.SMTP, expected=True, stage=Stage.BANNER)
    recorder.sent(b"EHLO me\r\n", layer=Layer.SMTP, stage=Stage.EHLO)
    recorder.tls = True
    recorder.sent(b"AUTH PLAIN AHUAczNjcmV0\r\n", layer=Layer.SMTP, stage=Stage.AUTH)
    recorder.received(b"235 hello s3cret\r\n", layer=Layer.SMTP, expected=True, stage=Stage.AUTH)
    recorder.data(
        Direction.SENT, "message", layer=Layer.SMTP, length=5, digest="ab" * 32, stage=Stage.DATA
    )
    recorder.received(b"550 5.7.1 no \xff\x1b\r\n", layer=Layer.SMTP, expected=False)
    recorder.error("The server refused.", layer=Layer.SMTP)
    reply = Reply(550, "no \\xff", "5.7.1")
    return recorder.finish(
        Outcome.PARTIAL,
        stage=Stage.MESSAGE,
        reply=reply,
        summary="One was refused; s3cret.",
        recipients=(
            RecipientResult("a@x.example", Outcome.ACCEPTED, Reply(250, "ok")),
            RecipientResult("b@x.example", Outcome.REFUSED, reply),
        ),
        message_id="<1@x.example>",
        remote_id="queue-s3cret",
        tls=TlsSummary("TLSv1.3", "AES", True, "mx.example"),
        ehlo=(EhloAnswer(False, "mx.example s3cret", {"SIZE": ("1000",)}),),
    )


@pytest.fixture
def http_transcript(clock: Callable[[], float]) -> Transcript:
    recorder = Recorder(
        Kind.HTTP, "API", peer="api.example:443", masker=Masker(["key_123456"]), clock=clock
    )
    for name in ("dns", "connect", "tls", "send", "wait", "receive"):
        with recorder.phase(name):
            pass
    recorder.tls = True
    recorder.sent(b"POST /v1/send?x=1 HTTP/1.1", layer=Layer.HTTP)
    recorder.sent(b"Authorization: Bearer key_123456", layer=Layer.HTTP)
    recorder.data(Direction.SENT, "body", layer=Layer.HTTP, length=13)
    recorder.received(b"HTTP/1.1 422 Unprocessable", layer=Layer.HTTP, expected=False)
    recorder.data(Direction.RECEIVED, "body", layer=Layer.HTTP, length=20)
    exchange = HttpExchange(
        method="POST",
        url="https://api.example/v1/send?x=1&token=key_123456",
        request_headers=(
            ("Authorization", "Bearer key_123456"),
            ("Content-Type", "application/json"),
        ),
        request_body=b'{"to":"key_123456"}',
        status=422,
        reason="Unprocessable",
        response_headers=(("content-type", "application/json"),),
        response_body=b'{"name":"invalid"}',
    )
    return recorder.finish(
        Outcome.REFUSED, stage=Stage.RECEIVE, reply=Reply(422, "invalid"), exchanges=(exchange,)
    )
