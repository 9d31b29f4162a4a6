"""Message data: dots, odd octets, refusals while it is being sent, BDAT."""

import hashlib

import pytest

from mailgui.findings import Severity
from mailgui.findings.diagnose import diagnose
from mailgui.message.eml import read_eml
from mailgui.smtp.plan import Plan
from mailgui.smtp.wanted import DeliverBy, DsnRequest, Wanted
from mailgui.transcript import Direction, Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Deaf,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Octets,
    Reset,
    Say,
    envelope,
    hello,
    play,
)

BIG = b"0123456789abcdef0123456789abcd\r\n" * (1 << 20)  # 32 MiB: more than any socket buffer


def unstuffed(data: bytes) -> bytes:
    return b"".join(line.removeprefix(b".") for line in data.splitlines(keepends=True))


@pytest.mark.parametrize(
    "octets",
    [
        b".first line\r\n",
        b".\r\n",
        b"a\r\n.\r\nb\r\n",
        b"a\r\n..\r\n",
        b"\r\n.\r\n\r\n..\r\n",
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 65536])
def test_dots_arrive_as_they_were(octets, chunk):
    transcript, server = play(
        [*hello(), *envelope(), *TAKEN, *GOODBYE], Octets(octets, chunk=chunk)
    )
    assert transcript.outcome is Outcome.ACCEPTED
    assert unstuffed(server.data[0]) == octets


def test_missing_last_line_end_is_added():
    _, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], Octets(b"no end"))
    assert server.data == [b"no end\r\n"]


@pytest.mark.parametrize(
    "octets",
    [
        b"bare\rCR\r\n",
        b"bare\nLF\r\n",
        b"a\r\r\nb\r\n",
        b"nul\0here\r\n",
        b"x" * 5000 + b"\r\n",
        b"caf\xc3\xa9 \xff\r\n",
        b"smuggled\n.\nMAIL FROM:<x@y>\r\n",
        b"smuggled\n.\r",
    ],
)
def test_odd_octets_are_neither_mended_nor_taken_for_the_end(octets):
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go")]
    wire = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
    script += [HearOctets(len(wire) + 3), Say("250 Ok"), *GOODBYE]
    transcript, server = play(script, Octets(octets))
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.data == [wire + b".\r\n"]


def test_the_transcript_holds_length_and_digest_and_no_copy():
    octets = b"Subject: x\r\n\r\n" + b"needle in the body\r\n" * 500
    transcript, _ = play([*hello(), *envelope(), *TAKEN, *GOODBYE], Octets(octets))
    (event,) = [e for e in transcript.events if e.data_length is not None]
    assert event.text == "[message: 10 KB, 502 lines]"
    assert event.data_length == len(octets)
    assert event.data_digest == hashlib.sha256(octets).hexdigest()
    assert event.direction is Direction.SENT
    assert not any(b"needle" in e.octets for e in transcript.events)


def test_a_big_message_in_small_pieces():
    octets = b"\r\n".join(b"." * (i % 70) for i in range(50_000)) + b"\r\n"
    transcript, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], Octets(octets, chunk=8191))
    assert transcript.outcome is Outcome.ACCEPTED
    assert unstuffed(server.data[0]) == octets


@pytest.mark.parametrize("end", [[], [Hold()]], ids=["closing", "waiting"])
def test_refused_while_still_sending(end):
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearOctets(100_000)]
    transcript, _ = play([*script, Say("552 5.3.4 Too big"), *end], Octets(BIG))
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.MESSAGE)
    assert transcript.reply.code == 552
    assert "while it was still being sent" in transcript.summary


@pytest.mark.parametrize("capabilities", [(), ("PIPELINING",)])
@pytest.mark.parametrize(("said", "outcome"), [(552, "refused"), (452, "temporary")])
def test_refused_right_behind_the_go_ahead(said, outcome, capabilities):
    script = [*hello(*capabilities), *envelope(), Hear("DATA")]
    script += [Say(f"354 Go\r\n{said} 5.3.4 Too big".encode() + b"\r\n"), Hold()]
    transcript, _ = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome(outcome), Stage.MESSAGE)
    assert transcript.reply.code == said
    assert "before any of it was sent" in transcript.summary
    assert not any(event.data_length for event in transcript.events)


