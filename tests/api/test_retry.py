import asyncio
from datetime import UTC, datetime

import pytest

from mailgui.api.provider import load_providers
from mailgui.api.rate_limit import RateLimit
from mailgui.api.retry import RetryPolicy, attempts, decide
from mailgui.transcript import HttpExchange, Kind, Outcome, Reply, Stage, Transcript

RESEND = load_providers()["resend"]


def ended(outcome, *, status=None, stage=Stage.RECEIVE, fault=None, headers=()):
    exchange = HttpExchange("POST", "https://x", (), b"", status=status, response_headers=headers)
    return Transcript(
        id="1",
        kind=Kind.HTTP,
        started=datetime.now(UTC),
        title="",
        peer="",
        outcome=Outcome(outcome),
        stage=stage,
        fault=fault,
        reply=Reply(status, "") if status else None,
        exchanges=(exchange,),
    )


def most(_low, high):
    return high


def again(transcript, *, idempotent=False, asked=None, attempt=1):
    limit = RateLimit(retry_after=asked) if asked is not None else None
    return decide(transcript, attempt=attempt, idempotent=idempotent, rate_limit=limit, draw=most)


CASES = [
    # outcome, status, stage, fault, asked to wait, again?, again under an idempotency key?
    ("temporary", 429, Stage.RECEIVE, "api.rate_limit", None, True, True),
    ("temporary", 429, Stage.RECEIVE, "api.rate_limit", 2.0, True, True),
    ("temporary", 429, Stage.RECEIVE, "api.quota", None, False, False),
    ("temporary", 503, Stage.RECEIVE, "api.server", 5.0, True, True),
    ("temporary", 503, Stage.RECEIVE, "api.server", None, False, True),
    ("temporary", 500, Stage.RECEIVE, "api.server", None, False, True),
    ("unknown", None, Stage.WAIT, "timed_out", None, False, True),
    ("unknown", None, Stage.RECEIVE, "http_truncated", None, False, True),
    ("failed", None, Stage.CONNECT, "refused", None, True, True),
    ("failed", None, Stage.DNS, "name_timeout", None, True, True),
    ("failed", None, Stage.DNS, "name_not_found", None, False, False),
    ("failed", None, Stage.TLS, "certificate_expired", None, False, False),
    ("failed", None, Stage.SEND, "lost", None, False, False),
    ("failed", None, Stage.CONNECT, "insecure_credentials", None, False, False),
    ("refused", 422, Stage.RECEIVE, "api.validation", None, False, False),
    ("accepted", 200, Stage.RECEIVE, None, None, False, False),
    ("partial", 200, Stage.RECEIVE, "api.recipient", None, False, False),
    ("cancelled", None, None, None, None, False, False),
]


@pytest.mark.parametrize(("outcome", "status", "stage", "fault", "asked", "plain", "keyed"), CASES)
def test_only_what_is_safe_is_tried_again(outcome, status, stage, fault, asked, plain, keyed):
    transcript = ended(outcome, status=status, stage=stage, fault=fault)
    assert again(transcript, asked=asked).again is plain
    assert again(transcript, asked=asked, idempotent=True).again is keyed
    assert again(transcript).reason.endswith(".")


def test_the_wait_grows_under_a_cap_and_is_drawn_from_nothing_up():
    transcript = ended("temporary", status=429, fault="api.rate_limit")
    policy = RetryPolicy(attempts=20, base=1, cap=10)
    waits = [
        decide(transcript, attempt=n, idempotent=False, policy=policy, draw=most).wait
        for n in range(1, 7)
    ]
    assert waits == [1, 2, 4, 8, 10, 10]
    least = decide(transcript, attempt=3, idempotent=False, draw=lambda low, _: low)
    assert least.wait == 0


def test_what_is_asked_for_is_the_least():
    transcript = ended("temporary", status=429, fault="api.rate_limit")
    assert again(transcript, asked=7).wait >= 7
    assert not again(transcript, asked=3600).again


def test_enough_is_enough():
    transcript = ended("temporary", status=429, fault="api.rate_limit")
    assert again(transcript, attempt=3).again
    assert not again(transcript, attempt=4).again


def drive(transcripts, *, cancel=None, idempotent=False):
    async def go():
        left = list(transcripts)
        event = asyncio.Event() if cancel else None

        async def send_once(number):
            assert number == len(transcripts) - len(left) + 1
            if cancel == number:
                event.set()
            return left.pop(0)

        return [
            attempt
            async for attempt in attempts(
                send_once,
                RESEND,
                idempotent=idempotent,
                cancel=event,
                draw=lambda _low, _high: 0.0,
            )
        ]

    return asyncio.run(go())


def test_each_try_is_shown():
    busy = ended("temporary", status=429, fault="api.rate_limit", headers=(("retry-after", "0"),))
    fine = ended("accepted", status=200)
    tries = drive([busy, busy, fine])
    assert [t.number for t in tries] == [1, 2, 3]
    assert [t.next.again for t in tries] == [True, True, False]
    assert tries[-1].transcript is fine


def test_an_unknown_outcome_ends_it_without_a_key():
    lost = ended("unknown", stage=Stage.WAIT, fault="timed_out")
    assert len(drive([lost, lost])) == 1
    assert len(drive([lost, ended("accepted", status=200)], idempotent=True)) == 2


def test_cancelling_ends_the_trying():
    busy = ended("temporary", status=429, fault="api.rate_limit")
    tries = drive([busy, busy], cancel=1)
    assert len(tries) == 1
    assert tries[0].next.reason == "Cancelled."


def test_cancelling_ends_the_waiting():
    busy = ended("temporary", status=429, fault="api.rate_limit", headers=(("retry-after", "100"),))

    async def go():
        cancel = asyncio.Event()
        seen = []

        async def send_once(_number):
            return busy

        async for attempt in attempts(send_once, RESEND, idempotent=False, cancel=cancel):
            seen.append(attempt)
            cancel.set()
        return seen

    assert len(asyncio.run(go())) == 1
