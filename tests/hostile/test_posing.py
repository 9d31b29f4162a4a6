"""XCLIENT and the PROXY protocol: posing as another client, where the server allows it."""

import asyncio

import pytest

from mailgui.smtp.exit_codes import exit_code
from mailgui.smtp.plan import Plan
from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.smtp.settings import TlsMode
from mailgui.smtp.steps import XClient
from mailgui.smtp.wanted import Breaks
from mailgui.transcript import Direction, Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearOctets,
    Say,
    Tls,
    envelope,
    hello,
    play,
)

POSE = XClient((("NAME", "spike.example"), ("ADDR", "2001:db8::7"), ("HELO", "a b+c")))
OFFER = "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"
LINE = "XCLIENT NAME=spike.example ADDR=IPV6:2001:db8::7 HELO=a+20b+2Bc"


def test_the_server_is_greeted_anew():
    script = [
        *[*hello(OFFER), Hear("XCLIENT"), *hello("SIZE"), *envelope(), *TAKEN, *GOODBYE],
    ]
    transcript, server = play(script, plan=Plan(xclient=(POSE,)))
    assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
    assert server.lines[1] == LINE
    assert "SIZE=" in server.lines[3]
    assert [p.name for p in transcript.phases][3:6] == ["ehlo", "xclient", "ehlo"]


@pytest.mark.parametrize(
    ("offers", "fault"),
    [((), "xclient_not_offered"), (("XCLIENT NAME ADDR",), "xclient_attribute_not_offered")],
)
def test_not_offered_is_not_tried(offers, fault):
    transcript, server = play([*hello(*offers), *GOODBYE], plan=Plan(xclient=(POSE,)))
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.EHLO)
    assert transcript.fault == fault
    assert server.lines[-1] == "QUIT"
    assert exit_code(transcript) == 33


def test_tried_all_the_same_on_purpose():
    pose = XClient(raw="FOO=bar NAME=x", although_not_offered=True)
    script = [*hello(), Hear("XCLIENT FOO=bar NAME=x$"), Say("550 5.7.0 No"), *GOODBYE]
    transcript, server = play(script, plan=Plan(xclient=(pose,)))
    assert not server.problems
    assert (transcript.outcome, transcript.reply.code) == (Outcome.REFUSED, 550)
    assert any(event.text.startswith("On purpose: ") for event in transcript.events)
    assert exit_code(transcript) == 33


def test_a_greeting_refused_after_it_ends_in_34():
    script = [*hello(OFFER), Hear("XCLIENT"), Say("220 mx"), Hear("EHLO"), Say("421 Go away")]
    transcript, _ = play(script, plan=Plan(xclient=(POSE,)))
    assert exit_code(transcript) == 34


def test_before_starttls_or_after_it(certified):
    tls = [Hear("STARTTLS"), Say("220 Go"), Tls()]
    pose = [Hear("XCLIENT"), *hello("STARTTLS")]
    rest = [*envelope(), *TAKEN, *GOODBYE]
    before = [*hello(OFFER, "STARTTLS"), *pose, *tls, *hello()[1:], *rest]
    after = [*hello("STARTTLS"), *tls, *hello(OFFER)[1:], *pose, *rest]
    for early, script in ((True, before), (False, after)):
        transcript, server = play(
            script,
            plan=Plan(xclient=(POSE,), xclient_before_tls=early),
            context=certified.context,
            tls=TlsMode.STARTTLS,
            tls_ca=certified.ca_file,
        )
        assert transcript.outcome is Outcome.ACCEPTED, transcript.summary
        assert not server.problems


def test_a_line_break_in_an_attribute_is_refused_before_anything_is_written():
    pose = XClient((("NAME", "a\r\nRSET"),))
    transcript, server = play([*hello(OFFER), *GOODBYE], plan=Plan(xclient=(pose,)))
    assert transcript.fault == "unsafe_argument"
    assert server.connections == 0


@pytest.mark.parametrize("version", [1, 2])
def test_the_proxy_header_is_the_first_thing_on_the_wire(version):
    header = ProxyHeader(version, "192.0.2.7", 4711, "192.0.2.1", 25)
    script = [HearOctets(len(header.octets)), *hello(), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, plan=Plan(proxy=header))
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.data[0] == header.octets
    sent = next(event for event in transcript.events if event.direction is Direction.SENT)
    assert sent.octets == header.octets


def test_a_header_that_cannot_be_sent_ends_in_36(monkeypatch):
    from mailgui.net.errors import NetworkFault
    from mailgui.smtp import opening

    async def broken(wire, header):
        with wire.recorder.phase("proxy"):
            await asyncio.sleep(0)
            raise NetworkFault(Stage.CONNECT, "lost", "The connection was lost.")

    monkeypatch.setattr(opening, "announce_proxy", broken)
    plan = Plan(proxy=ProxyHeader(1, "192.0.2.7", 4711, "192.0.2.1", 25))
    transcript, _ = play([Say("220 mx")], plan=plan)
    assert exit_code(transcript) == 36


def test_a_server_that_hangs_up_after_the_header_is_lost_at_the_greeting():
    header = ProxyHeader(1, local=True)
    transcript, _ = play([HearOctets(len(header.octets))], plan=Plan(proxy=header))
    assert (transcript.fault, transcript.stage) == ("lost", Stage.BANNER)
    assert exit_code(transcript) == 6


def test_nothing_is_broken_unless_asked_for():
    assert not Breaks()
    assert Breaks(bare_lf=True)
    assert Breaks(end_of_data=b"")
