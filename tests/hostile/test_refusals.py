"""Refusals, 421 and lost connections at every stage; several recipients with a fate each."""

import pytest

from mailgui.smtp.plan import Plan
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearData,
    Hold,
    Octets,
    Reset,
    Say,
    envelope,
    hello,
    play,
)

LOCKSTEP = Plan(pipelining=False)
TWO = Octets(recipients=("b@good.example", "c@good.example"))
THREE = Octets(recipients=("b@good.example", "c@good.example", "d@good.example"))

# For each stage, what leads there; the next step is the server's answer at that stage.
LEADS = {
    Stage.BANNER: [],
    Stage.EHLO: [Say("220 mx"), Hear("EHLO")],
    Stage.MAIL: [*hello(), Hear("MAIL")],
    Stage.RCPT: [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT")],
    Stage.DATA: [*hello(), *envelope(), Hear("DATA")],
    Stage.MESSAGE: [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()],
}
AT_EVERY_STAGE = pytest.mark.parametrize("stage", LEADS, ids=str)


@AT_EVERY_STAGE
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 4.3.0 Not now", Outcome.TEMPORARY), ("554 5.7.1 Never", Outcome.REFUSED)],
)
def test_refused_at_every_stage(stage, reply, outcome):
    transcript, server = play([*LEADS[stage], Say(reply), *GOODBYE])
    assert (transcript.outcome, transcript.stage) == (outcome, stage)
    assert transcript.reply.code == int(reply[:3])
    assert transcript.summary.endswith(f": {reply}.")
    assert transcript.fault is None
    assert transcript.recipients[0].outcome is outcome
    assert not server.problems


@AT_EVERY_STAGE
@pytest.mark.parametrize("after", [[], [Hold()]], ids=["closing", "staying"])
def test_421_at_every_stage(stage, after):
    transcript, server = play([*LEADS[stage], Say("421 4.3.2 Shutting down"), *after])
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, stage)
    assert transcript.reply.code == 421
    assert "QUIT" not in server.lines


@AT_EVERY_STAGE
@pytest.mark.parametrize("end", [[], [Reset()]], ids=["closed", "reset"])
def test_lost_at_every_stage(stage, end):
    transcript, _ = play([*LEADS[stage], *end])
    lost_after_the_dot = stage is Stage.MESSAGE
    assert transcript.outcome is (Outcome.UNKNOWN if lost_after_the_dot else Outcome.FAILED)
    assert transcript.stage is stage
    assert transcript.fault in ("lost", "reset")
    assert ("may or may not have taken it" in transcript.summary) is lost_after_the_dot
    assert transcript.recipients[0].outcome is transcript.outcome


@AT_EVERY_STAGE
def test_silence_at_every_stage(stage):
    transcript, _ = play([*LEADS[stage], Hold()], timeout=0.05)
    after_the_dot = stage is Stage.MESSAGE
    assert transcript.outcome is (Outcome.UNKNOWN if after_the_dot else Outcome.FAILED)
    assert (transcript.stage, transcript.fault) == (stage, "timed_out")


