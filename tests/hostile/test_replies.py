"""Replies that are split, bare, mixed, endless, foreign, late or more than was asked for."""

import pytest

from mailgui.findings import Severity
from mailgui.findings.diagnose import diagnose
from mailgui.findings.headline import headline
from mailgui.smtp.plan import Plan
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Drip,
    Flood,
    Hear,
    HearData,
    Hold,
    Octets,
    Say,
    envelope,
    hello,
    play,
)

LOCKSTEP = Plan(pipelining=False)


def texts(transcript):
    return [event.text for event in transcript.events]


def test_bare_code_is_taken_and_remarked_upon():
    script = [*hello(), Hear("MAIL"), Say("250"), Hear("RCPT"), Say("250"), *TAKEN, *GOODBYE]
    transcript, server = play(script)
    assert transcript.outcome is Outcome.ACCEPTED
    remarks = [text for text in texts(transcript) if "bare code 250" in text]
    assert len(remarks) == 1
    assert not server.problems
    (finding,) = diagnose(transcript)
    assert (finding.id, finding.severity) == ("note.bare_code", Severity.INFO)
    assert finding.evidence == tuple(remarks)


@pytest.mark.parametrize(
    ("answer", "note"), [(b"250\r\n", "note.bare_code"), (b"250 Ok\n", "note.bare_lf")]
)
def test_oddities_are_told_after_the_cause_and_never_as_the_cause(answer, note):
    script = [*hello(), Hear("MAIL"), Say(answer), Hear("RCPT"), Say("550 5.1.1 No such user")]
    transcript, _ = play([*script, *GOODBYE], plan=LOCKSTEP)
    findings = diagnose(transcript)
    assert [finding.id for finding in findings][-1] == note
    assert len(findings) == 2
    assert headline(transcript, findings[1:]).sentence == (
        f"Refused: {transcript.summary[0].lower()}{transcript.summary[1:].rstrip('.')}"
    )


def test_extra_reply_after_mail_is_named_and_data_is_not_blamed():
    script = [
        *hello(),
        Hear("MAIL"),
        Say(b"250 2.1.0 Ok\r\n250 2.0.0 Extra\r\n"),
        Hold(),
    ]
    transcript, _ = play(script, plan=LOCKSTEP)
    assert transcript.outcome is Outcome.FAILED
    assert transcript.fault == "unsolicited_reply"
    assert transcript.stage is Stage.MAIL
    assert "extra reply that no command had asked for (“250 2.0.0 Extra”)" in transcript.summary
    assert "after its answer to MAIL" in transcript.summary


def test_extra_reply_inside_a_pipelined_group():
    script = [
        *hello("PIPELINING"),
        *[Hear("MAIL"), Hear("RCPT"), Hear("DATA")],
        Say(b"250 Ok\r\n250 Extra\r\n550 5.1.1 No such user\r\n503 5.5.1 No recipients\r\n"),
        Hold(),
    ]
    transcript, _ = play(script)
    assert transcript.outcome is Outcome.FAILED
    assert transcript.fault == "unsolicited_reply"
    assert transcript.stage is not Stage.DATA
    assert "3 commands sent together (MAIL, RCPT, DATA)" in transcript.summary


def test_extra_reply_behind_the_go_ahead_keeps_the_message_back():
    script = [
        *hello("PIPELINING"),
        *[Hear("MAIL"), Hear("RCPT"), Hear("DATA")],
        *[Say(b"250 Ok\r\n250 Ok\r\n354 Go\r\n250 Extra\r\n"), Hold()],
    ]
    transcript, server = play(script)
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "unsolicited_reply")
    assert not any(event.data_length for event in transcript.events)
    assert server.lines[-1] == "DATA"


