from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mailgui.jobs.compare_numbers import Side, sample, spread
from mailgui.transcript import Direction, Event, Kind, Layer, Outcome, Phase, Transcript

PHASES = (
    Phase("connect", 0.0, 0.010),
    Phase("ehlo", 0.010, 0.005),
    Phase("tls", 0.015, 0.020),
    Phase("ehlo", 0.035, 0.005),
    Phase("mail", 0.040, 0.002),
    Phase("message", 0.042, 0.008),
    Phase("quit", 0.050, 0.5),
)


def words(direction, octets, layer=Layer.SMTP, **more):
    return Event(0.0, direction, layer, octets.decode(), octets, **more)


def transcript(phases=PHASES, events=(), outcome=Outcome.ACCEPTED):
    return Transcript(
        "1", Kind.SMTP, datetime.now(UTC), "", "", outcome, phases=phases, events=events
    )


def test_the_good_bye_is_not_counted_and_the_greetings_are_added_up():
    known = sample(transcript())
    assert round(known.milliseconds) == 50
    assert round(known.phases["ehlo"]) == 10
    assert round(known.delivery) == 10
    assert known.opened


def test_a_reused_connection_costs_nothing():
    phases = (Phase("connect", 0.0, 0.0, "reused"), Phase("send", 0.0, 0.001))
    known = sample(transcript(phases))
    assert not known.opened
    assert set(known.phases) == {"send"}


def test_octets_and_round_trips():
    events = (
        words(Direction.INFO, b"not counted", Layer.TLS),
        words(Direction.SENT, b"MAIL FROM:<a>\r\n"),
        words(Direction.SENT, b"RCPT TO:<b>\r\n"),
        words(Direction.RECEIVED, b"250 ok\r\n"),
        words(Direction.RECEIVED, b"250 ok\r\n"),
        words(Direction.SENT, b"", data_length=1000),
        words(Direction.RECEIVED, b"250 ok\r\n"),
    )
    known = sample(transcript(events=events))
    assert (known.sent, known.received, known.round_trips) == (1028, 24, 2)


def test_only_what_was_taken_is_in_the_times():
    good, bad = sample(transcript()), sample(transcript(outcome=Outcome.REFUSED))
    side = Side("x", Kind.SMTP, (good, bad))
    assert side.taken == (good,)
    assert side.to_json_dict()["outcomes"] == {"accepted": 1, "refused": 1}
    empty = Side("x", Kind.HTTP, (bad,)).to_json_dict()
    assert empty["total_ms"] is None
    assert empty["octets_sent"] is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_spreads_are_in_order(values):
    known = spread(values)
    assert known.least <= known.median <= known.most
    assert known.least <= known.p95 <= known.most
    assert sum(value <= known.p95 for value in values) >= 0.95 * len(values)


def test_nothing_has_no_spread():
    assert spread([]) is None
