"""STARTTLS stripped, refused and injected into; certificates; where credentials may go."""

import hashlib
import ssl

import pytest
import trustme

from mailgui.smtp.exit_codes import exit_code
from mailgui.smtp.plan import connection_test
from mailgui.smtp.settings import TlsMode
from mailgui.transcript import Outcome, Stage
from tests.support.hostile import (
    GOODBYE,
    TAKEN,
    Hear,
    Hold,
    Say,
    ScramServer,
    Tls,
    envelope,
    hello,
    play,
    play_many,
)

UPGRADE = [*hello("STARTTLS"), Hear("STARTTLS$"), Say("220 2.0.0 Ready"), Tls()]


def secured(certified, **options):
    defaults = {"context": certified.context, "tls_ca": certified.ca_file, "tls": TlsMode.STARTTLS}
    return {**defaults, **options}


def test_starttls(certified):
    script = [*UPGRADE, *hello("SIZE")[1:], *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, **secured(certified))
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.tls.verified
    assert [answer.tls for answer in transcript.ehlo] == [False, True]
    assert [p.name for p in transcript.phases][:7] == [
        *["dns", "connect", "banner", "ehlo", "starttls", "tls", "ehlo"]
    ]
    assert not server.problems
    mail = next(event for event in transcript.events if event.text.startswith("MAIL"))
    assert mail.tls


def test_implicit(certified):
    script = [Tls(), *hello(), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play(script, **secured(certified, tls=TlsMode.IMPLICIT))
    assert transcript.outcome is Outcome.ACCEPTED
    assert not server.problems


def test_stop_after_tls_says_goodbye_inside_it(certified):
    from mailgui.smtp.plan import Plan

    plan = Plan(stop_after=Stage.TLS)
    transcript, server = play([*UPGRADE, *GOODBYE], plan=plan, **secured(certified))
    assert (transcript.outcome, transcript.stage) == (Outcome.COMPLETED, Stage.TLS)
    assert server.lines[-1] == "QUIT"


@pytest.mark.parametrize("injected", [b"250 injected\r\n", b"250-", b"\x16\x03\x01", b"x"])
def test_octets_waiting_before_the_handshake_are_refused(injected):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Ready\r\n" + injected), Hold()]
    transcript, server = play(script, tls=TlsMode.STARTTLS)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.STARTTLS)
    assert transcript.fault == "starttls_injection"
    assert "before the TLS handshake" in transcript.summary
    assert "command injection" in transcript.summary
    assert server.lines[-1] == "STARTTLS"


def test_injection_is_refused_where_tls_is_optional_too():
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(b"220 Ready\r\n250 injected\r\n"), Hold()]
    transcript, server = play(script, tls=TlsMode.OPPORTUNISTIC)
    assert (transcript.outcome, transcript.fault) == (Outcome.FAILED, "starttls_injection")
    assert server.connections == 1


def test_stripped():
    transcript, server = play([*hello(), *GOODBYE], tls=TlsMode.STARTTLS)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.STARTTLS)
    assert transcript.fault == "starttls_not_offered"
    assert server.lines[-1] == "QUIT"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("454 4.7.0 TLS not available", Outcome.TEMPORARY),
        ("502 5.5.1 Unknown", Outcome.REFUSED),
        ("354 Go on", Outcome.FAILED),
    ],
)
def test_starttls_refused(reply, outcome):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say(reply), *GOODBYE]
    transcript, _ = play(script, tls=TlsMode.STARTTLS)
    assert (transcript.outcome, transcript.stage) == (outcome, Stage.STARTTLS)


@pytest.mark.parametrize(
    "script",
    [
        [*hello()],
        [*hello("STARTTLS"), Hear("STARTTLS"), Say("454 4.7.0 Not now")],
    ],
)
def test_optional_tls_that_is_not_to_be_had(script):
    transcript, _ = play([*script, *envelope(), *TAKEN, *GOODBYE], tls=TlsMode.OPPORTUNISTIC)
    assert transcript.outcome is Outcome.ACCEPTED
    assert transcript.tls is None


def test_optional_tls_whose_handshake_fails_goes_on_in_plaintext():
    first = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Ready"), Hear(), Say("nonsense")]
    second = [*hello("STARTTLS"), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play_many([first, second], tls=TlsMode.OPPORTUNISTIC)
    assert transcript.outcome is Outcome.ACCEPTED
    assert server.connections == 2
    assert any("connecting again" in event.text for event in transcript.events)
    mail = next(event for event in transcript.events if event.text.startswith("MAIL"))
    assert not mail.tls


@pytest.mark.parametrize("last", [[], [Hear()]], ids=["at once", "after our hello"])
def test_a_server_that_closes_in_place_of_the_handshake(last):
    script = [*hello("STARTTLS"), Hear("STARTTLS"), Say("220 Ready"), *last]
    transcript, _ = play(script, tls=TlsMode.STARTTLS)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.TLS)
    assert transcript.fault in ("tls_handshake", "lost", "reset")
    assert "during the TLS handshake" in transcript.summary
    assert exit_code(transcript) == 29
    second = [*hello("STARTTLS"), *envelope(), *TAKEN, *GOODBYE]
    transcript, server = play_many([script, second], tls=TlsMode.OPPORTUNISTIC)
    assert (transcript.outcome, server.connections) == (Outcome.ACCEPTED, 2)


def test_optional_tls_takes_a_certificate_that_nobody_trusts(certified):
    script = [*UPGRADE, *hello()[1:], *envelope(), *TAKEN, *GOODBYE]
    transcript, _ = play(script, context=certified.context, tls=TlsMode.OPPORTUNISTIC)
    assert transcript.outcome is Outcome.ACCEPTED
    assert not transcript.tls.verified


