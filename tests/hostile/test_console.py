"""The console against scripted servers: what a person types, and what servers make of it."""

import asyncio
import base64
from contextlib import asynccontextmanager

import pytest

from mailgui.smtp.console import Console, ConsoleState, Mode
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import MASK, Kind, Outcome, Recorder, Stage
from mailgui.transcript.codec import encode
from mailgui.transcript.export_text import to_text
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Echo,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Octets,
    Say,
    Signal,
    Tls,
    envelope,
    hello,
    serving,
)

SECRET = "hunter2hunter2"


def b64(octets):
    return base64.b64encode(octets).decode()


class Hand:
    """A console with its server, and what was seen of it."""

    def __init__(self, server, console, states):
        self.server, self.console, self.states = server, console, states

    @property
    def texts(self):
        return [event.text for event in self.console._recorder.events]

    async def heard(self, text):
        """Wait for a line while the console listens, then let it listen no more."""
        seen = asyncio.Event()

        class Observer:
            def event(self, event):
                if event.text == text:
                    seen.set()

        self.console._recorder._observer = Observer()
        listening = asyncio.ensure_future(self.console.listen())
        try:
            if text not in self.texts:
                await seen.wait()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            self.console._recorder._observer = None

    async def until_closed(self):
        async with asyncio.timeout(10):
            await self.console.listen()


@asynccontextmanager
async def console(script, *, until=Stage.EHLO, context=None, password=None, **settings):
    async with serving(script, context=context) as server:
        settings.setdefault("tls", TlsMode.NONE)
        settings.setdefault("helo", "me.good.example")
        states = []
        made = Console(
            SmtpSettings("127.0.0.1", server.port, timeout=10.0, **settings),
            password=password,
            recorder=Recorder(Kind.SMTP),
            tell=states.append,
        )
        await made.open(until)
        hand = Hand(server, made, states)
        try:
            yield hand
        finally:
            await made.close(politely=False)


def run(work):
    async def within():
        async with asyncio.timeout(30):
            return await work

    return asyncio.run(within())


def test_a_dialogue_by_hand():
    script = [*hello("SIZE"), Hear("NOOP"), Say("250 Ok"), *envelope(), *TAKEN, *GOODBYE]

    async def work():
        async with console(script) as hand:
            await hand.console.type("NOOP")
            await hand.console.type("MAIL FROM:<a@good.example>")
            await hand.console.type("RCPT TO:<b@good.example>")
            await hand.console.type("DATA")
            assert hand.console.state.mode is Mode.DATA
            await hand.console.type("Subject: by hand\n\nHello\n.")
            assert hand.console.state.mode is Mode.COMMAND
            await hand.console.type("QUIT")
            assert hand.console.over is not None
            return hand, hand.console.transcript()

    hand, transcript = run(work())
    assert not hand.server.problems
    assert hand.server.data == [b"Subject: by hand\r\n\r\nHello\r\n"]
    assert transcript.outcome is Outcome.COMPLETED
    assert transcript.summary == (
        "Console: 9 lines typed, 1 message accepted; the connection was ended by QUIT."
    )
    assert "250 2.0.0 Ok: queued as 4Xyz12" in hand.texts
    assert not hand.console.state.open


def test_nothing_but_the_greeting_is_done_when_that_is_asked_for():
    script = [Say("220 mx.good.example ESMTP"), Hear("HELP$"), Say("214 Help yourself"), Hold()]

    async def work():
        async with console(script, until=Stage.BANNER) as hand:
            assert hand.console.state == ConsoleState(open=True)
            await hand.console.type("HELP")
            return hand

    assert run(work()).server.lines == ["HELP"]


def test_a_whole_dialogue_pasted_goes_out_line_by_line():
    script = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    pasted = (
        "MAIL FROM:<a@good.example>\r\nRCPT TO:<b@good.example>\r\nDATA\r\n"
        "Subject: x\r\n\r\nHello\r\n.\r\nQUIT\r\n"
    )

    async def work():
        async with console(script) as hand:
            await hand.console.type(pasted)
            return hand

    hand = run(work())
    assert not hand.server.problems
    assert hand.server.data == [b"Subject: x\r\n\r\nHello\r\n"]


def test_pasted_text_does_not_become_commands_where_data_was_refused():
    script = [*hello(), Hear("DATA"), Say("503 5.5.1 MAIL first"), Hear("NOOP"), Say("250 Ok")]

    async def work():
        async with console([*script, Hold()]) as hand:
            await hand.console.type("DATA\nSubject: x\nRSET\n.\nNOOP")
            return hand

    hand = run(work())
    assert hand.server.lines[1:] == ["DATA", "NOOP"]
    assert any("did not take DATA" in text for text in hand.texts)


def test_what_the_server_says_by_itself_is_shown_as_it_comes():
    script = [*hello(), Say("250 nobody asked"), Hear("NOOP"), Say("250 Ok"), Signal(), Hold()]

    async def work():
        async with console(script) as hand:
            await hand.heard("250 nobody asked")
            await hand.console.type("NOOP")
            assert hand.console.over is None
            return hand

    hand = run(work())
    assert "The server said that without having been asked." in hand.texts
    assert not hand.server.problems


