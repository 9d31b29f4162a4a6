"""Rules broken on purpose: each does what it says, and the transcript says so."""

import base64

import pytest

from mailgui.smtp.plan import Plan
from mailgui.smtp.retry import undecided
from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import (
    Banner,
    Connect,
    Deliver,
    Drop,
    Greet,
    Handshake,
    Line,
    Part,
    Quit,
    StartTls,
)
from mailgui.smtp.wanted import Breaks
from mailgui.transcript import Direction, Kind, Outcome, Recorder, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearOctets,
    Hold,
    Octets,
    Reset,
    Say,
    Server,
    Tls,
    envelope,
    hello,
    play,
)

LINES = b"Subject: x\r\n\r\n.one\r\ntwo\r\n"


def on_purpose(transcript):
    return [e.text for e in transcript.events if e.text.startswith("On purpose: ")]


def data_of(octets):
    return [Hear("DATA"), Say("354 Go"), HearOctets(len(octets)), Say("250 Ok"), *GOODBYE]


@pytest.mark.parametrize(
    ("breaks", "on_the_wire", "words"),
    [
        (Breaks(bare_lf=True), b"Subject: x\n\n..one\ntwo\r\n.\r\n", "LF alone"),
        (Breaks(no_dot_stuffing=True), b"Subject: x\r\n\r\n.one\r\ntwo\r\n.\r\n", "not doubled"),
        (Breaks(end_of_data=b"\n.\n"), b"Subject: x\r\n\r\n..one\r\ntwo\n.\n", "“\\n.\\n”"),
        (Breaks(bare_lf=True, end_of_data=b"\r\n.\n"), b"Subject: x\n\n..one\ntwo\r\n.\n",
         "in place of CRLF, dot, CRLF"),
    ],
)  # fmt: skip
def test_in_the_message(breaks, on_the_wire, words):
    script = [*hello(), *envelope(), *data_of(on_the_wire)]
    transcript, server = play(script, Octets(LINES), plan=Plan(breaks=breaks))
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert server.data == [on_the_wire]
    assert any(words in remark for remark in on_purpose(transcript))


def test_a_dot_that_is_not_doubled_ends_the_message_for_the_server():
    message = Octets(b"Subject: x\r\n\r\n.\r\nVRFY you\r\n")
    script = [*hello(), *envelope(), *TAKEN, Hear("VRFY you"), Say("252 ?"), Hold()]
    transcript, server = play(script, message, plan=Plan(breaks=Breaks(no_dot_stuffing=True)))
    assert server.data == [b"Subject: x\r\n\r\n"]
    assert transcript.outcome is not Outcome.FAILED


def test_auth_although_not_offered():
    script = [*hello(), Hear("AUTH PLAIN "), Say("530 5.5.1 AUTH not available"), *GOODBYE]
    plan = Plan(breaks=Breaks(auth_not_offered=True))
    transcript, server = play(script, plan=plan, username="u", password="secret-word")
    assert not server.problems
    assert (transcript.stage, transcript.reply.code) == (Stage.AUTH, 530)
    assert on_purpose(transcript)
    assert base64.b64encode(b"\0u\0secret-word").decode() in server.lines[1]


def test_starttls_although_not_offered(certified):
    script = [
        *[*hello(), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello()[1:]],
        *[*envelope(), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(
        script,
        plan=Plan(breaks=Breaks(starttls_not_offered=True)),
        context=certified.context,
        tls=TlsMode.STARTTLS,
        tls_ca=certified.ca_file,
    )
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert not server.problems
    assert on_purpose(transcript) == [
        "On purpose: STARTTLS, although the server does not offer it."
    ]


def test_pipelining_although_not_offered():
    script = [*hello(), Hear("MAIL"), Hear("RCPT"), Hear("DATA"), Say(b"250 Ok\r\n250 Ok\r\n")]
    script += [*TAKEN[1:], *GOODBYE]
    transcript, server = play(script, plan=Plan(breaks=Breaks(pipelining_not_offered=True)))
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert not server.problems
    assert any("PIPELINING" in remark for remark in on_purpose(transcript))


def test_own_parameters_of_mail_and_rcpt():
    plan = Plan(mail_parameters=("X-FOO=1",), rcpt_parameters=("X-BAR",))
    _, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], plan=plan)
    assert server.lines[1:3] == [
        "MAIL FROM:<a@good.example> X-FOO=1",
        "RCPT TO:<b@good.example> X-BAR",
    ]


# An own order of steps.

OPENING = (Connect(), Banner(), Greet())


def test_rcpt_before_mail_and_on_after_the_refusal():
    parts = (Stage.RCPT, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.MESSAGE)
    plan = Plan(steps=(*OPENING, *map(Part, parts), Quit()), breaks=Breaks(go_on=True))
    script = [*hello(), Hear("RCPT"), Say("503 5.5.1 MAIL first"), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, plan=plan)
    assert not server.problems
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert on_purpose(transcript) == ["On purpose: going on after this refusal."]


def test_without_going_on_the_first_refusal_ends_it():
    plan = Plan(steps=(*OPENING, Part(Stage.RCPT), Part(Stage.MAIL), Quit()))
    script = [*hello(), Hear("RCPT"), Say("503 5.5.1 MAIL first"), *GOODBYE]
    transcript, server = play(script, plan=plan)
    assert not server.problems
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.RCPT)


