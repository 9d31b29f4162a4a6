"""Playbooks: bytes in, events out."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgui.smtp import commands
from mailgui.smtp.protocol import (
    Command,
    ConnectionLost,
    LineReceived,
    Protocol,
    ReplyReceived,
    ServiceClosing,
    Verdict,
)
from mailgui.smtp.reply import ProtocolFault
from mailgui.transcript import Stage

MAIL = commands.mail("a@x")
RCPT = commands.rcpt("b@x")


def replies(events):
    return [
        (e.command.verb, e.reply.code, e.verdict) for e in events if isinstance(e, ReplyReceived)
    ]


def test_lock_step():
    protocol = Protocol()
    assert protocol.send(commands.BANNER) == b""
    assert replies(protocol.receive(b"220 mx\r\n")) == [("the connection", 220, Verdict.OK)]
    assert protocol.send(MAIL) == b"MAIL FROM:<a@x>\r\n"
    assert replies(protocol.receive(b"550 no\r\n")) == [("MAIL", 550, Verdict.REFUSED)]


def test_a_group():
    protocol = Protocol()
    octets = protocol.send(MAIL, RCPT, commands.DATA)
    assert octets == b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"
    events = protocol.receive(b"250 a\r\n450 b\r\n354 c\r\n")
    assert replies(events) == [
        ("MAIL", 250, Verdict.OK),
        ("RCPT", 450, Verdict.TEMPORARY),
        ("DATA", 354, Verdict.OK),
    ]
    assert not protocol.flight


def test_lines_are_events_of_their_own_as_they_come():
    protocol = Protocol()
    protocol.send(MAIL)
    assert protocol.receive(b"250-a\r\n") == [LineReceived(b"250-a\r\n", Stage.MAIL, True)]
    assert protocol.inside_reply


@pytest.mark.parametrize(
    ("accept", "code", "verdict"),
    [
        ((2,), 299, Verdict.OK),
        ((3,), 250, Verdict.UNEXPECTED),
        ((2,), 354, Verdict.UNEXPECTED),
        ((2, 3), 334, Verdict.OK),
        ((2,), 421, Verdict.TEMPORARY),
        ((2,), 599, Verdict.REFUSED),
        ((2,), 199, Verdict.UNEXPECTED),
        ((2,), 600, Verdict.UNEXPECTED),
        ((5,), 501, Verdict.OK),
    ],
)
def test_judged_by_first_digit(accept, code, verdict):
    assert Command("X", Stage.MAIL, accept=accept).judge(code) is verdict


def test_a_reply_too_many():
    protocol = Protocol()
    protocol.send(MAIL)
    *_, line, fault = protocol.receive(b"250 a\r\n250 b\r\n")
    assert line == LineReceived(b"250 b\r\n", Stage.MAIL, False)
    assert isinstance(fault, ProtocolFault)
    assert (fault.slug, fault.stage) == ("unsolicited_reply", Stage.MAIL)
    assert fault.reply.code == 250
    assert protocol.receive(b"250 c\r\n") == []
    with pytest.raises(RuntimeError):
        protocol.send(RCPT)


def test_notice_of_closing_is_no_desync():
    protocol = Protocol()
    protocol.send(MAIL)
    events = protocol.receive(b"250 a\r\n421 bye\r\n")
    assert isinstance(events[-1], ServiceClosing)


def test_421_answers_what_is_in_flight():
    protocol = Protocol()
    protocol.send(MAIL, RCPT)
    (received,) = [e for e in protocol.receive(b"421 bye\r\n") if isinstance(e, ReplyReceived)]
    assert received.closing
    (lost,) = protocol.receive_eof()
    assert lost == ConnectionLost((RCPT,), Stage.RCPT)


@pytest.mark.parametrize(
    "pieces", [[b"220 go\r\n2"], [b"220 go\r\n", b"\x16"], [b"220-a\r\n220 b\r\nx"]]
)
def test_octets_before_the_handshake(pieces):
    protocol = Protocol()
    protocol.send(commands.STARTTLS)
    events = [event for piece in pieces for event in protocol.receive(piece)]
    assert events[-1].slug == "starttls_injection"
    assert replies(events) == [("STARTTLS", 220, Verdict.OK)]
    assert protocol.dead


def test_nothing_may_be_sent_between_starttls_and_the_handshake():
    protocol = Protocol()
    protocol.send(commands.STARTTLS)
    protocol.receive(b"220 go\r\n")
    with pytest.raises(RuntimeError):
        protocol.send(MAIL)
    protocol.tls_started()
    protocol.send(MAIL)


def test_a_refused_starttls_goes_on():
    protocol = Protocol()
    protocol.send(commands.STARTTLS)
    protocol.receive(b"454 later\r\n")
    assert protocol.send(MAIL)


def test_closed_in_the_middle_of_a_line():
    protocol = Protocol()
    protocol.send(MAIL)
    protocol.receive(b"25")
    assert protocol.receive_eof() == [ConnectionLost((MAIL,), Stage.MAIL, b"25")]
    assert protocol.receive_eof() == []


def test_after_giving_up_a_late_reply_counts_for_nothing():
    protocol = Protocol()
    protocol.send(MAIL)
    protocol.give_up()
    assert protocol.receive(b"250 late\r\n") == []


def test_secrets_are_not_in_reprs():
    command = commands.auth("PLAIN", "c2VjcmV0")
    assert "c2VjcmV0" not in repr(command)
    assert "c2VjcmV0" not in repr(ReplyReceived(command, None, Verdict.OK))


@given(
    st.lists(st.sampled_from([MAIL, RCPT, commands.DATA, commands.STARTTLS]), max_size=4),
    st.lists(
        st.sampled_from(
            [b"250 a\r\n", b"250-b\r\n", b"354 c\n", b"421 d\r\n", b"550\r\n", b"x", b"\n"]
        ),
        max_size=8,
    ).map(b"".join),
)
@example([MAIL, commands.STARTTLS], b"250 a\r\n" * 3)
def test_the_split_does_not_matter(sent, stream):
    def run(pieces):
        protocol = Protocol()
        if sent:
            protocol.send(*sent)
        events = [event for piece in pieces for event in protocol.receive(piece)]
        events += protocol.receive_eof()
        # How much of what was injected is at hand when it is refused depends on the split.
        return [(e.slug, e.stage) if isinstance(e, ProtocolFault) else e for e in events]

    assert run([stream[i : i + 1] for i in range(len(stream))]) == run([stream])
