"""Sends that fail, in every way there is, leave nothing open: no descriptor, no task, no thread."""

import asyncio
import gc
import itertools
import threading
from pathlib import Path

import pytest

from mailgui.smtp.plan import Plan
from mailgui.smtp.session import send
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder
from tests.support.hostile import (
    Hear,
    HearData,
    HearOctets,
    Hold,
    Octets,
    Reset,
    Say,
    Tls,
    envelope,
    hello,
    serving,
)

SENDS = 500
OPEN = Path("/proc/self/fd")
OFFER = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Go")]
GO_AHEAD = [*hello(), *envelope(), Hear("DATA"), Say("354 Go")]
NONE, STARTTLS = TlsMode.NONE, TlsMode.STARTTLS
FAULTS = [
    ([Reset()], NONE),
    ([], NONE),
    ([Say("554 No")], NONE),
    ([Say("xxx"), Hold()], NONE),
    ([Say(b"220-a\r\n550 b\r\n"), Hold()], NONE),
    ([Say("220 hi"), Hear(), Reset()], NONE),
    ([*OFFER[:-1], Say(b"220 Go\r\n250 injected\r\n"), Hold()], STARTTLS),
    ([*OFFER, Reset()], STARTTLS),
    ([*OFFER, HearOctets(5), Say("no TLS at all")], STARTTLS),
    ([*OFFER, Tls(), Hold()], STARTTLS),  # a certificate that nobody trusts
    ([Say("220 hi"), Hold()], TlsMode.IMPLICIT),
    ([*OFFER, HearOctets(5), Say("no TLS")], TlsMode.OPPORTUNISTIC),
    ([*hello(), Hear("MAIL"), Say("421 Bye")], NONE),
    ([*GO_AHEAD, Reset()], NONE),
    ([*GO_AHEAD, HearData()], NONE),
    ([*GO_AHEAD, HearData(), Say("552 Too big"), Hear("QUIT")], NONE),
]


def open_now() -> tuple[int, int]:
    gc.collect()
    return len(list(OPEN.iterdir())), len(asyncio.all_tasks())


@pytest.mark.skipif(not OPEN.is_dir(), reason="needs /proc")
def test_after_many_failed_sends_nothing_is_left_open(certified):
    async def fail(script, tls):
        async with serving(script, context=certified.context) as server:
            settings = SmtpSettings("127.0.0.1", server.port, tls=tls, timeout=10.0, helo="me")
            return await send(
                settings, Octets(), plan=Plan(), password=None, recorder=Recorder(Kind.SMTP)
            )

    async def main():
        for fault in FAULTS:  # what is made once and kept is made by now
            transcript = await fail(*fault)
            assert transcript.outcome is not Outcome.ACCEPTED
            assert transcript.summary
        before, threads = open_now(), threading.active_count()
        for fault in itertools.islice(itertools.cycle(FAULTS), SENDS):
            await fail(*fault)
        assert open_now() == before
        # The loop's own pool of threads fills up to its bound, and stays there.
        pool = [each for each in threading.enumerate() if each.name.startswith("asyncio_")]
        assert threading.active_count() - len(pool) <= threads

    asyncio.run(main())
