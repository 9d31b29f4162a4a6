"""Makes the events of one conversation, masked, and in the end its transcript.

The recorder is the only maker of events: what it never let in, no view, export or history can leak.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self, cast

from mailgui.transcript.masking import Masker
from mailgui.transcript.model import (
    Event,
    HttpExchange,
    Note,
    Phase,
    RecipientResult,
    Reply,
    Transcript,
)
from mailgui.transcript.text import octets_to_text, visible
from mailgui.transcript.vocabulary import Direction, Kind, Layer, Outcome, Stage


class Observer(Protocol):
    """Whoever watches a conversation live. Called on the engine's thread; must not block."""

    def event(self, event: Event) -> None:
        """One more event was recorded."""

    def phase_started(self, name: str, at: float) -> None:
        """A phase began, ``at`` seconds from the start."""

    def phase_ended(self, phase: Phase) -> None:
        """A phase ended."""


class _OpenPhase:
    """One ``phase`` block, and what its body may set: a note, or that it failed.

    A class in place of a generator: a dialogue has several of them, and at full speed they count.
    """

    __slots__ = ("_name", "_recorder", "_start", "failed", "note")

    def __init__(self, recorder: "Recorder", name: str) -> None:
        self.note = ""
        self.failed = False
        self._recorder = recorder
        self._name = name

    def __enter__(self) -> Self:
        self._start = self._recorder.phase_begins(self._name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failed = self.failed or kind is not None
        self._recorder.phase_ends(self._name, self._start, self.note, failed=failed)


# A line as ``Recorder.lines`` keeps it until somebody wants to see it: Event's fields but its text.
_Line = tuple[float, Direction, Layer, bytes, bool, bool | None, Stage | None]
# A message's content, as ``Recorder.message`` keeps it: all of Event's fields.
_Body = tuple[
    float, Direction, Layer, str, bytes, bool, bool | None, Stage | None, int | None, str | None
]


class Recorder:
    """Records one conversation.

    Attributes:
        masker: the secrets to keep out; sessions add what they derive from them.
        tls: whether what is recorded from now on travels inside TLS.
        kind, title, peer: as in Transcript; ``peer`` may be set once it is known.
        notes: what is worth telling although it decided nothing, by slug; each once.
    """

    def __init__(
        self,
        kind: Kind,
        title: str = "",
        *,
        peer: str = "",
        masker: Masker | None = None,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.kind = kind
        self.title = title
        self.peer = peer
        self.masker = masker or Masker()
        self.tls = False
        self._observer = observer
        self._clock = clock
        self._started = datetime.now(UTC)
        self._origin = clock()
        self._events: list[Event | _Line | _Body] = []
        self._phases: list[Phase | tuple[str, float, float]] = []
        self.notes: dict[str, Note] = {}

    def now(self) -> float:
        """Return the seconds since the conversation began."""
        return self._clock() - self._origin

    def sent(
        self,
        octets: bytes,
        *,
        layer: Layer,
        twin: bytes | None = None,
        stage: Stage | None = None,
    ) -> Event:
        """Record octets (one reassembled line or frame) that went out.

        ``twin`` is what to record in their place when they are secret as a whole.
        """
        return self._wire(Direction.SENT, octets if twin is None else twin, layer, stage, None)

    def received(
        self,
        octets: bytes,
        *,
        layer: Layer,
        expected: bool | None = None,
        stage: Stage | None = None,
    ) -> Event:
        """Record octets (one reassembled line or frame) that came in."""
        return self._wire(Direction.RECEIVED, octets, layer, stage, expected)

    def data(
        self,
        direction: Direction,
        text: str,
        *,
        layer: Layer,
        length: int,
        digest: str | None = None,
        stage: Stage | None = None,
    ) -> Event:
        """Record that a body of ``length`` octets travelled, without a copy of it."""
        masked = visible(self.masker.text(text))
        event = Event(
            self.now(), direction, layer, masked, b"", self.tls, None, stage, length, digest
        )
        return self._add(event)

    def info(self, text: str, *, layer: Layer, stage: Stage | None = None, note: str = "") -> Event:
        """Record a remark of MailGUI's own; ``note`` is its slug where it is worth a finding."""
        event = self._remark(Direction.INFO, text, layer, stage, None)
        if note:
            self.notes.setdefault(note, Note(note, event.text))
        return event

    def error(self, text: str, *, layer: Layer, stage: Stage | None = None) -> Event:
        """Record a fault in MailGUI's own words."""
        return self._remark(Direction.ERROR, text, layer, stage, False)

    def line(
        self,
        direction: Direction,
        octets: bytes,
        layer: Layer,
        stage: Stage | None,
        expected: bool | None = None,
    ) -> None:
        """Record one line as ``sent`` and ``received`` do, for a dialogue at full speed.

        It is masked and timed now; unless somebody watches, its event is made with the transcript.
        """
        if self._observer:
            self._wire(direction, octets, layer, stage, expected)
            return
        masked = self.masker.octets(octets)
        at = self._clock() - self._origin
        self._events.append((at, direction, layer, masked, self.tls, expected, stage))

    def lines(
        self,
        direction: Direction,
        lines: Iterable[tuple[bytes, Stage | None]],
        layer: Layer,
        expected: bool | None = None,
    ) -> None:
        """Record several lines that travelled together; see ``line``."""
        if self._observer or self.masker.knows_any:
            for octets, stage in lines:
                self.line(direction, octets, layer, stage, expected)
            return
        at, tls = self._clock() - self._origin, self.tls
        self._events += [
            (at, direction, layer, octets, tls, expected, stage) for octets, stage in lines
        ]

    def message(
        self, text: str, *, length: int, digest: str, end: bytes, stage: Stage | None
    ) -> None:
        """Record a whole message that went out with its ``end``, as ``data`` and ``sent`` do.

        ``text`` is MailGUI's own and holds nothing foreign.
        """
        layer = Layer.SMTP
        if self._observer:
            self.data(Direction.SENT, text, layer=layer, length=length, digest=digest, stage=stage)
            self._wire(Direction.SENT, end, layer, stage, None)
            return
        at, tls, sent = self._clock() - self._origin, self.tls, Direction.SENT
        self._events += (
            (at, sent, layer, text, b"", tls, None, stage, length, digest),
            (at, sent, layer, end, tls, None, stage),
        )

    def phase(self, name: str) -> _OpenPhase:
        """Time a ``with`` block as a phase; an exception marks it failed and passes on."""
        return _OpenPhase(self, name)

    def phase_begins(self, name: str) -> float:
        """Note that a phase begins; returns when, in seconds, which ``phase_ends`` wants."""
        start = self._clock() - self._origin
        if self._observer:
            self._observer.phase_started(name, start)
        return start

    def phase_ends(self, name: str, start: float, note: str = "", *, failed: bool = False) -> None:
        """Note that a phase that began at ``start`` has ended."""
        duration = self._clock() - self._origin - start
        if note:
            note = visible(self.masker.text(note))
        self.add_phase(Phase(name, start, duration, note, failed))

    @property
    def events(self) -> tuple[Event, ...]:
        """What was recorded so far."""
        events = self._events
        for index, event in enumerate(events):
            if isinstance(event, Event):
                continue
            if len(event) == 10:
                events[index] = Event(*cast("_Body", event))
            else:
                at, direction, layer, masked, tls, expected, stage = cast("_Line", event)
                text = octets_to_text(masked)
                events[index] = Event(at, direction, layer, text, masked, tls, expected, stage)
        return tuple(cast("list[Event]", events))

    def mask_again(self) -> None:
        """Mask what was recorded so far with what the masker has learnt since. An observer has been
        told of it by then.
        """
        self._events = [
            replace(
                event, text=self.masker.text(event.text), octets=self.masker.octets(event.octets)
            )
            for event in self.events
        ]

    def take_over(self, other: "Recorder", *, phases: bool = True) -> None:
        """Add what another recorder with the same clock recorded, at its time."""
        shift = other._origin - self._origin  # noqa: SLF001
        self.note_all(other)
        for event in other.events:
            self._add(replace(event, at=event.at + shift))
        for phase in other.phases if phases else ():
            self.add_phase(replace(phase, start=phase.start + shift))

    def note_all(self, other: "Recorder") -> None:
        """Add another recorder's notes."""
        for slug, note in other.notes.items():
            self.notes.setdefault(slug, note)

    def timed(self, *phases: tuple[str, float, float]) -> None:
        """Add phases that went well: name, start as ``now`` gave it, and duration."""
        if self._observer:
            for phase in phases:
                self.add_phase(Phase(*phase))
        else:
            self._phases += phases

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that have ended."""
        return tuple(p if isinstance(p, Phase) else Phase(*p) for p in self._phases)

    def add_phase(self, phase: Phase) -> None:
        """Add a phase that was timed elsewhere."""
        self._phases.append(phase)
        if self._observer:
            self._observer.phase_ended(phase)

    def finish(
        self,
        outcome: Outcome,
        *,
        stage: Stage | None = None,
        reply: Reply | None = None,
        summary: str = "",
        recipients: tuple[RecipientResult, ...] = (),
        exchanges: tuple[HttpExchange, ...] = (),
        **fields: Any,
    ) -> Transcript:
        """Return the transcript of all that was recorded. ``fields`` are Transcript's others."""
        return Transcript(
            id=uuid.uuid4().hex,
            kind=self.kind,
            started=self._started,
            title=self.masker.text(self.title),
            peer=self.masker.text(self.peer),
            outcome=outcome,
            stage=stage,
            reply=self.masker.masked(reply),
            recipients=self.masker.masked(recipients),
            events=self.events,
            phases=self.phases,
            duration=self.now(),
            summary=self.masker.text(summary),
            exchanges=self.masker.masked(exchanges),
            notes=self.masker.masked(tuple(self.notes.values())),
            **{name: self.masker.masked(value) for name, value in fields.items()},
        )

    def _wire(
        self,
        direction: Direction,
        octets: bytes,
        layer: Layer,
        stage: Stage | None,
        expected: bool | None,
    ) -> Event:
        masked = self.masker.octets(octets)
        text = octets_to_text(masked)
        return self._add(
            Event(self.now(), direction, layer, text, masked, self.tls, expected, stage)
        )

    def _remark(
        self,
        direction: Direction,
        text: str,
        layer: Layer,
        stage: Stage | None,
        expected: bool | None,
    ) -> Event:
        masked = visible(self.masker.text(text))
        return self._add(
            Event(self.now(), direction, layer, masked, b"", self.tls, expected, stage)
        )

    def _add(self, event: Event) -> Event:
        self._events.append(event)
        if self._observer:
            self._observer.event(event)
        return event
