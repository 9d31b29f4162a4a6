"""Messages tried again by SMTP: who is sent to again, and that nobody gets two copies."""

import asyncio
import socket

import pytest

from mailgui.jobs.accounts import Account
from mailgui.jobs.send import send_by_smtp
from mailgui.jobs.smtp_attempts import send_trying_again
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Outcome, Stage
from tests.support.exchangers import Exchangers
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    HearData,
    Octets,
    Reset,
    Say,
    envelope,
    hello,
)

TAKES = [*hello(), *envelope(), *TAKEN, *GOODBYE]
AWAY = [Say("421 4.3.2 Closing")]
HERE = "127.0.0.1"


def run(*scripts, message=None, retries=2, refuse=False, cancel_after=None, **options):
    """Send with the given scripts, one a connection; returns report, server and waits."""
    waits = []
    told = []

    async def main():
        async with Exchangers({HERE: scripts}) as farm:
            settings = SmtpSettings(
                HERE, farm.port, TlsMode.NONE, timeout=5.0, helo="me.example", retries=retries
            )
            cancel = asyncio.Event()

            async def send_once(some):
                return await send_by_smtp(Account("x", settings), some, cancel=cancel)

            async def pause(seconds, _cancel):
                waits.append(seconds)
                return len(waits) == cancel_after

            report = await send_trying_again(
                send_once,
                message or Octets(),
                settings,
                cancel=cancel,
                on_attempt=told.append,
                pause=pause,
                draw=lambda _low, high: high,
                **options,
            )
            return report, farm[HERE]

    report, server = asyncio.run(main())
    return report, server, waits, told


def outcomes(report):
    return {r.address: r.outcome.value for r in report.transcript.recipients}


def test_one_that_is_taken_at_once_is_not_tried_again():
    report, server, waits, told = run(TAKES)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert (report.attempts, waits, told, server.connections) == ((), [], [], 1)


def test_off_unless_asked_for():
    report, server, waits, _ = run(AWAY, TAKES, retries=0)
    assert report.transcript.outcome is Outcome.TEMPORARY
    assert (report.attempts, waits, server.connections) == ((), [], 1)


def test_tried_again_until_it_is_taken():
    report, server, waits, told = run(AWAY, AWAY, TAKES)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [a.report.outcome.value for a in report.attempts] == [
        "temporary",
        "temporary",
        "accepted",
    ]
    assert waits == [5.0, 10.0]
    assert [a.number for a in told] == [1, 2]
    assert len(server.data) == 1


def test_enough_is_enough():
    report, server, waits, _ = run(AWAY)
    assert report.transcript.outcome is Outcome.TEMPORARY
    assert (server.connections, len(waits)) == (3, 2)
    assert report.attempts[-1].reason == "Tried 3 times; that is enough."


def test_only_those_that_are_undecided_are_sent_to_again():
    message = Octets(recipients=("a@x.example", "b@x.example", "c@x.example"))
    first = [
        *hello(),
        Hear("MAIL"),
        Say("250 ok"),
        Hear("RCPT TO:<a@"),
        Say("250 ok"),
        Hear("RCPT TO:<b@"),
        Say("450 4.2.0 Greylisted"),
        Hear("RCPT TO:<c@"),
        Say("550 5.1.1 Nobody"),
        *TAKEN,
        *GOODBYE,
    ]
    second = [
        *hello(),
        Hear("MAIL"),
        Say("250 ok"),
        Hear("RCPT TO:<b@"),
        Say("250 ok"),
        *TAKEN,
        *GOODBYE,
    ]
    report, server, _, _ = run(first, second, message=message)
    assert not server.problems
    assert outcomes(report) == {
        "a@x.example": "accepted",
        "b@x.example": "accepted",
        "c@x.example": "refused",
    }
    assert report.transcript.outcome is Outcome.PARTIAL
    assert [line for line in server.lines if line.startswith("RCPT TO:<a@")] == [
        "RCPT TO:<a@x.example>"
    ]
    assert len(server.data) == 2


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([*hello(), *envelope(), Hear("DATA"), Say("354 go"), HearData()], Outcome.UNKNOWN),
        ([*hello(), Hear("MAIL"), Say("550 5.7.1 No"), *GOODBYE], Outcome.REFUSED),
        (
            [*hello(), *envelope(), Hear("DATA"), Say("354"), HearData(), Say("554 No"), *GOODBYE],
            Outcome.REFUSED,
        ),
        ([Say("220 hi"), Hear("EHLO"), Say("999 what")], Outcome.FAILED),
    ],
)
def test_what_is_never_tried_again(script, outcome):
    report, server, waits, _ = run(script, TAKES)
    assert report.transcript.outcome is outcome
    assert (waits, server.connections) == ([], 1)


@pytest.mark.parametrize(
    "script",
    [
        [Reset()],
        [Say("220 hi"), Hear("EHLO")],
        [*hello(), *envelope(), Hear("DATA")],
        [*hello(), *envelope(), Hear("DATA"), Say("451 4.3.0 Later"), *GOODBYE],
        [
            *hello(),
            *envelope(),
            Hear("DATA"),
            Say("354"),
            HearData(),
            Say("451 4.3.0 Later"),
            *GOODBYE,
        ],
    ],
)
def test_what_time_may_mend_is_tried_again(script):
    report, server, waits, _ = run(script, TAKES)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert len(waits) == 1
    assert server.connections == 2


def test_cancelled_while_waiting():
    report, server, _, _ = run(AWAY, TAKES, cancel_after=1)
    assert report.transcript.outcome is Outcome.TEMPORARY
    assert report.transcript.summary.endswith("Cancelled before the next attempt.")
    assert server.connections == 1
    assert outcomes(report) == {"b@good.example": "temporary"}


def test_nobody_listens_at_first():
    waits = []
    with socket.socket() as sock:
        sock.bind((HERE, 0))
        settings = SmtpSettings(HERE, sock.getsockname()[1], TlsMode.NONE, retries=1)

        async def pause(seconds, _cancel):
            waits.append(seconds)
            return False

        async def send_once(some):
            return await send_by_smtp(Account("x", settings), some)

        report = asyncio.run(send_trying_again(send_once, Octets(), settings, pause=pause))
    assert report.transcript.outcome is Outcome.FAILED
    assert report.transcript.stage is Stage.CONNECT
    assert len(waits) == 1
    assert len(report.to_json_dict()["attempts"]) == 2
