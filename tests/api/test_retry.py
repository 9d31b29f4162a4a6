from datetime import UTC, datetime

import pytest

from mailgui.api.provider import load_providers
from mailgui.api.rate_limit import RateLimit
from mailgui.api.retry import RetryPolicy, decide
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