def test_accepted_before_the_end():
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearOctets(100_000)]
    transcript, _ = play([*script, Say("250 Ok"), Hold()], Octets(BIG))
    assert transcript.outcome is Outcome.UNKNOWN
    assert transcript.fault == "premature_reply"


@pytest.mark.parametrize("end", [[], [Reset()]])
def test_lost_while_sending_is_a_plain_failure(end):
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearOctets(100_000)]
    transcript, _ = play([*script, *end], Octets(BIG))
    assert transcript.outcome is Outcome.FAILED
    assert transcript.fault in ("lost", "reset")


def test_a_server_that_stops_reading():
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go")]

    transcript, _ = play([*script, HearOctets(10), Deaf()], Octets(BIG), timeout=0.3)
    assert transcript.outcome is Outcome.FAILED
    assert "took nothing more within 0.3 s" in transcript.summary


def test_a_file_that_has_gone_is_told_before_anything_is_sent():
    class Gone(Octets):
        def chunks(self):
            raise FileNotFoundError(2, "No such file or directory", "report.pdf")

    transcript, server = play([*hello(), *GOODBYE], Gone())
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "message_unreadable")
    assert "report.pdf" in transcript.summary
    assert server.lines == ["EHLO me.good.example", "QUIT"]


def test_a_file_that_fails_half_way_never_sends_the_dot():
    class Torn(Octets):
        def chunks(self):
            yield b"x" * (1 << 20)
            raise OSError(5, "Input/output error", "disk.img")

        @property
        def size(self):
            return 1 << 21

    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()]
    transcript, server = play(script, Torn())
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "message_unreadable")
    assert not server.data


def test_a_message_that_changed_size_is_not_sent():
    class Grown(Octets):
        @property
        def size(self):
            return 3

    transcript, _ = play([*hello(), *GOODBYE], Grown())
    assert transcript.fault == "message_unreadable"
    assert "changed while it was read" in transcript.summary


# BDAT.

CHUNKS = Plan(chunking=True)


def test_bdat_in_one_piece():
    octets = b".a\r\nno end"
    script = [*hello("CHUNKING"), *envelope(), Hear("BDAT 10 LAST$"), HearOctets(10)]
    transcript, server = play(
        [*script, Say("250 Ok id=1abc-2"), *GOODBYE], Octets(octets), plan=CHUNKS
    )
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.data == [octets]
    assert transcript.remote_id == "1abc-2"
    assert not server.problems


def test_bdat_of_nothing():
    script = [*hello("CHUNKING"), *envelope(), Hear("BDAT 0 LAST$"), Say("250 Ok"), *GOODBYE]
    transcript, server = play(script, Octets(b""), plan=CHUNKS)
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems


def test_bdat_in_several_pieces_the_second_refused():
    octets = b"x" * 600_000
    first = 5 * 65536 - 65536
    script = [*hello("CHUNKING"), *envelope(), Hear(f"BDAT {first}$"), HearOctets(first)]
    script += [Say("250 Got it"), Hear("BDAT"), HearOctets(first), Say("552 5.2.2 Full"), *GOODBYE]
    transcript, server = play(script, Octets(octets), plan=CHUNKS)
    assert transcript.outcome is Outcome.REFUSED
    assert transcript.reply.code == 552
    assert not server.problems


def test_no_bdat_after_every_recipient_was_refused():
    script = [*hello("CHUNKING", "PIPELINING"), Hear("MAIL"), Say("250 Ok"), Hear("RCPT")]
    transcript, server = play([*script, Say("550 No"), *GOODBYE], plan=CHUNKS)
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.RCPT)
    assert not server.problems


def test_lost_after_the_last_bdat_is_unknown():
    script = [*hello("CHUNKING"), *envelope(), Hear("BDAT"), HearOctets(Octets().size)]
    transcript, _ = play(script, plan=CHUNKS)
    assert transcript.outcome is Outcome.UNKNOWN


# Extensions of MAIL and RCPT.


def test_eight_bit_with_and_without_the_extension():
    message = Octets(b"caf\xc3\xa9\r\n", needs_8bitmime=True)
    _, server = play([*hello("8BITMIME"), *envelope(), *TAKEN, *GOODBYE], message)
    assert server.lines[1] == "MAIL FROM:<a@good.example> BODY=8BITMIME"
    transcript, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], message)
    assert server.lines[1] == "MAIL FROM:<a@good.example>"
    assert any("does not offer 8BITMIME" in event.text for event in transcript.events)
    (finding,) = diagnose(transcript)
    assert (finding.id, finding.severity) == ("note.eight_bit", Severity.ATTENTION)


