"""What the window says of the faults that no other program names."""

import pytest

from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.transcript import Outcome
from mailgui.ui.tokens import Tone
from tests.support.hostile import GOODBYE, TAKEN, Hear, Hold, Say, envelope, hello
from tests.support.scripted import scripted


@pytest.fixture
def send_to(desk):
    """Send the sample draft to a scripted server and return what the window then says."""

    def send(script, tls=TlsMode.NONE):
        with scripted(script) as server:
            settings = SmtpSettings("127.0.0.1", server.port, tls=tls, helo="me", timeout=15.0)
            desk.services.profiles.add(Profile("Odd", settings, sender="you@good.example"))
            desk.page.profiles_changed()
            desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Odd") is not None, timeout=10_000)
            desk.use("Odd")
            desk.send()
        cards = desk.exchange.findings.findings.cards
        findings = [each for card in cards for each in (card.finding.title, card.finding.fix)]
        facts = desk.banner._facts.text()
        return "\n".join([desk.banner.sentence, facts, *findings, *desk.lines()])

    return send


def test_a_bare_250_is_taken_and_remarked_upon(desk, send_to):
    script = [*hello(), Hear("MAIL"), Say("250"), Hear("RCPT"), Say("250"), *TAKEN, *GOODBYE]
    words = send_to(script)
    assert desk.transcript().outcome is Outcome.ACCEPTED
    assert desk.banner.tone is Tone.PASS
    assert "The server sent the bare code 250, without the blank" in words


def test_an_extra_reply_after_mail_is_blamed_and_not_data(desk, send_to):
    script = [*hello(), Hear("MAIL"), Say(b"250 Ok\r\n250 Once more\r\n")]
    script += [Hear("RCPT"), Say("550 5.1.1 No such user"), Hold()]
    words = send_to(script)
    assert desk.banner.tone is Tone.BROKEN
    assert "extra reply" in words.lower()
    assert "Once more" in words
    assert "DATA" not in desk.banner.sentence
    assert desk.transcript().fault == "unsolicited_reply"


def test_mixed_codes_are_two_answers_in_one(desk, send_to):
    script = [*hello(), Hear("MAIL"), Say(b"250-a\r\n550 b\r\n"), Hold()]
    words = send_to(script)
    assert desk.banner.tone is Tone.BROKEN
    assert "mixed codes" in words
    assert "250" in words
    assert "550" in words
    assert desk.transcript().fault == "mixed_reply_codes"


def test_octets_before_the_handshake_are_refused_and_named(desk, send_to):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Ready\r\n250 injected\r\n"), Hold()]
    words = send_to(script, tls=TlsMode.STARTTLS)
    assert desk.banner.tone is Tone.BROKEN
    assert "before the TLS handshake" in words
    assert "injection" in words
    assert desk.transcript().fault == "starttls_injection"


def test_the_console_names_the_injection_too(desk):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Ready\r\n250 injected\r\n"), Hold()]
    view, controller = desk.exchange.console, desk.page.tools.console
    with scripted(script) as server:
        settings = SmtpSettings("127.0.0.1", server.port, tls=TlsMode.NONE, helo="me")
        desk.services.profiles.add(Profile("Odd", settings))
        desk.page.profiles_changed()
        desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Odd") is not None, timeout=10_000)
        desk.use("Odd")
        desk.page.tools.open_console()
        view.reach.set_key("ehlo")
        view.connect_button.click()
        desk.qtbot.waitUntil(view.helpers["starttls"].isEnabled, timeout=10_000)
        view.helpers["starttls"].click()
        desk.qtbot.waitUntil(lambda: not controller.running, timeout=10_000)
    lines = " ".join(event.text for event in view.transcript.table.model_.events)
    assert "before the TLS handshake" in lines
    assert view.notice.tone is Tone.BROKEN
    assert controller.report.transcript.fault == "starttls_injection"


def test_a_server_that_hangs_up_idle_is_shown_at_once(desk):
    with scripted([*hello(), Say("421 4.4.2 Idle for too long"), *envelope()]) as server:
        settings = SmtpSettings("127.0.0.1", server.port, tls=TlsMode.NONE, helo="me")
        desk.services.profiles.add(Profile("Odd", settings))
        desk.page.profiles_changed()
        desk.qtbot.waitUntil(lambda: desk.bar._roads.find("Odd") is not None, timeout=10_000)
        desk.use("Odd")
        desk.page.tools.open_console()
        view = desk.exchange.console
        view.reach.set_key("ehlo")
        view.connect_button.click()
        desk.qtbot.waitUntil(
            lambda: not desk.page.tools.console.running and not view.notice.isHidden(),
            timeout=10_000,
        )
    texts = [event.text for event in view.transcript.table.model_.events]
    assert "421 4.4.2 Idle for too long" in texts
    assert not view.line.isEnabled()
