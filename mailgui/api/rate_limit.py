"""How much more a provider allows, read from an answer in whatever dialect it is told.

Sources: RFC 9110, section 10.2.3 (Retry-After); the IETF drafts of RateLimit headers (three
headers, one header with ``limit=``, and structured ``q``, ``r``, ``t``, ``w``); vendors' own names,
from their provider files.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from mailgui.api.answer_body import AnswerBody, find_text, header, read_body
from mailgui.api.definition import Dialect, Provider
from mailgui.transcript import HttpExchange

_FALLBACKS = ("ratelimit-{}", "x-ratelimit-{}", "x-rate-limit-{}")
_PAST_EPOCH = 100_000_000  # a number of seconds beyond this is a moment, not a wait
_MILLISECONDS = 100_000_000_000
_N = TypeVar("_N", int, float)


@dataclass(frozen=True, slots=True)
class QuotaReading:
    """A second allowance, such as requests a day. Unknown values are None."""

    name: str
    limit: int | None = None
    remaining: int | None = None
    used: int | None = None
    reset_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What an answer says of the rate. Times are seconds from the answer; unknown ones None.

    Attributes:
        limit, remaining: requests in the window, and how many are left of them.
        reset_seconds: until the window begins anew.
        window: its length.
        retry_after: how long the provider asks to wait before another try.
        documented: the rate as the vendor's pages state it.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_seconds: float | None = None
    window: float | None = None
    retry_after: float | None = None
    quotas: tuple[QuotaReading, ...] = ()
    documented: str = ""

    @property
    def wait(self) -> float | None:
        """How long to wait before another try: as asked for, or until the reset if none is left."""
        if self.retry_after is not None:
            return self.retry_after
        return self.reset_seconds if self.remaining == 0 else None


def read_rate_limit(
    provider: Provider,
    exchange: HttpExchange,
    *,
    now: datetime | None = None,
    body: AnswerBody | None = None,
) -> RateLimit | None:
    """Return what the answer says of rates and quotas, or None when it says nothing.

    Moments are compared with the answer's own Date, since clocks differ; ``now`` stands in.
    """
    body = body or read_body(exchange)
    names = provider.rate_limits
    moment = _moment(header(exchange, "date")) or now or datetime.now(UTC)

    def text(path: str) -> str:
        return find_text(exchange, body, [path] if path else [])

    limit = text(names.limit) or _fallback(exchange, "limit")
    remaining = text(names.remaining) or _fallback(exchange, "remaining")
    reset = text(names.reset) or _fallback(exchange, "reset")
    structured = _structured(exchange)
    retry = text(names.retry_after) or header(exchange, "retry-after")
    quotas = tuple(
        QuotaReading(
            quota.name,
            _integer(text(quota.limit)),
            _integer(text(quota.remaining)),
            _integer(text(quota.used)),
            seconds_until(text(quota.reset), quota.dialect, moment),
        )
        for quota in names.quotas
        if any(text(path) for path in (quota.limit, quota.remaining, quota.used, quota.reset))
    )
    found = RateLimit(
        _first(_integer(limit), structured.get("limit")),
        _first(_integer(remaining), structured.get("remaining")),
        _first(seconds_until(reset, names.dialect, moment), structured.get("reset")),
        _first(_window(limit), structured.get("window"), names.window),
        seconds_until(retry, "delta", moment),
        quotas,
        names.documented,
    )
    told = (found.limit, found.remaining, found.reset_seconds, found.retry_after)
    return found if quotas or any(value is not None for value in told) else None


def seconds_until(text: str, dialect: Dialect, now: datetime) -> float | None:
    """Return how many seconds from ``now`` a value means, never less than zero.

    ``dialect`` is what the vendor documents; a number that cannot be that is taken for what it can
    be, and a date is a date in any dialect.
    """
    text = text.strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return max(0.0, (moment - now).total_seconds()) if moment else None
    if not 0 <= number < float("inf"):
        return None
    if number >= _MILLISECONDS or (dialect == "epoch_ms" and number >= _PAST_EPOCH):
        return max(0.0, number / 1000 - now.timestamp())
    if number >= _PAST_EPOCH:
        return max(0.0, number - now.timestamp())
    return number


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _integer(text: str) -> int | None:
    match = re.match(r"\s*(\d{1,18})", text)
    return int(match[1]) if match else None


def _window(limit: str) -> float | None:
    match = re.search(r";\s*w\s*=\s*(\d{1,9})", limit)
    return float(match[1]) if match else None


def _fallback(exchange: HttpExchange, what: str) -> str:
    for name in _FALLBACKS:
        value = header(exchange, name.format(what))
        if value:
            return value
    return ""


def _structured(exchange: HttpExchange) -> dict[str, int]:
    """Read ``RateLimit: "name";r=50;t=30`` or ``RateLimit: limit=100, remaining=50, reset=50``."""
    found: dict[str, int] = {}
    names = {"q": "limit", "r": "remaining", "t": "reset", "w": "window"}
    text = header(exchange, "ratelimit") + ";" + header(exchange, "ratelimit-policy")
    for key, value in re.findall(r"\b(limit|remaining|reset|[qrtw])\s*=\s*(\d{1,18})", text):
        found.setdefault(names.get(key, key), int(value))
    return found


def _first(*values: _N | None) -> _N | None:
    return next((value for value in values if value is not None), None)
