"""What a row of sends measured: time by phase, octets and round trips, as numbers to compare.

Times are milliseconds; octets are those of the mail protocol, without what TLS and TCP add.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from mailgui.transcript import Direction, Event, Kind, Layer, Outcome, Transcript

OPENING = frozenset({"dns", "connect", "banner", "ehlo", "starttls", "tls", "auth"})
"""The phases that a connection costs once, however many messages go over it."""
_PROTOCOL = (Layer.SMTP, Layer.HTTP)
_TAKEN = (Outcome.ACCEPTED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number is spread over a row of sends. ``p95``: 95 of 100 are at most this."""

    least: float
    median: float
    p95: float
    most: float

    def to_json_dict(self) -> dict[str, float]:
        """Return the numbers, rounded to microseconds where they are milliseconds."""
        names = {"min": self.least, "median": self.median, "p95": self.p95, "max": self.most}
        return {name: round(value, 3) for name, value in names.items()}


def spread(values: Sequence[float]) -> Spread | None:
    """Return how ``values`` are spread, or None where there are none."""
    if not values:
        return None
    ordered = sorted(values)
    nearest = ordered[min(len(ordered) - 1, -(-len(ordered) * 95 // 100) - 1)]
    return Spread(ordered[0], median(ordered), nearest, ordered[-1])


@dataclass(frozen=True, slots=True)
class Sample:
    """One message's way.

    Attributes:
        opened: whether a connection was made for it.
        phases: each phase's milliseconds; the greeting before and after TLS count together.
        round_trips: how often something was sent and an answer waited for.
    """

    outcome: Outcome
    milliseconds: float
    opened: bool
    phases: dict[str, float]
    sent: int
    received: int
    round_trips: int

    @property
    def delivery(self) -> float:
        """The milliseconds that were not spent on opening a connection."""
        opening = sum(ms for name, ms in self.phases.items() if name in OPENING)
        return max(self.milliseconds - opening, 0.0)


def sample(transcript: Transcript) -> Sample:
    """Return what one transcript measured, from the first phase's start to the last one's end.

    MailGUI's own work before and after (building the message, reading the answer) is not in it.
    The good-bye of an SMTP dialogue is not either: the message has been taken by then.
    """
    phases: dict[str, float] = {}
    counted = [p for p in transcript.phases if p.name != "quit" and p.note != "reused"]
    for phase in counted:
        phases[phase.name] = phases.get(phase.name, 0.0) + phase.duration * 1000
    start = min((phase.start for phase in counted), default=0.0)
    end = max((phase.start + phase.duration for phase in counted), default=0.0)
    spoken = [event for event in transcript.events if event.layer in _PROTOCOL]
    return Sample(
        transcript.outcome,
        (end - start) * 1000,
        "connect" in phases,
        phases,
        _octets(spoken, Direction.SENT),
        _octets(spoken, Direction.RECEIVED),
        _round_trips(spoken),
    )


def _octets(events: Iterable[Event], direction: Direction) -> int:
    return sum(
        len(event.octets) if event.data_length is None else event.data_length
        for event in events
        if event.direction is direction
    )


def _round_trips(events: Iterable[Event]) -> int:
    """Count the turns from our words to the peer's."""
    words = (Direction.SENT, Direction.RECEIVED)
    spoken = [event.direction for event in events if event.direction in words]
    turns = pairwise(spoken)
    return sum(1 for ours, theirs in turns if (ours, theirs) == words)


@dataclass(frozen=True, slots=True)
class Side:
    """One profile's row of sends.

    Attributes:
        kind: SMTP or HTTP.
        samples: one a message, in the order sent.
        price: of 1,000 messages in whatever currency, where it was given.
        failures: the first transcripts of messages that were not accepted.
        first: the transcript of the first message.
        batched: whether the server offered to take commands in groups (SMTP's PIPELINING); None
            for an API.
    """

    name: str
    kind: Kind
    samples: tuple[Sample, ...]
    price: float | None = None
    failures: tuple[Transcript, ...] = ()
    first: Transcript | None = None
    batched: bool | None = None

    @property
    def taken(self) -> tuple[Sample, ...]:
        """The messages that were accepted, for all recipients or some."""
        return tuple(each for each in self.samples if each.outcome in _TAKEN)

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many messages ended how."""
        return Counter(each.outcome for each in self.samples)

    @property
    def opening(self) -> Spread | None:
        """What opening a connection costs."""
        openings = [each.milliseconds - each.delivery for each in self.taken if each.opened]
        return spread(openings)

    @property
    def delivery(self) -> Spread | None:
        """What one message costs over a connection that is open."""
        return spread([each.delivery for each in self.taken])

    @property
    def total(self) -> Spread | None:
        """What a message cost altogether, opening included where there was one."""
        return spread([each.milliseconds for each in self.taken])

    @property
    def messages_per_second(self) -> float:
        """One after the other, as they were sent here."""
        seconds = sum(each.milliseconds for each in self.taken) / 1000
        return len(self.taken) / seconds if seconds > 0 else 0.0

    def phases(self) -> dict[str, Spread]:
        """Return each phase's spread over the messages that had it, in order of appearance."""
        found: dict[str, list[float]] = {}
        for each in self.taken:
            for name, milliseconds in each.phases.items():
                found.setdefault(name, []).append(milliseconds)
        return {name: known for name, ms in found.items() if (known := spread(ms))}

    def per_message(self, name: str) -> float | None:
        """Return the median of ``sent``, ``received`` or ``round_trips`` where none was opened.

        Where every message opened a connection, that is counted in.
        """
        calm = [each for each in self.taken if not each.opened] or list(self.taken)
        return median(getattr(each, name) for each in calm) if calm else None

    def to_json_dict(self) -> dict[str, Any]:
        """Return this side for ``mailgui compare --json``."""
        spreads = {"opening": self.opening, "delivery": self.delivery, "total": self.total}
        return {
            "name": self.name,
            "road": "smtp" if self.kind is Kind.SMTP else "api",
            "count": len(self.samples),
            "outcomes": {str(outcome): n for outcome, n in self.outcomes.items()},
            **{f"{n}_ms": s.to_json_dict() if s else None for n, s in spreads.items()},
            "phases": [
                {"name": name, **known.to_json_dict()} for name, known in self.phases().items()
            ],
            "times_ms": [round(each.milliseconds, 3) for each in self.samples],
            "messages_per_second": round(self.messages_per_second, 1),
            "octets_sent": self.per_message("sent"),
            "octets_received": self.per_message("received"),
            "round_trips": self.per_message("round_trips"),
            "price_per_1000": self.price,
        }
