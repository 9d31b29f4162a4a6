from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.provider import load_providers
from mailgui.api.rate_limit import RateLimit, read_rate_limit, seconds_until
from mailgui.transcript import HttpExchange

PROVIDERS = load_providers()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
DATE = ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")


def read(name, *headers, body=b"{}"):
    exchange = HttpExchange(
        "POST", "https://x", (), b"", status=429, response_headers=headers, response_body=body
    )
    return read_rate_limit(PROVIDERS[name], exchange, now=NOW)


def test_seconds_from_now():
    found = read(
        "resend", ("ratelimit-limit", "2"), ("RateLimit-Remaining", "0"), ("ratelimit-reset", "1")
    )
    assert (found.limit, found.remaining, found.reset_seconds) == (2, 0, 1.0)
    assert found.window == 1
    assert found.retry_after is None
    assert found.wait == 1.0


def test_unix_time_counts_from_the_servers_own_clock():
    reset = ("X-RateLimit-Reset", str(EPOCH + 30))
    assert read("sendgrid", reset).reset_seconds == 30
    skewed = ("Date", "Thu, 01 Jan 2026 00:00:20 GMT")
    assert read("sendgrid", skewed, reset).reset_seconds == 10


def test_iso_8601_of_a_second_quota():
    found = read(
        "mailersend",
        DATE,
        ("x-apiquota-remaining", "0"),
        ("x-apiquota-reset", "2026-01-01T12:00:00Z"),
        ("x-ratelimit-reset", str(EPOCH + 5)),
        ("retry-after", "7"),
    )
    assert found.quotas[0].remaining == 0
    assert found.quotas[0].reset_seconds == 12 * 3600
    assert found.reset_seconds == 5
    assert found.wait == 7


def test_a_wait_in_the_body():
    found = read("autosend", body=b'{"success":false,"retryAfter":3}')
    assert found.retry_after == 3


def test_retry_after_as_a_date():
    found = read("postmark", DATE, ("Retry-After", "Thu, 01 Jan 2026 00:01:00 GMT"))
    assert found.retry_after == 60


@pytest.mark.parametrize(
    "headers",
    [
        (("RateLimit", '"default";r=50;t=30'), ("RateLimit-Policy", '"default";q=100;w=60')),
        (("RateLimit", "limit=100, remaining=50, reset=30"), ("RateLimit-Policy", "100;w=60")),
        (("RateLimit-Limit", "100, 100;w=60"), ("RateLimit-Remaining", "50"),
         ("RateLimit-Reset", "30")),
        (("X-RateLimit-Limit", "100;w=60"), ("X-RateLimit-Remaining", "50"),
         ("X-RateLimit-Reset", str(EPOCH + 30))),
    ],
)  # fmt: skip
def test_dialects_that_a_file_does_not_name(headers):
    found = read("postmark", *headers)
    assert (found.limit, found.remaining, found.reset_seconds, found.window) == (100, 50, 30, 60)


def test_nothing_told_is_none():
    assert read("postmark", ("X-Other", "1")) is None


def test_what_is_left_needs_no_wait():
    assert RateLimit(limit=2, remaining=1, reset_seconds=5).wait is None


@pytest.mark.parametrize(
    ("text", "dialect", "seconds"),
    [
        ("5", "delta", 5.0),
        ("0.5", "delta", 0.5),
        (str(EPOCH + 5), "delta", 5.0),
        ("5", "epoch", 5.0),
        (str((EPOCH + 5) * 1000), "epoch_ms", 5.0),
        (str((EPOCH + 5) * 1000), "epoch", 5.0),
        (str(EPOCH - 5), "epoch", 0.0),
        ("2026-01-01T00:00:05+00:00", "delta", 5.0),
        ("-1", "delta", None),
        ("nan", "delta", None),
        ("inf", "delta", None),
        ("soon", "iso8601", None),
        ("", "delta", None),
    ],
)
def test_seconds_until(text, dialect, seconds):
    assert seconds_until(text, dialect, NOW) == seconds


@given(st.text(max_size=40), st.sampled_from(["delta", "epoch", "epoch_ms", "iso8601"]))
def test_foreign_text_never_fails(text, dialect):
    found = seconds_until(text, dialect, NOW)
    assert found is None or found >= 0
