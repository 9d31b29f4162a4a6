"""Numbers as people read them, the same in every widget."""


def milliseconds(seconds: float) -> str:
    """Return a time as a transcript's column has it: milliseconds, from 100 s on seconds."""
    if seconds >= 100:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:,.1f}"


def duration(seconds: float) -> str:
    """Return a duration with its unit: milliseconds under a second, then seconds."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s"


def number(value: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun: "1 look-up", "4 look-ups"."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"