@pytest.mark.parametrize("pipelining", [True, False])
def test_one_of_several_is_greylisted(pipelining):
    script = [
        *hello(*(["PIPELINING"] if pipelining else [])),
        *[Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("450 4.2.0 Greylisted")],
        *[Hear("RCPT"), Say("250 Ok"), Hear("RCPT"), Say("550 5.1.1 Unknown"), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(script, THREE)
    assert transcript.outcome is Outcome.PARTIAL
    assert [r.outcome for r in transcript.recipients] == [
        Outcome.TEMPORARY,
        Outcome.ACCEPTED,
        Outcome.REFUSED,
    ]
    assert [r.reply.code for r in transcript.recipients] == [450, 250, 550]
    assert transcript.summary.startswith("The server accepted the message for 1 of 3 recipients.")
    assert transcript.remote_id == "4Xyz12"
    assert not server.problems


def test_too_many_recipients():
    script = [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("250 Ok"), Hear("RCPT")]
    transcript, _ = play([*script, Say("452 4.5.3 Too many"), *TAKEN, *GOODBYE], TWO)
    assert transcript.outcome is Outcome.PARTIAL
    assert transcript.recipients[1].outcome is Outcome.TEMPORARY


def test_all_refused_one_for_now_is_worth_another_try():
    script = [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("550 5.1.1 No")]
    transcript, server = play([*script, Hear("RCPT"), Say("451 4.2.0 Later"), *GOODBYE], TWO)
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, Stage.RCPT)
    assert "put off all 2 recipients: 451 4.2.0 Later." in transcript.summary
    assert "DATA" not in server.lines


def test_421_to_a_recipient_undoes_those_before():
    script = [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("250 Ok"), Hear("RCPT")]
    transcript, _ = play([*script, Say("421 4.7.0 Bye")], TWO)
    assert transcript.outcome is Outcome.TEMPORARY
    assert [r.outcome for r in transcript.recipients] == [Outcome.TEMPORARY] * 2


def test_354_after_every_recipient_was_refused_gets_a_lone_dot():
    script = [
        *hello("PIPELINING"),
        *[Hear("MAIL"), Hear("RCPT"), Hear("DATA")],
        Say(b"250 Ok\r\n550 5.1.1 Unknown\r\n354 Go\r\n"),
        HearData(),
        Say("554 5.5.1 No valid recipients"),
        *GOODBYE,
    ]
    transcript, server = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.RCPT)
    assert server.data == [b""]
    assert not server.problems


def test_mail_refused_in_a_group():
    script = [
        *hello("PIPELINING"),
        *[Hear("MAIL"), Hear("RCPT"), Hear("DATA")],
        Say(b"552 5.3.4 Too big\r\n503 No sender\r\n503 No sender\r\n"),
        *GOODBYE,
    ]
    transcript, server = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.MAIL)
    assert transcript.recipients[0].reply.code == 552
    assert not server.problems


def test_250_in_place_of_354():
    script = [*hello(), *envelope(), Hear("DATA"), Say("250 Ok"), *GOODBYE]
    transcript, server = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.DATA)
    assert "answered DATA with 250, where 3xx was due" in transcript.summary
    assert not server.data


def test_pipelining_offered_but_broken():
    script = [*hello("PIPELINING"), Hear("MAIL"), Say("250 Ok"), Hold()]
    transcript, _ = play(script, timeout=0.1)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.RCPT)
    assert "answered only 1 of 3 commands" in transcript.summary
    assert "although it offers PIPELINING" in transcript.summary


def test_many_recipients_go_in_groups_that_cannot_block():
    many = Octets(recipients=tuple(f"r{i}@good.example" for i in range(120)))
    script = [*hello("PIPELINING"), *envelope(120), *TAKEN, *GOODBYE]
    transcript, server = play(script, many)
    assert transcript.outcome is Outcome.ACCEPTED
    assert len(transcript.recipients) == 120
    assert not server.problems


def test_notice_of_closing_before_the_next_command():
    script = [Say("220 mx"), Hear("EHLO"), Say(b"250 mx\r\n421 4.4.2 Idle too long\r\n")]
    transcript, server = play(script, plan=LOCKSTEP)
    assert transcript.outcome is Outcome.TEMPORARY
    assert transcript.reply.code == 421
    assert len(server.lines) == 1


@pytest.mark.parametrize("answer", [[Say("500 What")], [Say("421 Bye")], [], [Reset()]])
def test_quit_cannot_spoil_what_was_accepted(answer):
    script = [*hello(), *envelope(), *TAKEN, Hear("QUIT"), *answer]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.ACCEPTED, Stage.MESSAGE)


def test_closed_right_after_acceptance():
    transcript, _ = play([*hello(), *envelope(), *TAKEN])
    assert transcript.outcome is Outcome.ACCEPTED