def test_extra_reply_before_bdat_leaves_nothing_unknown():
    """Nothing of the message went out, so it is surely not there."""
    script = [
        *hello("CHUNKING", "PIPELINING"),
        *[Hear("MAIL"), Hear("RCPT"), Say(b"250 Ok\r\n250 Ok\r\n250 Extra\r\n"), Hold()],
    ]
    transcript, server = play(script, plan=Plan(chunking=True))
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "unsolicited_reply")
    assert server.lines[-1].startswith("RCPT")


def test_extra_reply_that_shows_only_at_quit():
    """It comes together with RCPT's own, one command late, as a slow server would do."""
    script = [
        *hello(),
        *[Hear("MAIL"), Say("250 2.1.0 Ok"), Hear("RCPT"), Say("250 2.0.0 Extra")],
        *[Hear("DATA"), Say("550 5.1.1 No such user")],
        *[Hear("QUIT"), Say(b"503 5.5.1 No recipients\r\n221 Bye\r\n")],
    ]
    transcript, _ = play(script, plan=LOCKSTEP)
    assert transcript.outcome is Outcome.FAILED
    assert transcript.fault == "unsolicited_reply"
    assert transcript.stage is Stage.RCPT
    assert "may be its answer to RCPT" in transcript.summary


def test_contradicting_reply_after_acceptance_leaves_it_unknown():
    script = [
        *hello(),
        *envelope(),
        *[Hear("DATA"), Say("354 Go"), HearData(), Say("250 Spurious")],
        *[Hear("QUIT"), Say(b"550 5.7.1 Spam\r\n221 Bye\r\n")],
    ]
    transcript, _ = play(script)
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.fault == "unsolicited_reply"


def test_contradicting_reply_after_a_refusal_leaves_it_unknown():
    """It must not look as if it could safely be sent again."""
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()]
    script += [Say(b"451 4.3.0 Later\r\n250 2.0.0 Queued\r\n"), Hear("QUIT"), Say("221 Bye")]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.UNKNOWN, Stage.MESSAGE)
    assert transcript.fault == "unsolicited_reply"
    assert "Whether it accepted the message is therefore unknown" in transcript.summary


def test_a_second_refusal_of_the_message_changes_nothing():
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()]
    script += [Say(b"554 5.7.1 Spam\r\n554 5.7.1 Spam\r\n"), Hear("QUIT"), Say("221 Bye")]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.MESSAGE)
    assert transcript.reply.code == 554


def test_mixed_codes_in_one_reply():
    script = [*hello(), Hear("MAIL"), Say(b"250-a\r\n550 b\r\n"), Hold()]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.MAIL)
    assert transcript.fault == "mixed_reply_codes"
    assert "began a reply with code 250 and went on with 550" in transcript.summary
    assert "550 b" in texts(transcript)


def test_mixed_codes_after_the_message_leave_it_unknown():
    script = [
        *hello(),
        *envelope(),
        *[Hear("DATA"), Say("354 Go"), HearData(), Say(b"250-a\r\n550 b\r\n"), Hold()],
    ]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.UNKNOWN, Stage.MESSAGE)
    assert transcript.fault == "mixed_reply_codes"


@pytest.mark.parametrize(
    ("flood", "fault"),
    [(b"250-and on\r\n" * 100, "endless_reply"), (b"x" * 4096, "reply_line_too_long")],
)
def test_endless_replies_are_cut_off(flood, fault):
    script = [*hello(), Hear("MAIL"), Say(b"250-"), Flood(flood)]
    transcript, _ = play(script)
    assert transcript.outcome is Outcome.FAILED
    assert (transcript.stage, transcript.fault) == (Stage.MAIL, fault)
    assert sum(len(event.octets) for event in transcript.events) < 64 * 1024


def test_split_everywhere_and_several_in_one_packet():
    script = [
        Drip(b"220-mx\r\n220 ready\r\n"),
        Hear("EHLO"),
        Drip(b"250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n"),
        *[Hear("MAIL"), Hear("RCPT"), Hear("DATA")],
        Drip(b"250 a\r\n250 b\r\n354 c\r\n"),
        HearData(),
        Drip(b"250 d\r\n"),
        *GOODBYE,
    ]
    transcript, server = play(script)
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems


