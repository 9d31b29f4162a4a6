"""Cancelling at any moment, by the event and by the task."""

import asyncio

import pytest

from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    TAKEN,
    Deaf,
    Hear,
    HearData,
    HearOctets,
    Hold,
    Octets,
    Say,
    Signal,
    envelope,
    hello,
    play,
    play_async,
)

MOMENTS = {
    Stage.BANNER: [],
    Stage.EHLO: [Say("220 mx"), Hear("EHLO")],
    Stage.MAIL: [*hello(), Hear("MAIL")],
    Stage.RCPT: [*hello(), Hear("MAIL"), Say("250 Ok"), Hear("RCPT")],
    Stage.DATA: [*hello(), *envelope(), Hear("DATA")],
    Stage.MESSAGE: [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearData()],
}


@pytest.mark.parametrize("stage", MOMENTS, ids=str)
def test_at_every_stage(stage):
    transcript, _ = play([*MOMENTS[stage], Signal(), Hold()], cancel_on_signal=True)
    after_the_dot = stage is Stage.MESSAGE
    assert transcript.outcome is (Outcome.UNKNOWN if after_the_dot else Outcome.CANCELLED)
    # A server that has accepted may be ahead of the client, which is still connecting.
    reached = (Stage.CONNECT, Stage.BANNER) if stage is Stage.BANNER else (stage,)
    assert transcript.stage in reached
    assert "QUIT" not in [event.text for event in transcript.events]


def test_while_the_message_is_being_sent():
    script = [*hello(), *envelope(), Hear("DATA"), Say("354 Go"), HearOctets(10), Signal(), Deaf()]
    transcript, _ = play(script, Octets(b"x" * (1 << 25)), cancel_on_signal=True)
    assert transcript.outcome is Outcome.CANCELLED


def test_while_saying_goodbye_changes_nothing():
    script = [*hello(), *envelope(), *TAKEN, Hear("QUIT"), Signal(), Hold()]
    transcript, _ = play(script, cancel_on_signal=True)
    assert transcript.outcome is Outcome.ACCEPTED


def test_before_it_began():
    async def run():
        from mailgui.smtp.plan import Plan
        from mailgui.smtp.session import send
        from mailgui.smtp.settings import SmtpSettings
        from mailgui.transcript import Kind, Recorder

        cancel = asyncio.Event()
        cancel.set()
        return await send(
            SmtpSettings("127.0.0.1", 1),
            Octets(),
            plan=Plan(),
            password=None,
            recorder=Recorder(Kind.SMTP),
            cancel=cancel,
        )

    transcript = asyncio.run(run())
    assert transcript.outcome is Outcome.CANCELLED
    assert transcript.phases == ()


@pytest.mark.parametrize("stage", MOMENTS, ids=str)
def test_the_tasks_own_cancellation_passes_through(stage):
    async def run():
        script = [*MOMENTS[stage], Hold()]
        task = asyncio.create_task(play_async([script], Octets()))
        for _ in range(200):
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