def test_eight_bit_is_told_also_to_one_who_turned_its_extension_off(tmp_path):
    off = Plan(use=frozenset({"SIZE", "SMTPUTF8"}))
    path = tmp_path / "m.eml"
    path.write_bytes(b"From: a@good.example\r\nTo: b@good.example\r\n\r\ncaf\xc3\xa9\r\n")
    for message in (Octets(b"caf\xc3\xa9\r\n", needs_8bitmime=True), read_eml(path, raw=True)):
        transcript, server = play(
            [*hello("8BITMIME"), *envelope(), *TAKEN, *GOODBYE], message, plan=off
        )
        assert server.lines[1] == "MAIL FROM:<a@good.example>"
        assert any("it goes without 8BITMIME" in event.text for event in transcript.events)
        assert [finding.id for finding in diagnose(transcript)] == ["note.eight_bit"]


def test_a_header_in_utf8_sent_raw_is_told_as_well(tmp_path):
    path = tmp_path / "m.eml"
    octets = "From: a@good.example\r\nTo: b@good.example\r\nSubject: é\r\n\r\nx\r\n".encode()
    path.write_bytes(octets)
    script = [*hello("SMTPUTF8"), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, read_eml(path, raw=True))
    assert server.data == [octets]
    assert [finding.id for finding in diagnose(transcript)] == ["note.eight_bit"]


def test_smtputf8_turned_off_is_told():
    message = Octets(recipients=("jös@good.example",), needs_smtputf8=True)
    off = Plan(use=frozenset({"SIZE"}))
    transcript, _ = play([*hello("SMTPUTF8"), *envelope(), *TAKEN, *GOODBYE], message, plan=off)
    assert [finding.id for finding in diagnose(transcript)] == ["note.utf8"]


@pytest.mark.parametrize(
    ("message", "fault", "words"),
    [
        (
            Octets(recipients=("b@good.example", "jös@good.example"), needs_smtputf8=True),
            "smtputf8_not_offered",
            "The address jös@good.example holds letters beyond ASCII",
        ),
        (Octets(needs_smtputf8=True), "smtputf8_header_not_offered", "A header of the message"),
    ],
)
def test_what_of_the_message_needs_smtputf8_is_named(message, fault, words):
    transcript, _ = play([*hello(), *GOODBYE], message)
    assert transcript.fault == fault
    assert transcript.summary.startswith(words)
    assert ("use an ASCII address" in transcript.summary) == (fault == "smtputf8_not_offered")


def test_what_was_asked_for_and_left_out_is_told():
    wanted = Wanted(priority=3, deliver_by=DeliverBy(3600))
    plan = Plan(dsn=DsnRequest(notify=("SUCCESS",)), wanted=wanted, chunking=True)
    transcript, _ = play([*hello(), *envelope(), *TAKEN, *GOODBYE], plan=plan)
    assert {finding.id for finding in diagnose(transcript)} == {
        "note.dsn", "note.priority", "note.time_limit", "note.chunking",
    }  # fmt: skip


def test_international_addresses():
    message = Octets(recipients=("jös@good.example",), needs_smtputf8=True)
    _, server = play([*hello("SMTPUTF8"), *envelope(), *TAKEN, *GOODBYE], message)
    assert server.lines[1:3] == [
        "MAIL FROM:<a@good.example> SMTPUTF8",
        "RCPT TO:<jös@good.example>",
    ]
    transcript, server = play([*hello(), *GOODBYE], message)
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "smtputf8_not_offered")
    assert server.lines[-1] == "QUIT"


def test_delivery_reports():
    dsn = DsnRequest(notify=("SUCCESS", "FAILURE"), ret="HDRS", envid="id+1", orcpt=True)
    _, server = play([*hello("DSN"), *envelope(), *TAKEN, *GOODBYE], plan=Plan(dsn=dsn))
    assert server.lines[1] == "MAIL FROM:<a@good.example> RET=HDRS ENVID=id+2B1"
    assert server.lines[2] == (
        "RCPT TO:<b@good.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@good.example"
    )
