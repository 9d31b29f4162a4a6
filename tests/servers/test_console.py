"""The console and the probe against Postfix with Dovecot's passwords, on the real wire."""

import asyncio
import base64
import json

import pytest

from mailgui.jobs.accounts import Account
from mailgui.jobs.auth_probe import try_every_sign_in
from mailgui.jobs.console import Greet, Say, SignIn, Type, run_console
from mailgui.jobs.services import Services
from mailgui.message.draft import Address, Draft
from mailgui.smtp.auth_probe import Attempt
from mailgui.smtp.console_state import Mode
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.transcript import MASK, Outcome, Stage
from mailgui.transcript.codec import encode
from mailgui.transcript.export_text import to_text
from tests.servers.postfix import PASSWORD, USER


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    return tmp_path


def b64(text):
    return base64.b64encode(text.encode()).decode()


def account(postfix, authority, **changes):
    values = {
        "tls": TlsMode.STARTTLS,
        "tls_ca": authority.ca_file,
        "helo": "client.example",
        "username": USER,
        "timeout": 20.0,
        **changes,
    }
    return SmtpSettings("localhost", values.pop("port", postfix.port), **values)


def converse(settings, orders, *, until=Stage.EHLO, password=PASSWORD):
    """Carry out orders and a QUIT; return the report, the states and what the history kept."""

    async def work():
        services = Services()
        queue = asyncio.Queue()
        for order in [*orders, Type("QUIT")]:
            queue.put_nowait(order)
        states = []
        try:
            async with asyncio.timeout(60):
                report = await run_console(
                    None,
                    services,
                    Profile("Relay", settings),
                    queue,
                    until=until,
                    given={"password": password},
                    tell=states.append,
                )
            kept = await services.history.get(report.transcript.id)
        finally:
            await services.close()
        return report, states, kept

    return asyncio.run(work())


def test_starttls_and_auth_typed_by_hand_leave_no_secret_anywhere(postfix, authority, home):
    recipient = "console@inbox.example"
    said = b64(f"\0{USER}\0{PASSWORD}")
    orders = [
        Type("STARTTLS"),
        Type("EHLO client.example"),
        Type("AUTH PLAIN"),
        Type(said),
        Type(f"MAIL FROM:<{USER}>"),
        Type(f"RCPT TO:<{recipient}>"),
        Type("RCPT TO:<unknown@inbox.example>"),
        Type("DATA\nSubject: by hand\n\nHello\n."),
    ]
    # Without the profile's secret: what was typed must be hidden by itself.
    report, states, kept = converse(account(postfix, authority), orders, password="another-word")
    texts = [event.text for event in report.transcript.events]
    assert any(text.startswith("235 2.7.0") for text in texts)
    assert any(text.startswith("550 5.1.1") for text in texts)
    assert MASK in texts
    assert [state.mode for state in states].count(Mode.ANSWER) >= 1
    (message,) = postfix.wait_for(recipient)
    assert b"Subject: by hand\r\n\r\nHello" in message.content
    assert "ESMTPSA" in message.received
    assert report.transcript.outcome is Outcome.COMPLETED
    assert report.transcript.tls.verified
    assert "1 message accepted" in report.transcript.summary
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for place in (
        encode(report.transcript),
        encode(kept.transcript),
        to_text(report.transcript).encode(),
        json.dumps(report.to_json_dict()).encode(),
        repr((report, states, orders)).encode(),
        written,
    ):
        for form in (PASSWORD, said, b64(PASSWORD).rstrip("="), PASSWORD.encode().hex()):
            assert form.encode() not in place


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
def test_the_helpers_sign_in_and_send_the_draft(postfix, authority, home, mechanism):
    recipient = f"console-{mechanism.lower()}@inbox.example"
    draft = Draft(sender=Address(USER), to=(Address(recipient),), subject="Draft", text="Hello")
    orders = [
        Type("STARTTLS"),
        Greet(),
        SignIn(mechanism),
        Say(Stage.MAIL, draft),
        Say(Stage.RCPT, draft),
        Say(Stage.DATA, draft),
    ]
    report, _states, _kept = converse(account(postfix, authority), orders)
    assert b"Subject: Draft" in postfix.wait_for(recipient)[0].content
    assert PASSWORD.encode() not in encode(report.transcript)
    assert f"AUTH {mechanism}" in to_text(report.transcript)


def test_the_draft_by_bdat(postfix, authority, home):
    recipient = "console-bdat@inbox.example"
    draft = Draft(sender=Address(USER), to=(Address(recipient),), subject="Chunk", text="Hello")
    orders = [Say(s, draft, chunked=s is Stage.DATA) for s in (Stage.MAIL, Stage.RCPT, Stage.DATA)]
    report, _states, _kept = converse(account(postfix, authority), orders, until=Stage.TLS)
    assert b"Subject: Chunk" in postfix.wait_for(recipient)[0].content
    assert "BDAT " in to_text(report.transcript)


def test_every_sign_in_that_dovecot_offers_is_accepted(postfix, authority):
    settings = account(postfix, authority)
    report = asyncio.run(
        try_every_sign_in(None, Account("Relay", settings, {"password": PASSWORD}))
    )
    results = {result.name: result for result in report.probe.results}
    for name in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"):
        assert results[name].offered
        assert results[name].attempt is Attempt.ACCEPTED, results[name]
    assert results["XOAUTH2"].attempt is Attempt.NOT_TRIED
    assert report.probe.choice in ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")
    assert results[report.probe.choice].automatic
    assert PASSWORD.encode() not in encode(report.probe.transcript)


def test_a_wrong_password_is_refused_by_all(postfix, authority):
    settings = account(postfix, authority)
    report = asyncio.run(
        try_every_sign_in(None, Account("Relay", settings, {"password": "wrong-password"}))
    )
    tried = [r for r in report.probe.results if r.attempt is not Attempt.NOT_TRIED]
    assert {result.attempt for result in tried} == {Attempt.REFUSED}
    assert report.probe.transcript.outcome is Outcome.REFUSED
    document = report.to_json_dict()
    assert {each["result"] for each in document["mechanisms"]} == {"refused", "not_tried"}
    assert document["automatic"]["reason"]


def test_before_tls_postfix_offers_no_sign_in(postfix, authority):
    settings = account(postfix, authority, tls=TlsMode.NONE)
    report = asyncio.run(
        try_every_sign_in(None, Account("Relay", settings, {"password": PASSWORD}))
    )
    assert report.probe.choice is None
    assert "does not offer any sign-in" in report.probe.reason
