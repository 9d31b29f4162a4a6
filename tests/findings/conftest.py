from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mailgui.findings.knowledge import Entry, Example
from mailgui.transcript import HttpExchange, Kind, Outcome, Reply, Stage, Transcript

Make = Callable[..., Transcript]


@pytest.fixture
def make() -> Make:
    """Makes a transcript that ended as told."""

    def build(reply: Reply | None = None, **fields: Any) -> Transcript:
        fields.setdefault("kind", Kind.SMTP)
        fields.setdefault("peer", "mx.example.net:25")
        fields.setdefault("outcome", Outcome.REFUSED)
        return Transcript(
            id="t", started=datetime(2026, 11, 24, tzinfo=UTC), title="", reply=reply, **fields
        )

    return build


def _outcome(code: int | None) -> Outcome:
    if code is None:
        return Outcome.FAILED
    return Outcome.TEMPORARY if code // 100 == 4 else Outcome.REFUSED


@pytest.fixture
def of_example(make: Make) -> Callable[[Entry, str | Example], Transcript]:
    """Makes the transcript that an entry's example stands for."""

    def build(entry: Entry, example: str | Example) -> Transcript:
        if isinstance(example, str):
            example = Example(reply=example)
        code, _, text = example.reply.partition(" ")
        enhanced, _, rest = text.partition(" ")
        is_enhanced = enhanced.count(".") == 2 and enhanced.replace(".", "").isdigit()
        reply = None
        if code:
            reply = Reply(
                int(code), rest if is_enhanced else text, enhanced if is_enhanced else None
            )
        default = entry.stages[0] if entry.stages else Stage.RCPT
        kind = example.kind or entry.kinds[0]
        exchange = HttpExchange(
            "POST", "https://x", (), b"", status=reply.code if reply else None,
            response_body=example.body.encode(),
        )  # fmt: skip
        return make(
            reply,
            kind=kind,
            peer=f"{example.host}:{example.port}",
            stage=example.stage or default,
            fault=example.fault,
            outcome=example.outcome
            or (Outcome.FAILED if example.fault else _outcome(reply.code if reply else None)),
            exchanges=(exchange,) if kind is Kind.HTTP else (),
        )

    return build
