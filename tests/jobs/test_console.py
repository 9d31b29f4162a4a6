"""The console as a job: what is kept when it ends, however it ends."""

import asyncio

import pytest

from mailgui.jobs.accounts import SecretMissing
from mailgui.jobs.console import Say, Snapshot, Type, run_console
from mailgui.jobs.services import Services
from mailgui.message.draft import Draft
from mailgui.smtp.console_state import ConsoleState
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome, Stage, Transcript
from tests.support.hostile import Hear, Hold, hello, serving
from tests.support.hostile import Say as Speak


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))


class Desk:
    """A running console; ``heard`` is what it told."""

    def __init__(self, port, **settings):
        self.services, self.orders = Services(), asyncio.Queue()
        self.heard, self.opened, self.cancel = [], asyncio.Event(), asyncio.Event()
        values = {"tls": TlsMode.NONE, "helo": "me", "timeout": 10.0, **settings}
        self.profile = Profile("Relay", SmtpSettings("127.0.0.1", port, **values))

    def tell(self, item):
        self.heard.append(item)
        if isinstance(item, ConsoleState) and item.open and not item.waiting:
            self.opened.set()

    def start(self, until=Stage.EHLO):
        return asyncio.ensure_future(
            run_console(
                None,
                self.services,
                self.profile,
                self.orders,
                until=until,
                tell=self.tell,
                cancel=self.cancel,
            )
        )


def run(script, work, **settings):
    async def within():
        async with asyncio.timeout(30), serving(script) as server:
            desk = Desk(server.port, **settings)
            try:
                return await work(desk, server)
            finally:
                await desk.services.close()

    return asyncio.run(within())


def test_a_cancelled_task_keeps_its_record_and_lets_the_cancellation_through():
    async def work(desk, server):
        task = desk.start()
        await desk.opened.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (kept,) = await desk.services.history.newest()
        return kept

    kept = run([*hello(), Hold()], work)
    assert kept.title == "Relay (console)"
    assert kept.outcome is Outcome.COMPLETED


def test_stopping_drops_even_while_the_server_is_waited_for():
    async def work(desk, server):
        task = desk.start()
        await desk.opened.wait()
        await desk.orders.put(Type("NOOP"))
        while "NOOP" not in server.lines:
            await asyncio.wait_for(server.signal.wait(), 10)
        desk.cancel.set()
        return await task

    from tests.support.hostile import Signal

    report = run([*hello(), Hear("NOOP"), Signal(), Hold()], work)
    assert report.transcript.outcome is Outcome.COMPLETED
    assert "dropped without QUIT" in report.transcript.summary


def test_a_snapshot_tells_the_transcript_so_far():
    async def work(desk, server):
        task = desk.start()
        for order in (Snapshot(), Type("QUIT")):
            await desk.orders.put(order)
        await task
        return [item for item in desk.heard if isinstance(item, Transcript)]

    (snapshot,) = run([*hello(), Hear("QUIT"), Speak("221 Bye")], work)
    assert any(event.text == "EHLO me" for event in snapshot.events)
    assert not any(event.text == "QUIT" for event in snapshot.events)


def test_a_draft_that_cannot_be_sent_is_no_end():
    async def work(desk, server):
        task = desk.start()
        for order in (Say(Stage.MAIL, Draft()), Type("QUIT")):
            await desk.orders.put(order)
        return await task

    report = run([*hello(), Hear("QUIT"), Speak("221 Bye")], work)
    assert report.transcript.outcome is Outcome.COMPLETED
    assert any(event.direction == "error" for event in report.transcript.events)


def test_a_secret_is_asked_for_only_where_it_is_needed():
    async def wants(desk, server):
        with pytest.raises(SecretMissing):
            await desk.start(Stage.AUTH)

    run([*hello("AUTH PLAIN"), Hold()], wants, username="ann")

    async def does_not(desk, server):
        task = desk.start(Stage.EHLO)
        await desk.orders.put(Type("QUIT"))
        return await task

    script = [*hello("AUTH PLAIN"), Hear("QUIT"), Speak("221 Bye")]
    assert run(script, does_not, username="ann").transcript.outcome is Outcome.COMPLETED


def test_an_order_never_shows_what_it_types():
    assert "secret" not in repr(Type("secret"))