def test_lines_of_ones_own_go_out_as_they_are():
    plan = Plan(steps=(*OPENING, Line(b"HELP me\n"), Line(b"NOOP\r\n", Stage.MAIL), Drop()))
    script = [*hello(), Hear("HELP me"), Say("214 No"), Hear("NOOP"), Say("250 Ok"), Hold()]
    transcript, server = play(script, None, plan=plan)
    assert not server.problems
    assert (transcript.outcome, transcript.reply.code) == (Outcome.COMPLETED, 250)
    sent = [e.octets for e in transcript.events if e.direction is Direction.SENT]
    assert sent[1:] == [b"HELP me\n", b"NOOP\r\n"]


def test_what_may_be_secret_in_a_line_of_ones_own_is_not_recorded():
    lines = (b"auth PLAIN AGFubgBzM2NyZXQ=\r\n", b"AUTH LOGIN\r\n", b"YW5u\r\n")
    plan = Plan(steps=(*OPENING, *(Line(line, Stage.AUTH) for line in lines), Quit()))
    script = [
        *[*hello(), Hear("auth PLAIN AGF"), Say("235 Ok"), Hear("AUTH LOGIN"), Say("334 VXNlcg==")],
        *[Hear("YW5u"), Say("235 Ok"), *GOODBYE],
    ]
    transcript, server = play(script, None, plan=plan)
    assert not server.problems
    assert transcript.outcome is Outcome.COMPLETED
    assert "AGF" not in str(transcript)
    assert "YW5u" not in str(transcript)


def test_the_message_without_data_before_it():
    plan = Plan(steps=(*OPENING, Part(Stage.MESSAGE), Quit()), breaks=Breaks(go_on=True))
    message = Octets(b"Subject: x\r\n")
    script = [*hello(), HearOctets(message.size + 3), Say("500 What?"), *GOODBYE]
    transcript, server = play(script, message, plan=plan)
    assert not server.problems
    assert (transcript.outcome, transcript.reply.code) == (Outcome.REFUSED, 500)


def test_delivering_before_connecting_is_said_plainly():
    transcript, _ = play([*hello()], plan=Plan(steps=(Deliver(), Quit())))
    assert transcript.fault in ("nothing_to_deliver", "no_connection")
    assert transcript.summary.endswith(".")


def test_any_step_before_connect_is_said_plainly():
    transcript, server = play([*hello()], plan=Plan(steps=(Greet(), Connect(), Quit())))
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "no_connection")
    assert server.connections == 0


def test_rset_between_messages():
    import asyncio

    script = [*hello(), *envelope(), *TAKEN, Hear("RSET"), Say("250 Ok")]
    server = Server([[*script, *envelope(), *TAKEN, *GOODBYE]])

    async def run():
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        settings = SmtpSettings("127.0.0.1", port, helo="me.example")
        async with Session(settings, plan=Plan(reset_between=True), password=None) as session:
            found = [
                await session.send(Octets(), recorder=Recorder(Kind.SMTP), last=last)
                for last in (False, True)
            ]
        listener.close()
        await asyncio.wait(server.tasks, timeout=5)
        return found

    assert [t.outcome for t in asyncio.run(run())] == [Outcome.ACCEPTED] * 2
    assert not server.problems


OPENING = (Connect(), Banner(), Greet())
OFFER = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go")]


def test_a_command_between_starttls_and_the_handshake_is_not_sent():
    steps = (*OPENING, StartTls(), Part(Stage.MAIL))
    transcript, server = play([*OFFER, Hold()], plan=Plan(steps=steps))
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "handshake_due")
    assert "put TLS right after STARTTLS" in transcript.summary
    assert server.lines[-1] == "STARTTLS"


def test_ending_after_starttls_sends_no_quit():
    transcript, server = play([*OFFER, Hold()], plan=Plan(steps=(*OPENING, StartTls(), Quit())))
    assert transcript.outcome is Outcome.COMPLETED
    assert server.lines[-1] == "STARTTLS"


def test_optional_tls_that_fails_behind_a_message_sends_it_only_once():
    steps = (*OPENING, Deliver(), StartTls(), Handshake())
    script = [*hello("STARTTLS"), *envelope(), *TAKEN, Hear("STARTTLS"), Say("220 Go"), Reset()]
    transcript, server = play(script, plan=Plan(steps=steps), tls=TlsMode.OPPORTUNISTIC)
    assert server.connections == 1
    assert len(server.data) == 1
    assert transcript.outcome is transcript.recipients[0].outcome is Outcome.ACCEPTED
    assert "broke the connection off during the TLS handshake" in transcript.summary


@pytest.mark.parametrize("answer", ["421 4.3.2 Bye", "451 4.3.0 Later", "550 No"])
def test_what_goes_wrong_behind_an_accepted_message_leaves_it_accepted(answer):
    steps = (*OPENING, Deliver(), Line(b"NOOP\r\n", Stage.QUIT), Quit())
    script = [*hello(), *envelope(), *TAKEN, Hear("NOOP"), Say(answer), Hear("QUIT")]
    transcript, _ = play([*script, Say("221 Bye")], plan=Plan(steps=steps))
    assert transcript.outcome is transcript.recipients[0].outcome is Outcome.ACCEPTED
    assert "The server accepted the message for b@good.example." in transcript.summary
    assert f"The server refused NOOP: {answer}" in transcript.summary
    assert undecided(transcript) == ()