def test_a_421_while_idle_ends_it_in_the_servers_own_words():
    async def work():
        async with console([*hello(), Say("421 4.4.2 Idle for too long")]) as hand:
            await hand.until_closed()
            return hand.console.transcript(), hand.states

    transcript, states = run(work())
    assert transcript.outcome is Outcome.TEMPORARY
    assert "Idle for too long" in transcript.summary
    assert not states[-1].open


def test_a_server_that_just_closes():
    async def work():
        async with console(hello()) as hand:
            await hand.until_closed()
            return hand.console.transcript()

    transcript = run(work())
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "lost")


def test_a_bdat_by_hand_counts_its_octets():
    script = [*hello("CHUNKING"), *envelope(), Hear("BDAT 7"), HearOctets(7), Say("250 Ok")]
    script += [Hear("BDAT 0 LAST"), Say("250 2.0.0 Ok"), *GOODBYE]

    async def work():
        async with console(script) as hand:
            await hand.console.type("MAIL FROM:<a@good.example>\nRCPT TO:<b@good.example>")
            await hand.console.type("BDAT 7")
            assert (hand.console.state.mode, hand.console.state.left) == (Mode.CHUNK, 7)
            await hand.console.type("Hello")
            assert hand.console.state.mode is Mode.COMMAND
            await hand.console.type("BDAT 0 LAST\nQUIT")
            return hand

    hand = run(work())
    assert hand.server.data == [b"Hello\r\n"]
    assert not hand.server.problems
    assert "1 message accepted" in hand.console.transcript().summary


def test_the_draft_by_its_helpers():
    script = [*hello("SIZE 100000"), *envelope(2), *TAKEN, *GOODBYE]
    message = Octets(recipients=("b@good.example", "c@good.example"))

    async def work():
        async with console(script) as hand:
            for stage in (Stage.MAIL, Stage.RCPT, Stage.DATA):
                await hand.console.part(stage, message)
            await hand.console.type("QUIT")
            return hand

    hand = run(work())
    assert not hand.server.problems
    assert hand.server.lines[1] == f"MAIL FROM:<a@good.example> SIZE={message.size}"
    assert hand.server.data == [message.octets]
    data = [e for e in hand.console._recorder.events if e.data_length is not None]
    assert [event.data_length for event in data] == [message.size]


def test_the_draft_by_bdat():
    message = Octets()
    script = [*hello("CHUNKING"), *envelope(), Hear(f"BDAT {message.size} LAST")]
    script += [HearOctets(message.size), Say("250 2.0.0 Ok"), *GOODBYE]

    async def work():
        async with console(script) as hand:
            await hand.console.part(Stage.MAIL, message)
            await hand.console.part(Stage.RCPT, message)
            await hand.console.part(Stage.DATA, message, chunked=True)
            await hand.console.type("QUIT")
            return hand

    hand = run(work())
    assert hand.server.data == [message.octets]
    assert not hand.server.problems


def test_bdat_that_is_not_offered_is_not_said():
    async def work():
        async with console([*hello(), Hold()]) as hand:
            await hand.console.part(Stage.DATA, Octets(), chunked=True)
            assert hand.console.over is None
            return hand

    hand = run(work())
    assert any("does not offer CHUNKING" in text for text in hand.texts)
    assert hand.server.lines == ["EHLO me.good.example"]


@pytest.mark.parametrize("initial", [True, False])
def test_a_sign_in_by_hand_leaves_no_trace_of_its_secret(initial, certified):
    said = b64(b"\0ann\0" + SECRET.encode())
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello("AUTH PLAIN")[1:]]
    if initial:
        script += [Hear("AUTH PLAIN "), Echo("535 5.7.8 not {}")]
        typed = [f"AUTH PLAIN {said}"]
    else:
        script += [Hear("AUTH PLAIN$"), Say("334 "), Hear(), Echo("535 5.7.8 not {}")]
        typed = ["AUTH PLAIN", said]
    script += [Hear("NOOP"), Say(f"250 I know {SECRET}"), *GOODBYE]

    async def work():
        options = {"context": certified.context, "tls_ca": certified.ca_file}
        async with console(script, **options) as hand:
            for line in ["STARTTLS", "EHLO me.good.example", *typed, "NOOP", "QUIT"]:
                await hand.console.type(line)
            return hand, hand.console.transcript()

    hand, transcript = run(work())
    assert not hand.server.problems
    assert said in " ".join(hand.server.lines)
    assert transcript.tls.verified
    assert [answer.tls for answer in transcript.ehlo] == [False, True]
    for octets in (encode(transcript), to_text(transcript).encode(), repr(hand.states).encode()):
        for form in (SECRET.encode(), said.encode(), b64(SECRET.encode()).encode().rstrip(b"=")):
            assert form not in octets
    assert f"535 5.7.8 not {MASK}" in hand.texts
    assert any(state.waiting == "AUTH" for state in hand.states)


