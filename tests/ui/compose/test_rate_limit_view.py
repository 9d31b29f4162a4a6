"""The gauge of an API's rate limit and quotas, and its clock."""

import pytest

from mailgui.api.rate_limit import QuotaReading, RateLimit
from mailgui.ui.compose.rate_limit_view import RateLimitView, until
from mailgui.ui.tokens import Tone


@pytest.fixture
def view(show):
    return show(RateLimitView(), 520, 120)


def test_nothing_told_nothing_shown(view):
    view.show_limit(None)
    assert view.isHidden()


def test_the_rate_and_a_quota(view):
    quota = QuotaReading("daily", limit=100, used=95, reset_seconds=7300)
    limit = RateLimit(limit=10, remaining=3, reset_seconds=30, quotas=(quota,), documented="10 a s")
    view.show_limit(limit, age=10)
    assert list(view.gauges) == ["Requests", "Daily"]
    assert view.gauges["Requests"].accessibleName() == "Requests 3 of 10 left, resets in 20 s"
    assert view.gauges["Requests"].tone is Tone.PASS
    assert view.gauges["Daily"].words == "5 of 100 left"
    assert view.gauges["Daily"].tone is Tone.ATTENTION
    assert "resets in 2 h 1 min" in view.gauges["Daily"].accessibleName()
    assert view._words.text() == "Documented: 10 a s."
    assert view._clock.isActive()


def test_when_the_time_is_over_the_clock_stops(view):
    view.show_limit(RateLimit(limit=2, remaining=0, reset_seconds=5, retry_after=5), age=6)
    assert view.gauges["Requests"].tone is Tone.BROKEN
    assert "has begun anew" in view.gauges["Requests"].accessibleName()
    assert view._words.text() == "May be tried again."
    assert not view._clock.isActive()


def test_the_clock_runs(view):
    view.show_limit(RateLimit(limit=2, remaining=0, reset_seconds=90, retry_after=90))
    view._at -= 80
    view._tick()
    assert "resets in 10 s" in view.gauges["Requests"].accessibleName()
    assert view._words.text() == "May be tried again in 10 s."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59, "59 s"), (200, "3 min 20 s"), (18_720, "5 h 12 min"), (260_000, "3 days")],
)
def test_times_to_come_in_words(seconds, words):
    assert until(seconds) == words


def test_a_quota_of_which_only_what_is_used_is_told(view):
    view.show_limit(RateLimit(quotas=(QuotaReading("day", used=95),)))
    assert view.gauges["Day"].words == "95 used"
    assert view.gauges["Day"].tone is Tone.INFO
