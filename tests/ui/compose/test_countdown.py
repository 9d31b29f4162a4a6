"""Trying again as the window shows it: the countdown, each try, and cancelling while it waits."""

from dataclasses import replace

from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome


def keep(desk, name="Patient", **settings):
    """A profile that leads to the sandbox and tries again."""
    sandbox = desk.page._bridge.worker.submit(desk.services.start_sandbox).result(20)
    smtp = SmtpSettings(sandbox.smtp.host, sandbox.smtp.port, **settings)
    desk.services.profiles.add(Profile(name, smtp))
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find(name) is not None, timeout=10_000)
    desk.use(name)
    return replace(smtp)


def test_the_wait_is_counted_down_and_can_be_cancelled(desk):
    keep(desk, retries=3, retry_delay=3600.0, retry_cap=3600.0)
    desk.write_to("busy@good.example")
    desk.page.send()
    pane = desk.exchange
    desk.qtbot.waitUntil(lambda: pane.countdown.running, timeout=10_000)
    assert "Attempt 2 in" in desk.banner.facts
    desk.page.controller.cancel()
    desk.wait_idle()
    assert not pane.countdown.running
    assert desk.transcript().outcome is Outcome.TEMPORARY
    assert "Cancelled before the next attempt." in desk.transcript().summary


def test_every_try_can_be_looked_at(desk):
    keep(desk, retries=2, retry_delay=0.01, retry_cap=0.01)
    desk.write_to("busy@good.example")
    desk.send()
    report = desk.page.controller.report
    assert [attempt.number for attempt in report.attempts] == [1, 2, 3]
    assert desk.exchange.attempts.isVisible()
    assert not desk.exchange.countdown.running
    lines = desk.lines()
    assert sum(line.startswith("RCPT TO") for line in lines) == 1
