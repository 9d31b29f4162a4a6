"""Passwords and keys: asked for where the work is, sent once, remembered only when wanted."""

from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome


def signing_in(desk):
    """Return a profile that leads to the sandbox and needs its password."""
    sandbox = desk.sandbox()
    desk.page._bridge.worker.submit(sandbox.start).result(20)
    profile = Profile(
        "Relay",
        SmtpSettings(
            "127.0.0.1",
            sandbox.smtp.port,
            tls=TlsMode.STARTTLS,
            tls_ca=str(sandbox.ca_pem_path),
            username=sandbox.username,
        ),
        sender="you@good.example",
    )
    desk.services.profiles.add(profile)
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Relay") is not None)
    desk.use("Relay")
    return profile


def answer(desk, secret, *, remember):
    prompt = desk.exchange.prompt
    assert prompt.isVisible()
    prompt.field.setText(secret)
    prompt.remember.setChecked(remember)
    prompt._go.click()
    desk.wait_idle()


def kept(desk, profile):
    secrets = desk.services.secrets
    return desk.page._bridge.worker.submit(secrets.get, profile, "password").result(5)


def test_a_missing_password_is_asked_for_and_then_it_is_sent(desk):
    profile = signing_in(desk)
    desk.send()
    assert desk.banner.sentence == "Nothing was sent yet"
    assert "kept until MailGUI is closed" in desk.exchange.prompt._where.text()
    answer(desk, desk.sandbox().password, remember=True)
    assert desk.transcript().outcome is Outcome.ACCEPTED
    assert kept(desk, profile) == desk.sandbox().password
    desk.send()
    assert desk.exchange.prompt.isHidden()
    assert desk.transcript().outcome is Outcome.ACCEPTED


def test_a_password_that_is_not_to_be_remembered_is_not(desk):
    profile = signing_in(desk)
    desk.send()
    answer(desk, desk.sandbox().password, remember=False)
    assert desk.transcript().outcome is Outcome.ACCEPTED
    assert kept(desk, profile) is None
    desk.send()
    assert desk.exchange.prompt.isVisible()


def test_a_wrong_password_can_be_entered_anew(desk):
    signing_in(desk)
    desk.send()
    answer(desk, "wrong-password", remember=True)
    assert desk.transcript().outcome is Outcome.REFUSED
    assert not any("wrong-password" in line for line in desk.lines())
    desk.banner.action_triggered.emit()
    desk.qtbot.waitUntil(desk.exchange.prompt.isVisible)
    answer(desk, desk.sandbox().password, remember=False)
    assert desk.transcript().outcome is Outcome.ACCEPTED


def test_not_now_sends_nothing(desk):
    signing_in(desk)
    desk.send()
    desk.exchange.prompt.field.setText("half")
    desk.exchange.prompt.dismiss()
    assert desk.exchange.prompt.isHidden()
    assert desk.exchange.prompt.field.text() == ""
    assert desk.page.controller.report is None


def test_a_connection_test_asks_too_and_stays_a_test(desk):
    signing_in(desk)
    desk.send(testing=True)
    answer(desk, desk.sandbox().password, remember=False)
    assert desk.transcript().outcome is Outcome.COMPLETED
    assert not desk.sandbox().mailbox.list()


def test_the_password_is_in_no_export(desk):
    from pathlib import Path

    from mailgui.ui.compose import exports

    signing_in(desk)
    desk.send()
    secret = desk.sandbox().password
    answer(desk, secret, remember=False)
    for suffix in ("txt", "json", "har"):
        octets = exports.to_octets(desk.page.controller.report, Path(f"x.{suffix}"))
        assert secret.encode() not in octets


def test_a_certificate_that_is_not_trusted_is_shown(desk):
    from dataclasses import replace

    profile = signing_in(desk)
    bare = replace(profile, settings=replace(profile.settings, tls_ca=None, username=""))
    desk.services.profiles.replace("Relay", bare)
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar.road.profile == bare)
    desk.send()
    assert desk.transcript().outcome is Outcome.FAILED
    desk.banner.action_triggered.emit()
    assert desk.exchange.tabs.key == "tls"
    assert desk.exchange.tls.tree.chain
    assert desk.exchange.tls.verdict.sentence


def test_a_server_that_is_not_there_offers_the_profile(desk):
    from dataclasses import replace

    profile = signing_in(desk)
    away = replace(profile, settings=SmtpSettings("127.0.0.1", 1, tls=TlsMode.NONE))
    desk.services.profiles.replace("Relay", away)
    desk.page.profiles_changed()
    desk.qtbot.waitUntil(lambda: desk.bar.road.profile == away)
    desk.send()
    assert desk.transcript().outcome is Outcome.FAILED
    with desk.qtbot.waitSignal(desk.page.profiles_requested):
        desk.banner.action_triggered.emit()
