"""LMTP (RFC 2033): LHLO, and a reply for each recipient after the message."""

from mailgui.smtp.plan import Plan
from mailgui.smtp.steps import Greeting
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import GOODBYE, Hear, HearData, Octets, Say, play

LMTP = Plan(greeting=Greeting.LHLO)
TWO = Octets(recipients=("b@good.example", "c@good.example"))
OPEN = [
    *[Say("220 lmtp"), Hear("LHLO"), Say(b"250-lmtp\r\n250 PIPELINING\r\n")],
    *[Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("250 Ok"), Hear("RCPT"), Say("250 Ok")],
    *[Hear("DATA"), Say("354 Go"), HearData()],
]


def test_a_fate_for_each_recipient():
    script = [*OPEN, Say(b"250 2.1.5 Saved\r\n552 5.2.2 Full\r\n"), *GOODBYE]
    transcript, server = play(script, TWO, plan=LMTP)
    assert transcript.outcome is Outcome.PARTIAL
    assert [r.outcome for r in transcript.recipients] == [Outcome.ACCEPTED, Outcome.REFUSED]
    assert not server.problems


def test_the_first_refused_and_the_second_taken():
    script = [*OPEN, Say(b"452 4.2.2 Full\r\n250 2.1.5 Saved\r\n"), *GOODBYE]
    transcript, _ = play(script, TWO, plan=LMTP)
    assert transcript.outcome is Outcome.PARTIAL
    assert [r.outcome for r in transcript.recipients] == [Outcome.TEMPORARY, Outcome.ACCEPTED]


def test_all_refused():
    script = [*OPEN, Say(b"552 5.2.2 Full\r\n552 5.2.2 Full\r\n"), *GOODBYE]
    transcript, server = play(script, TWO, plan=LMTP)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.MESSAGE)
    assert not server.problems


def test_lost_between_the_two():
    transcript, _ = play([*OPEN, Say("250 2.1.5 Saved")], TWO, plan=LMTP)
    assert transcript.outcome is Outcome.UNKNOWN
    assert [r.outcome for r in transcript.recipients] == [Outcome.ACCEPTED, Outcome.UNKNOWN]
