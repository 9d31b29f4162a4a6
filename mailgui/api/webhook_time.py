"""Moments as webhooks write them: Unix time in seconds or milliseconds, or ISO 8601."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MILLISECONDS = 100_000_000_000  # beyond this, seconds would be in the year 5138


def moment(value: object) -> datetime | None:
    """Return the moment that ``value`` says, in UTC (which it has where it names no zone)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()[:64]
    try:
        number = float(text)
    except ValueError:
        return _written(text)
    if not math.isfinite(number):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _written(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, OverflowError):
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def ago(seconds: float) -> str:
    """Return a span of time in words, such as ``7 minutes``."""
    seconds = abs(seconds)
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count:,} {word}{'s' if count != 1 else ''}"
    count = int(seconds)
    return f"{count} second{'s' if count != 1 else ''}"