def test_after_a_334_the_next_line_is_an_answer():
    script = [*hello("AUTH LOGIN"), Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear("YW5u")]
    script += [Say("334 UGFzc3dvcmQ6"), Hear("\\*$"), Say("501 5.7.0 Cancelled"), Hold()]

    async def work():
        async with console(script) as hand:
            await hand.console.type("AUTH LOGIN")
            assert hand.console.state.mode is Mode.ANSWER
            await hand.console.type(b64(b"ann"))
            assert hand.console.state.mode is Mode.ANSWER
            await hand.console.type("*")
            assert hand.console.state.mode is Mode.COMMAND
            return hand

    hand = run(work())
    assert MASK in hand.texts
    assert "*" in hand.texts


def test_the_helper_signs_in_with_the_accounts_secret():
    script = [*hello("AUTH PLAIN LOGIN"), Hear("AUTH LOGIN"), Say("334 VXNlcm5hbWU6"), Hear()]
    script += [Say("334 UGFzc3dvcmQ6"), Hear(), Say("235 2.7.0 Ok"), Hold()]

    async def work():
        async with console(script, username="ann", password=SECRET) as hand:
            await hand.console.sign_in("LOGIN")
            return hand

    hand = run(work())
    assert hand.server.lines[-1] == b64(SECRET.encode())
    assert not any(SECRET in text for text in hand.texts)
    assert "235 2.7.0 Ok" in hand.texts


def test_without_a_secret_the_helper_says_so_and_goes_on():
    async def work():
        async with console([*hello("AUTH PLAIN"), Hold()], username="ann") as hand:
            await hand.console.sign_in("PLAIN")
            assert hand.console.state.open
            return hand

    assert any("There is no password" in text for text in run(work()).texts)


@pytest.mark.parametrize("injected", [b"250 injected\r\n", b"\x16\x03\x01"])
def test_octets_waiting_before_the_handshake_end_it_by_name(injected):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Ready\r\n" + injected), Hold()]

    async def work():
        async with console(script) as hand:
            await hand.console.type("STARTTLS")
            return hand.console.transcript()

    transcript = run(work())
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "starttls_injection")
    assert "before the TLS handshake" in transcript.summary


def test_a_refused_certificate_ends_it_with_the_chain(certified):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Ready"), Tls(), Hold()]

    async def work():
        async with console(script, context=certified.context) as hand:
            await hand.console.type("STARTTLS")
            return hand.console.transcript()

    transcript = run(work())
    assert transcript.fault.startswith("certificate_")
    assert transcript.tls.chain


def test_starttls_that_is_refused_is_no_end():
    script = [*hello(), Hear("STARTTLS"), Say("502 5.5.1 No"), Hear("NOOP"), Say("250 Ok"), Hold()]

    async def work():
        async with console(script) as hand:
            await hand.console.type("STARTTLS\nNOOP")
            assert hand.console.state.open
            return hand

    assert run(work()).server.lines[-1] == "NOOP"


def test_lmtp_answers_for_each_recipient():
    script = [Say("220 lmtp"), Hear("LHLO"), Say("250 lmtp"), *envelope(2), Hear("DATA")]
    script += [Say("354 Go on"), HearData(), Say("250 first"), Say("550 second"), *GOODBYE]

    async def work():
        async with console(script, lmtp=True) as hand:
            await hand.console.type(
                "MAIL FROM:<a@good.example>\nRCPT TO:<b@good.example>\nRCPT TO:<c@good.example>"
                "\nDATA\nHello\n.\nQUIT"
            )
            return hand

    hand = run(work())
    assert "550 second" in hand.texts
    assert not any("without having been asked" in text for text in hand.texts)


def test_a_refusal_on_the_way_leaves_the_connection_in_the_persons_hands():
    script = [*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), Say("535 5.7.8 No"), Hear("NOOP")]

    async def work():
        options = {"username": "ann", "password": SECRET, "until": Stage.AUTH}
        async with console([*script, Say("250 Ok"), Hold()], **options) as hand:
            assert hand.console.state.open
            await hand.console.type("NOOP")
            return hand

    assert run(work()).server.lines[-1] == "NOOP"


def test_dropping_says_no_goodbye():
    async def work():
        async with console([*hello(), Hear("QUIT"), Say("221 Bye")]) as hand:
            await hand.console.close(politely=False)
            return hand.server, hand.console.transcript()

    server, transcript = run(work())
    assert transcript.outcome is Outcome.COMPLETED
    assert "dropped without QUIT" in transcript.summary
    assert server.lines == ["EHLO me.good.example"]


def test_without_a_host_nothing_is_connected_to():
    made = Console(SmtpSettings("", 25), password=None, recorder=Recorder(Kind.SMTP))
    run(made.open(Stage.EHLO))
    transcript = made.transcript()
    assert transcript.fault == "malformed_argument"
    assert [event.text for event in transcript.events] == ["There is no server to connect to."]
