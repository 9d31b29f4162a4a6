"""What to make of two measured sides: sentences a person can decide by, each with its numbers."""

from collections.abc import Iterator

from mailgui.findings import Finding, Severity
from mailgui.jobs.compare_numbers import Side
from mailgui.net.hosts import is_loopback
from mailgui.transcript import Kind

_MATTERS = 1.25  # times as long, below which nobody should choose by it
_FEW = 5
_SLOW_OPENING = 1.5  # times the message itself


def advice(sides: tuple[Side, Side], *, fresh: bool) -> tuple[Finding, ...]:
    """Return the advice, the most important first."""
    found: list[Finding] = []
    for side in sides:
        found += _failures(side)
    found += _speed(sides, fresh=fresh)
    found += _cost(sides)
    for side in sides:
        found += _opening(side, fresh=fresh)
        found += _round_trips(side)
    found += _octets(sides)
    found += _limits(sides)
    return tuple(found)


def _failures(side: Side) -> Iterator[Finding]:
    bad = len(side.samples) - len(side.taken)
    if not bad:
        return
    nothing = not side.taken
    yield Finding(
        f"compare.failures.{side.kind.value}",
        Severity.BROKEN if nothing else Severity.ATTENTION,
        f"{side.name} did not take {bad} of {len(side.samples)} messages",
        "Only messages that were taken are in the times."
        if side.taken
        else "There is nothing to compare it by.",
        "Mend this first: what the answers mean stands below.",
        evidence=tuple(transcript.summary for transcript in side.failures),
    )


def _speed(sides: tuple[Side, Side], *, fresh: bool) -> Iterator[Finding]:
    times = [side.total if fresh else side.delivery for side in sides]
    if times[0] is None or times[1] is None:
        return
    fast, slow = (0, 1) if times[0].median <= times[1].median else (1, 0)
    quick, tardy = times[fast], times[slow]
    assert quick is not None and tardy is not None  # noqa: S101, PT018 - narrows the types
    over = "with a new connection each time" if fresh else "over an open connection"
    numbers = (
        f"{sides[fast].name}: {_ms(quick.median)} a message, 95 % within {_ms(quick.p95)}.",
        f"{sides[slow].name}: {_ms(tardy.median)} a message, 95 % within {_ms(tardy.p95)}.",
    )
    ratio = tardy.median / quick.median if quick.median > 0 else 1.0
    if ratio < _MATTERS or quick.p95 > tardy.median:
        yield Finding(
            "compare.even",
            Severity.INFO,
            "Neither is faster by an amount that matters",
            f"{over.capitalize()}, their times overlap.",
            "Choose by what you need beside speed: features, cost, how failures are reported.",
            evidence=numbers,
        )
        return
    yield Finding(
        "compare.faster",
        Severity.INFO,
        f"{sides[fast].name} takes a message {ratio:.1f} times as fast {over}",
        "Times run until the answer that says the message is taken, not until it is delivered.",
        "For single messages both are quick enough to wait for; for many, see messages per second."
        if tardy.median < 1000
        else f"Hand messages for {sides[slow].name} to a queue, so that nobody waits for it.",
        evidence=numbers,
    )


def _cost(sides: tuple[Side, Side]) -> Iterator[Finding]:
    first, second = sides
    if first.price is None or second.price is None or first.price == second.price:
        return
    cheap, dear = sorted(sides, key=lambda side: side.price or 0.0)
    yield Finding(
        "compare.cost",
        Severity.INFO,
        f"{cheap.name} costs {cheap.price:,.2f} for 1,000 messages, {dear.name} {dear.price:,.2f}",
        "By the prices that you entered; what a server of your own costs to run is not in them.",
    )


def _opening(side: Side, *, fresh: bool) -> Iterator[Finding]:
    opening, delivery = side.opening, side.delivery
    if opening is None or delivery is None or opening.median < _SLOW_OPENING * delivery.median:
        return
    parts = [(name, s.median) for name, s in side.phases().items() if name != "message"]
    longest = sorted(parts, key=lambda part: -part[1])[:3]
    how = "pool SMTP connections" if side.kind is Kind.SMTP else "use one HTTP client for all"
    yield Finding(
        f"compare.opening.{side.kind.value}",
        Severity.ATTENTION if fresh else Severity.INFO,
        f"{side.name}: opening the connection takes {_ms(opening.median)}, "
        f"the message itself {_ms(delivery.median)}",
        "Resolving, connecting, TLS and signing in are paid once a connection.",
        f"Keep the connection open between messages: {how}.",
        evidence=tuple(f"{name}: {_ms(milliseconds)}" for name, milliseconds in longest),
    )


def _round_trips(side: Side) -> Iterator[Finding]:
    turns = side.per_message("round_trips")
    if side.kind is not Kind.SMTP or not turns or side.batched is not False:
        return
    yield Finding(
        "compare.no_pipelining",
        Severity.INFO,
        f"{side.name} needs {turns:.0f} round trips a message: it does not offer PIPELINING",
        "Each costs one way to the server and back, which is what an API call costs in all.",
        "A server that offers PIPELINING (RFC 2920) needs about half of them.",
    )


def _octets(sides: tuple[Side, Side]) -> Iterator[Finding]:
    sent = [side.per_message("sent") for side in sides]
    if not sent[0] or not sent[1]:
        return
    more, less = (0, 1) if sent[0] >= sent[1] else (1, 0)
    big, small = sent[more], sent[less]
    if not big or not small or big / small < _MATTERS:
        return
    yield Finding(
        "compare.octets",
        Severity.INFO,
        f"{sides[more].name} sends {big / small:.1f} times the octets: "
        f"{big:,.0f} against {small:,.0f} a message",
        "Headers, quoting and base64 differ from road to road; TLS is not counted.",
    )


def _limits(sides: tuple[Side, Side]) -> Iterator[Finding]:
    peers = [side.first.peer for side in sides if side.first is not None]
    if peers and all(is_loopback(peer.rpartition(":")[0].strip("[]")) for peer in peers):
        yield Finding(
            "compare.loopback",
            Severity.INFO,
            "Both servers are on this machine",
            "The times show the protocols' own cost. Over the Internet every round trip adds the "
            "way there and back, and the order may turn round.",
            "Compare with profiles of the real servers before you decide.",
        )
    if any(0 < len(side.taken) < _FEW for side in sides):
        yield Finding(
            "compare.few",
            Severity.INFO,
            f"Fewer than {_FEW} messages on a side say little",
            fix="Send more to see how the times are spread.",
        )


def _ms(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.1f} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"
