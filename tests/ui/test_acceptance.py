"""The whole way: from the window to a real Postfix, and a real BIND in the window's report."""

import base64
from email import policy
from email.parser import BytesParser

import pytest

from mailgui.message.draft import Address, Attachment, Draft
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.ui.application import begin, close_engine, make_frame
from tests.servers.postfix import PASSWORD, USER

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JAPANESE = "請求書 十一月.pdf"
BINARY = bytes(range(256)) * 300


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def opened(qtbot, home):
    """Open the window with profiles added before it starts; closes it and the engine."""
    open_ones = []

    def open_it(*profiles):
        window = make_frame({}, scheme="light")
        bridge, services = begin(window)
        for profile, secret in profiles:
            services.profiles.add(profile)
            if secret:
                bridge.worker.submit(services.secrets.set, profile, secret).result(20)
        open_ones.append((window, bridge, services))
        window.show()
        qtbot.waitExposed(window)
        qtbot.waitUntil(lambda: window.compose.draft().subject != "", timeout=20_000)
        return window

    yield open_it
    for window, bridge, services in open_ones:
        window.close()
        close_engine(bridge, services)
        window.deleteLater()


def full_draft(home, recipient):
    japanese = home / JAPANESE
    japanese.write_bytes(BINARY)
    return Draft(
        sender=Address(USER, "Zoë Example"),
        to=(Address(recipient),),
        cc=(Address("second@inbox.example", "Second"),),
        bcc=(Address("hidden@inbox.example"),),
        subject="Grüße aus 東京",
        text="Plain text\n.a leading dot\n" + "long " * 400 + "\n",
        html='<p>Hello</p><img src="cid:logo" alt="">',
        attachments=(
            Attachment("logo.png", "image/png", data=PNG, content_id="logo"),
            Attachment(JAPANESE, "application/pdf", path=japanese),
            Attachment("notes.txt", "text/plain", data=b"a\r\nb\nc\rd"),
        ),
        headers=(("X-Case", "acceptance"),),
    )


@pytest.mark.server
def test_what_postfix_delivered_is_what_the_mime_tab_shows(qtbot, opened, home, postfix, authority):
    settings = SmtpSettings(
        host="localhost",
        port=postfix.port,
        tls=TlsMode.STARTTLS,
        tls_ca=str(authority.ca_file),
        username=USER,
    )
    window = opened((Profile("Real Postfix", settings, sender=USER), PASSWORD))
    compose = window.compose
    compose.choose_profile("Real Postfix")
    compose.set_draft(full_draft(home, "window@inbox.example"))
    compose.message.tabs.tabs.set_key("mime")
    compose.send()
    qtbot.waitUntil(lambda: not compose.busy, timeout=60_000)
    transcript = compose.controller.report.transcript
    assert transcript.outcome == "accepted", transcript.summary
    assert transcript.tls.verified
    assert any(event.text.startswith("AUTH ") for event in transcript.events)
    (delivered,) = postfix.wait_for("window@inbox.example")
    mime = compose.message.tabs.mime
    qtbot.waitUntil(lambda: mime.octets == delivered.content, timeout=20_000)
    assert b"Bcc" not in delivered.content
    assert [m.recipient for m in postfix.wait_for("hidden@inbox.example")]
    message = BytesParser(policy=policy.default).parsebytes(delivered.content)
    assert message["Subject"] == "Grüße aus 東京"
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files[JAPANESE] == BINARY
    assert PASSWORD not in str(transcript)


GOOD = """
@ IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
@ IN MX 10 mail
mail IN A 192.0.2.10
_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:reports@sound.example"
s1._domainkey IN TXT ( "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" )
"""
BROKEN = """
@ IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
@ IN TXT "v=spf1 include:nowhere.faulty.example ~all"
@ IN MX 10 mail
mail IN A 192.0.2.20
_dmarc IN TXT "v=DMARC1; p=refuse"
s1._domainkey IN TXT "v=DKIM1; p=not base64!"
"""


@pytest.mark.server
def test_bind_zones_get_the_right_verdicts_in_the_window(qtbot, opened, start_bind):
    bind = start_bind({"sound.example": GOOD, "faulty.example": BROKEN})
    window = opened()
    window.show_page("domain")
    page = window.domain
    page.ask_server(bind.address)
    page.bar.selectors.setText("s1")
    for domain, verdict in (("sound.example", "pass"), ("faulty.example", "broken")):
        page.check(domain)
        qtbot.waitUntil(lambda: not page.busy, timeout=60_000)
        sections = {section.name: section for section in page.report.sections}
        for name in ("spf", "dkim", "dmarc"):
            assert sections[name].verdict == verdict, (domain, name, sections[name].findings)


@pytest.mark.server
def test_bind_zones_get_the_right_verdicts_on_the_command_line(home, start_bind, capsys):
    import json

    from mailgui.cli.main import run

    bind = start_bind({"sound.example": GOOD, "faulty.example": BROKEN})
    words = ["--selector", "s1", "--dns-only", "--resolver", bind.address, "--json"]
    assert run(["check", "sound.example", "faulty.example", *words]) == 0
    good, broken = json.loads(capsys.readouterr().out)
    for name in ("spf", "dkim", "dmarc"):
        assert good[name]["verdict"] == "pass", good[name]
        assert broken[name]["verdict"] == "broken", broken[name]