def test_line_feeds_alone_end_lines():
    script = [Say(b"220 mx\n"), Hear("EHLO"), Say(b"250-mx\n250 SIZE\n"), *envelope(), *TAKEN]
    transcript, _ = play([*script, *GOODBYE])
    assert transcript.outcome is Outcome.ACCEPTED
    assert sum("LF alone" in text for text in texts(transcript)) == 1


def test_text_that_is_not_ascii_and_controls_are_made_visible():
    script = [
        *hello(),
        Hear("MAIL"),
        Say(b"550 5.1.8 caf\xe9 \x1b[31m\xe2\x80\xaered\r\n"),
        *GOODBYE,
    ]
    transcript, _ = play(script)
    assert transcript.reply is not None
    assert transcript.reply.text == r"caf\xe9 \x1b[31m\u202ered"
    assert "\x1b" not in transcript.summary


@pytest.mark.parametrize(
    ("text", "enhanced", "rest"),
    [
        ("550 No such user", None, "No such user"),
        ("550 5.1.1 No such user", "5.1.1", "No such user"),
        ("550 5.1.1 5.7.1 Two of them", "5.1.1", "5.7.1 Two of them"),
        ("550 4.1.1 Of another class", None, "4.1.1 Of another class"),
        ("550 5.1.1234 No code at all", None, "5.1.1234 No code at all"),
    ],
)
def test_enhanced_codes(text, enhanced, rest):
    script = [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say(text), *GOODBYE]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.RCPT)
    assert (transcript.reply.enhanced, transcript.reply.text) == (enhanced, rest)


def test_a_reply_after_the_time_out_is_not_used():
    script = [*hello(), Hear("MAIL"), Hold()]
    transcript, server = play(script, timeout=0.05)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.MAIL)
    assert transcript.fault == "timed_out"
    assert "did not answer MAIL within 0.05 s" in transcript.summary
    assert server.lines[-1].startswith("MAIL")  # nothing more was said on that connection


def test_a_reply_that_does_not_end_in_time():
    transcript, _ = play([*hello(), Hear("MAIL"), Say(b"250-never\r\n"), Hold()], timeout=0.05)
    assert "did not end its answer to MAIL" in transcript.summary
    assert any("250-never" in text for text in texts(transcript))


@pytest.mark.parametrize("code", ["100", "199", "600", "999", "000"])
def test_codes_from_outside_the_range(code):
    script = [*hello(), Hear("MAIL"), Say(f"{code} what"), *GOODBYE]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.MAIL)
    assert transcript.fault == "unexpected_reply"
    assert f"answered MAIL with {code}" in transcript.summary


@pytest.mark.parametrize("code", [250, 251, 252, 200, 299])
def test_any_code_of_the_right_digit_will_do(code):
    script = [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say(f"{code} Ok"), *TAKEN]
    transcript, _ = play([*script, *GOODBYE])
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.recipients[0].reply.code == code


@pytest.mark.parametrize(
    ("said", "fault", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "not_smtp", "speaks HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_smtp", "speaks SSH"),
        (b"+OK POP3 ready\r\n", "not_smtp", "speaks POP3"),
        (b"* OK IMAP4 ready\r\n", "not_smtp", "speaks IMAP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "tls_on_plain_port", "implicit TLS"),
        (b"hello there\r\n", "malformed_reply", "“hello there”"),
        (b"25 short\r\n", "malformed_reply", "“25 short”"),
        (b"\r\n", "malformed_reply", "empty line"),
    ],
)
def test_what_is_no_smtp_at_all(said, fault, words):
    transcript, _ = play([Say(said), Hold()])
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.BANNER)
    assert transcript.fault == fault
    assert words in transcript.summary


def test_unknown_message_size_is_irrelevant_to_octets():
    transcript, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], Octets(b""))
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.data == [b""]
