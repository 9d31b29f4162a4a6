import json
from collections.abc import Callable

import pytest

from mailgui.transcript import (
    MASK,
    Direction,
    Event,
    Kind,
    Layer,
    Masker,
    Outcome,
    Phase,
    Recorder,
    Stage,
    Transcript,
)
from mailgui.transcript.codec import encode


class Watcher:
    def __init__(self) -> None:
        self.seen: list[object] = []

    def event(self, event: Event) -> None:
        self.seen.append(event)

    def phase_started(self, name: str, at: float) -> None:
        self.seen.append((name, at))

    def phase_ended(self, phase: Phase) -> None:
        self.seen.append(phase)


def test_no_secret_is_anywhere_in_a_transcript(
    smtp_transcript: Transcript, http_transcript: Transcript
) -> None:
    for transcript, secret in ((smtp_transcript, "s3cret"), (http_transcript, "key_123456")):
        assert secret.encode() not in encode(transcript)
        assert secret not in repr(transcript)
        assert MASK in repr(transcript)
    assert "AHUAczNjcmV0" not in repr(smtp_transcript)


def test_events_say_when_where_and_whether_inside_tls(smtp_transcript: Transcript) -> None:
    banner = smtp_transcript.events[1]
    assert banner.direction is Direction.RECEIVED
    assert banner.text == "220 mx.example"
    assert banner.octets == b"220 mx.example\r\n"
    assert banner.expected is True
    assert banner.stage is Stage.BANNER
    assert not banner.tls
    assert smtp_transcript.events[3].tls
    assert [e.at for e in smtp_transcript.events] == sorted(e.at for e in smtp_transcript.events)
    assert smtp_transcript.events[-1].expected is False


def test_message_data_is_an_event_with_length_and_digest_only(smtp_transcript: Transcript) -> None:
    (data,) = [e for e in smtp_transcript.events if e.data_length is not None]
    assert (data.data_length, data.data_digest, data.octets) == (5, "ab" * 32, b"")


def test_a_twin_stands_for_what_is_secret_as_a_whole() -> None:
    recorder = Recorder(Kind.SMTP)
    event = recorder.sent(b"c2VjcmV0\r\n", layer=Layer.SMTP, twin=b"<response>\r\n")
    assert event.octets == b"<response>\r\n"
    assert "c2VjcmV0" not in repr(recorder.finish(Outcome.COMPLETED))


def test_the_observer_sees_everything_as_it_happens(clock: Callable[[], float]) -> None:
    watcher = Watcher()
    recorder = Recorder(Kind.SMTP, observer=watcher, clock=clock, masker=Masker(["s3cret"]))
    with recorder.phase("connect") as phase:
        phase.note = "reused s3cret"
        event = recorder.info("hello \x1b s3cret", layer=Layer.TCP)
    started, seen, ended = watcher.seen
    assert started == ("connect", 0.001)
    assert seen is event
    assert isinstance(ended, Phase)
    assert (ended.name, ended.start, ended.note) == ("connect", 0.001, f"reused {MASK}")
    assert ended.duration == pytest.approx(0.002)
    assert event.text == f"hello \\x1b {MASK}"


def test_a_phase_that_raises_is_marked_failed_and_the_exception_passes() -> None:
    recorder = Recorder(Kind.SMTP)
    with pytest.raises(KeyboardInterrupt), recorder.phase("tls"):
        raise KeyboardInterrupt
    (phase,) = recorder.finish(Outcome.FAILED).phases
    assert phase.failed
    assert phase.name == "tls"


def test_events_of_one_direction_and_layer_can_be_picked(smtp_transcript: Transcript) -> None:
    assert len(smtp_transcript.with_direction(Direction.SENT)) == 3
    assert smtp_transcript.with_direction(Direction.SENT, Layer.HTTP) == ()


def test_a_transcript_is_json_able_in_its_words(smtp_transcript: Transcript) -> None:
    assert json.dumps([smtp_transcript.outcome, smtp_transcript.stage]) == '["partial", "message"]'
