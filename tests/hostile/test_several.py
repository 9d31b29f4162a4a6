"""Several messages over one connection: reuse, RSET after a refusal, a new one after a loss."""

import asyncio

import pytest

from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearData,
    Octets,
    Say,
    Server,
    Tls,
    envelope,
    hello,
)


async def send_all(scripts, count, *, tls=TlsMode.NONE, context=None):
    server = Server(scripts, context)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    settings = SmtpSettings("127.0.0.1", port, tls=tls, helo="me", timeout=10)
    async with listener, Session(settings, password=None) as session:
        transcripts = [
            await session.send(Octets(), recorder=Recorder(Kind.SMTP)) for _ in range(count)
        ]
    await asyncio.wait(server.tasks, timeout=5)
    return transcripts, server


def test_one_connection_serves_all():
    one = [*envelope(), *TAKEN]
    transcripts, server = asyncio.run(send_all([[*hello(), *one, *one, *one, *GOODBYE]], 3))
    assert [t.outcome for t in transcripts] == [Outcome.ACCEPTED] * 3
    assert server.connections == 1
    assert server.lines.count("QUIT") == 1
    assert not server.problems
    assert [p.name for p in transcripts[1].phases] == ["mail", "rcpt", "data", "message"]
    assert transcripts[1].peer == transcripts[0].peer
    assert transcripts[1].ehlo == transcripts[0].ehlo


def test_a_refused_transaction_is_reset():
    refused = [Hear("MAIL"), Say("250 Ok"), Hear("RCPT"), Say("550 No")]
    script = [*hello(), *refused, Hear("RSET"), Say("250 Ok"), *envelope(), *TAKEN, *GOODBYE]
    transcripts, server = asyncio.run(send_all([script], 2))
    assert [t.outcome for t in transcripts] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert not server.problems


def test_a_connection_that_was_closed_meanwhile_is_opened_again():
    whole = [*hello(), *envelope(), *TAKEN]
    transcripts, server = asyncio.run(send_all([whole, [*whole, *GOODBYE]], 2))
    assert [t.outcome for t in transcripts] == [Outcome.ACCEPTED] * 2
    assert server.connections == 2


def test_a_new_connection_is_not_taken_for_encrypted(certified):
    first = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go"), Tls(), *hello()[1:]]
    first += [*envelope(), *TAKEN]
    second = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    options = {"tls": TlsMode.OPPORTUNISTIC, "context": certified.context}
    transcripts, server = asyncio.run(send_all([first, second], 2, **options))
    assert [t.outcome for t in transcripts] == [Outcome.ACCEPTED] * 2
    assert server.connections == 2
    ehlo = [event.tls for t in transcripts for event in t.events if event.text.startswith("EHLO")]
    assert ehlo == [False, True, False]
    assert transcripts[1].tls is None


def test_an_idle_421_opens_a_new_connection():
    first = [*hello(), *envelope(), *TAKEN[:-1], Say(b"250 Ok\r\n421 4.4.2 Idle\r\n")]
    second = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    transcripts, server = asyncio.run(send_all([first, second], 2))
    assert [t.outcome for t in transcripts] == [Outcome.ACCEPTED] * 2
    assert server.connections == 2


def test_a_lost_message_is_not_sent_again_by_itself():
    first = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()]
    second = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    transcripts, server = asyncio.run(send_all([first, second], 2))
    assert [t.outcome for t in transcripts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert len(server.data) == 2


@pytest.mark.parametrize("opening", [[Say("420 Later")], [*hello()[:2], Say("450 Later")]])
def test_a_connection_whose_opening_was_refused_is_not_used_again(opening):
    """It can be said goodbye to, but it has not greeted."""
    whole = [*hello(), *envelope(), *TAKEN, *GOODBYE]
    transcripts, server = asyncio.run(send_all([[*opening, *GOODBYE], whole], 2))
    assert [t.outcome for t in transcripts] == [Outcome.TEMPORARY, Outcome.ACCEPTED]
    assert server.connections == 2
    assert server.lines.count("QUIT") == 2
    assert not server.problems


def test_a_second_connection_that_offers_less_is_believed():
    first = [*hello("PIPELINING", "SIZE"), *envelope(), *TAKEN]
    second = [*hello(), Hear("MAIL FROM:<a@good.example>$"), *envelope()[1:], *TAKEN, *GOODBYE]
    transcripts, server = asyncio.run(send_all([first, second], 2))
    assert [t.outcome for t in transcripts] == [Outcome.ACCEPTED] * 2
    assert "SIZE=" in server.lines[1]
    assert dict(transcripts[1].ehlo[0].capabilities) == {}
    assert not server.problems
