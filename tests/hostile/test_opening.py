"""Greeting, EHLO and its fallback, capabilities written badly, early ends."""

import pytest

from mailgui.smtp.plan import Plan, connection_test
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Drip,
    Hear,
    Hold,
    Octets,
    Reset,
    Say,
    envelope,
    hello,
    play,
)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("554 5.7.1 No service for you", Outcome.REFUSED),
        ("421 4.3.2 Too busy", Outcome.TEMPORARY),
        ("450 4.3.2 Later", Outcome.TEMPORARY),
        ("354 What", Outcome.FAILED),
    ],
)
def test_a_greeting_that_is_no_welcome(said, outcome):
    transcript, _ = play([Say(said), *GOODBYE])
    assert (transcript.outcome, transcript.stage) == (outcome, Stage.BANNER)
    assert said[4:].split()[-1] in transcript.summary


def test_banner_of_several_lines_that_comes_slowly():
    script = [Drip(b"220-mx\r\n220-no spam\r\n220 welcome\r\n"), *hello()[1:], *envelope(), *TAKEN]
    transcript, _ = play([*script, *GOODBYE])
    assert transcript.outcome is Outcome.ACCEPTED
    assert [p.name for p in transcript.phases if p.name == "banner"] == ["banner"]


def test_nothing_is_said_before_the_banner():
    """postscreen punishes whoever does; this server would hear it before it greets."""
    transcript, server = play([Hold()], timeout=0.05)
    assert (transcript.stage, transcript.fault) == (Stage.BANNER, "timed_out")
    assert "expect TLS from the first octet" in transcript.summary
    assert not server.lines


@pytest.mark.parametrize("end", [[], [Reset()]])
def test_closed_before_the_banner(end):
    transcript, _ = play(end)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.BANNER)
    assert transcript.fault in ("lost", "reset")
    assert "before any greeting" in transcript.summary


@pytest.mark.parametrize("code", ["500 5.5.1", "502 5.5.1", "504 5.5.4", "550 5.7.0"])
def test_ehlo_refused_falls_back_to_helo(code):
    script = [Say("220 old"), Hear("EHLO"), Say(f"{code} What"), Hear("HELO me"), Say("250 hi")]
    transcript, server = play([*script, *envelope(), *TAKEN, *GOODBYE])
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems
    assert transcript.ehlo[0].capabilities == {}


def test_421_to_ehlo_does_not_fall_back():
    script = [Say("220 busy"), Hear("EHLO"), Say("421 4.7.0 Too many connections"), Hold()]
    transcript, server = play(script)
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, Stage.EHLO)
    assert server.lines == ["EHLO me.good.example"]


def test_helo_refused_as_well():
    script = [Say("220 old"), Hear("EHLO"), Say("500 What"), Hear("HELO"), Say("501 Bad name")]
    transcript, _ = play([*script, *GOODBYE])
    assert (transcript.outcome, transcript.stage) == (Outcome.REFUSED, Stage.EHLO)
    assert "refused HELO me.good.example: 501 Bad name." in transcript.summary


def test_capabilities_however_they_are_written():
    script = [
        Say("220 mx"),
        Hear("EHLO"),
        Say(
            "250-mx at your service\r\n250-  Size  \r\n250-AUTH=LOGIN\r\n250-AUTH PLAIN  LOGIN\r\n"
            "250-pipelining\r\n250 X-ODD a=b c"
        ),
        *GOODBYE,
    ]
    transcript, _ = play(script, None, plan=connection_test())
    assert transcript.outcome is Outcome.COMPLETED
    assert dict(transcript.ehlo[0].capabilities) == {
        "SIZE": (),
        "AUTH": ("LOGIN", "PLAIN"),
        "PIPELINING": (),
        "X-ODD": ("a=b", "c"),
    }


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE garbage", "SIZE -1", "SIZE ٣"])
def test_a_size_that_limits_nothing(size):
    transcript, server = play([*hello(size), *envelope(), *TAKEN, *GOODBYE])
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.lines[1] == f"MAIL FROM:<a@good.example> SIZE={Octets().size}"


def test_too_big_by_the_servers_own_word():
    transcript, server = play([*hello("SIZE 10"), *GOODBYE])
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.MAIL)
    assert transcript.fault == "size_exceeded"
    assert "24 octets; the server takes at most 10" in transcript.summary
    assert server.lines[-1] == "QUIT"


STOPS = [
    (Stage.CONNECT, [Hold()]),
    (Stage.BANNER, [Say("220 mx"), *GOODBYE]),
    (Stage.EHLO, [*hello(), *GOODBYE]),
    (Stage.MAIL, [*hello(), Hear("MAIL"), Say("250 Ok"), *GOODBYE]),
    (Stage.RCPT, [*hello(), *envelope(), *GOODBYE]),
    (Stage.DATA, [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), Hold()]),
]


@pytest.mark.parametrize(("stage", "script"), STOPS, ids=[stage for stage, _ in STOPS])
def test_stop_points(stage, script):
    transcript, server = play(script, plan=Plan(stop_after=stage))
    assert (transcript.outcome, transcript.stage) == (Outcome.COMPLETED, stage)
    assert not server.problems
    assert not server.data
    answered = {Stage.CONNECT: None, Stage.BANNER: 220, Stage.DATA: 354}.get(stage, 250)
    assert (transcript.reply.code if transcript.reply else None) == answered


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.STARTTLS, "The dialogue had no STARTTLS"),
        (Stage.TLS, "The connection has no TLS"),
        (Stage.AUTH, "There was no sign-in"),
    ],
)
def test_a_stop_point_that_never_comes_is_not_claimed(stage, words):
    transcript, server = play([*hello(), *GOODBYE], plan=Plan(stop_after=stage))
    assert (transcript.outcome, transcript.stage) == (Outcome.COMPLETED, Stage.EHLO)
    assert transcript.fault == "stop_not_reached"
    assert transcript.summary == (
        f"{transcript.summary.partition(';')[0]}; ended after EHLO, where it would have come. "
        "No message was sent."
    )
    assert transcript.summary.startswith(words)
    assert transcript.reply.code == 250
    assert server.lines[-1] == "QUIT"


def test_stop_after_dns_opens_no_connection():
    transcript, server = play([Hold()], plan=Plan(stop_after=Stage.DNS))
    assert (transcript.outcome, transcript.stage) == (Outcome.COMPLETED, Stage.DNS)
    assert server.connections == 0
    assert [phase.name for phase in transcript.phases] == ["dns"]


def test_stop_after_message_still_sends_it():
    plan = Plan(stop_after=Stage.MESSAGE)
    transcript, server = play([*hello(), *envelope(), *TAKEN, *GOODBYE], plan=plan)
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems


def test_drop_leaves_without_quit():
    transcript, server = play([*hello(), Hold()], plan=Plan(stop_after=Stage.EHLO, drop=True))
    assert transcript.outcome is Outcome.COMPLETED
    assert server.lines == ["EHLO me.good.example"]


def test_nobody_listens():
    async def nowhere():
        import asyncio
        import socket

        from mailgui.smtp.session import send
        from mailgui.smtp.settings import SmtpSettings, TlsMode
        from mailgui.transcript import Kind, Recorder

        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        await asyncio.sleep(0)
        settings = SmtpSettings("127.0.0.1", port, tls=TlsMode.NONE)
        recorder = Recorder(Kind.SMTP)
        return await send(settings, Octets(), plan=Plan(), password=None, recorder=recorder)

    import asyncio

    transcript = asyncio.run(nowhere())
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.CONNECT)
    assert transcript.fault == "refused"
    assert transcript.recipients[0].outcome is Outcome.FAILED