def test_a_certificate_that_nobody_trusts(certified):
    transcript, _ = play(UPGRADE, context=certified.context, tls=TlsMode.STARTTLS)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.TLS)
    assert transcript.fault.startswith("certificate_")
    assert transcript.tls.fault
    assert transcript.tls.chain


def test_a_certificate_for_another_host(certified):
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("other.example").configure_cert(context)
    with ca.cert_pem.tempfile() as ca_file:
        transcript, _ = play(UPGRADE, context=context, tls=TlsMode.STARTTLS, tls_ca=ca_file)
    assert (transcript.stage, transcript.fault) == (Stage.TLS, "certificate_wrong_host")


def test_a_plaintext_port_spoken_to_in_tls():
    transcript, _ = play([Say("220 mx ESMTP"), Hold()], tls=TlsMode.IMPLICIT)
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.TLS)
    assert transcript.fault == "tls_plaintext_peer"


def test_ehlo_refused_after_tls(certified):
    script = [*UPGRADE, Hear("EHLO"), Say("421 4.3.0 No"), Hold()]
    transcript, _ = play(script, **secured(certified))
    assert (transcript.outcome, transcript.stage) == (Outcome.TEMPORARY, Stage.EHLO)


def test_capabilities_that_change_inside_tls(certified):
    script = [*hello("STARTTLS", "AUTH PLAIN"), *UPGRADE[3:]]
    script += [*hello("AUTH LOGIN", "SIZE 5")[1:], *GOODBYE]
    transcript, _ = play(script, None, plan=connection_test(), **secured(certified))
    remarks = [event.text for event in transcript.events if "inside TLS differs" in event.text]
    assert remarks == ["What the server offers inside TLS differs; new: SIZE; changed: AUTH."]


def test_close_without_a_farewell_after_quit(certified):
    script = [*UPGRADE, *hello()[1:], *envelope(), *TAKEN, Hear("QUIT")]
    transcript, _ = play(script, **secured(certified))
    assert transcript.outcome is Outcome.ACCEPTED


# Credentials.

SECRET = "hunter2hunter2"


def test_credentials_do_not_go_over_tls_that_is_not_verified(certified, monkeypatch):
    """On loopback they might, so the rule is told that this host is elsewhere."""
    monkeypatch.setattr("mailgui.net.credentials.is_loopback", lambda host: False)
    script = [*UPGRADE, *hello("AUTH PLAIN LOGIN CRAM-MD5")[1:], *GOODBYE]
    options = {"context": certified.context, "tls_verify": False, "tls": TlsMode.STARTTLS}
    transcript, server = play(
        script, None, plan=connection_test(), username="ann", password=SECRET, **options
    )
    assert (transcript.outcome, transcript.stage) == (Outcome.FAILED, Stage.AUTH)
    assert transcript.fault == "insecure_credentials"
    assert "The password was not sent" in transcript.summary
    assert not any(line.startswith("AUTH") for line in server.lines)


@pytest.mark.parametrize("tls", [TlsMode.NONE, TlsMode.OPPORTUNISTIC])
def test_credentials_do_not_go_in_plaintext(tls, monkeypatch):
    monkeypatch.setattr("mailgui.net.credentials.is_loopback", lambda host: False)
    script = [*hello("AUTH PLAIN"), *GOODBYE]
    options = {"username": "ann", "password": SECRET, "tls": tls}
    transcript, server = play(script, None, plan=connection_test(), **options)
    assert transcript.fault == "insecure_credentials"
    assert server.lines[1:] == ["QUIT"]


def test_credentials_go_where_a_person_said_so(monkeypatch):
    monkeypatch.setattr("mailgui.net.credentials.is_loopback", lambda host: False)
    script = [*hello("AUTH PLAIN"), Hear("AUTH PLAIN"), Say("235 Ok"), *GOODBYE]
    options = {"username": "ann", "password": SECRET, "allow_insecure_auth": True}
    transcript, _ = play(script, None, plan=connection_test(), **options)
    assert transcript.outcome is Outcome.COMPLETED


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"])
def test_the_bound_form_of_scram_needs_tls(mechanism):
    script = [*hello(f"AUTH {mechanism}"), *GOODBYE]
    options = {"username": "ann", "password": SECRET, "auth": mechanism}
    transcript, _ = play(script, None, plan=connection_test(), **options)
    assert transcript.fault == "channel_binding_unavailable"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("mechanism", "hash_name"), [("SCRAM-SHA-256-PLUS", "sha256"), ("SCRAM-SHA-1-PLUS", "sha1")]
)
def test_scram_bound_to_the_connection(certified, mechanism, hash_name, version):
    binding = hashlib.sha256(certified.der).digest()
    certified.context.maximum_version = version
    server = ScramServer(SECRET, hash_name, binding)
    script = [*UPGRADE, *hello(f"AUTH {mechanism} PLAIN")[1:], server, *GOODBYE]
    options = {"username": "ann", "password": SECRET}
    try:
        transcript, served = play(
            script, None, plan=connection_test(), **secured(certified, **options)
        )
    finally:
        certified.context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert transcript.outcome is Outcome.COMPLETED, transcript.summary
    assert not served.problems


@pytest.mark.parametrize(
    ("mechanism", "hash_name"), [("SCRAM-SHA-256", "sha256"), ("SCRAM-SHA-1", "sha1")]
)
@pytest.mark.parametrize("known", [SECRET, "another"])
def test_scram(mechanism, hash_name, known):
    script = [*hello(f"AUTH {mechanism}"), ScramServer(known, hash_name), *GOODBYE]
    options = {"username": "a,n=n", "password": SECRET}
    transcript, _ = play(script, None, plan=connection_test(), **options)
    assert transcript.outcome is (Outcome.COMPLETED if known == SECRET else Outcome.REFUSED)
