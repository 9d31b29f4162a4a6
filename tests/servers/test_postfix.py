"""The Postfix of the tests does what the other tests take for granted."""

import smtplib
import ssl
import subprocess

import pytest

from tests.servers import availability
from tests.servers.postfix import HOST_NAME, PASSWORD, USER

MESSAGE = (
    b"From: Ann <ann@sender.example>\r\n"
    b"To: someone@inbox.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Date: Tue, 03 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <one@sender.example>\r\n"
    b"X-Folded: first\r\n"
    b"\tsecond\r\n"
    b"\r\n"
    b".a line that begins with a dot\r\n"
    b"From the start of a line\r\n"
    b"trailing space \r\n"
    b"8 bit: Gr\xc3\xbc\xc3\x9fe\r\n"
    b"\r\n"
)


@pytest.fixture
def trusting(authority):
    return ssl.create_default_context(cafile=authority.ca_file)


@pytest.fixture
def secured(postfix, trusting):
    """A connection after STARTTLS."""
    with smtplib.SMTP("localhost", postfix.port, timeout=20) as client:
        client.starttls(context=trusting)
        client.ehlo("client.example")
        yield client


def test_what_is_delivered_is_what_was_sent(postfix, secured):
    recipient = "octets@inbox.example"
    secured.sendmail("ann@sender.example", [recipient], MESSAGE, ["BODY=8BITMIME"])
    (message,) = postfix.wait_for(recipient)
    assert message.content == MESSAGE
    assert message.sender == "ann@sender.example"
    assert "ESMTPS" in message.received
    assert HOST_NAME in message.received


def test_each_recipient_gets_its_own_copy(postfix, secured):
    recipients = ["one@inbox.example", "two@inbox.example"]
    secured.sendmail("ann@sender.example", recipients, MESSAGE)
    assert [postfix.wait_for(address)[0].recipient for address in recipients] == recipients


@pytest.mark.parametrize(("name", "code"), [("unknown", 550), ("later", 450), ("full", 552)])
def test_some_addresses_are_refused(postfix, secured, name, code):
    secured.mail("ann@sender.example")
    assert secured.rcpt(f"{name}@inbox.example")[0] == code


def test_starttls_is_offered_and_auth_only_after_it(postfix, trusting):
    with smtplib.SMTP("localhost", postfix.port, timeout=20) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        client.starttls(context=trusting)
        client.ehlo()
        assert client.esmtp_features["auth"].split() == [
            "PLAIN",
            "LOGIN",
            "CRAM-MD5",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
        ]


def test_relaying_needs_the_right_password(postfix, secured):
    secured.mail("ann@sender.example")
    assert secured.rcpt("someone@elsewhere.example")[0] == 554
    secured.rset()
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        secured.login(USER, "wrong")
    assert refused.value.smtp_code == 535
    secured.login(USER, PASSWORD)
    secured.sendmail("ann@sender.example", ["relayed@elsewhere.example"], MESSAGE)
    (message,) = postfix.wait_for("relayed@elsewhere.example")
    assert "ESMTPSA" in message.received


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_mechanisms_without_tls(postfix, mechanism):
    with smtplib.SMTP("localhost", postfix.plain_port, timeout=20) as client:
        client.ehlo()
        assert not client.has_extn("starttls")
        client.user, client.password = USER, PASSWORD
        method = getattr(client, f"auth_{mechanism.lower().replace('-', '_')}")
        assert client.auth(mechanism, method)[0] == 235


def test_implicit_tls(postfix, trusting):
    with smtplib.SMTP_SSL("localhost", postfix.tls_port, context=trusting, timeout=20) as client:
        assert client.noop()[0] == 250


def test_an_unknown_authority_is_not_trusted(postfix):
    with smtplib.SMTP("localhost", postfix.port, timeout=20) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=ssl.create_default_context())
        client.close()


def test_settings_of_a_test_win(start_postfix):
    server = start_postfix({"smtpd_tls_security_level": "none"})
    with smtplib.SMTP("localhost", server.port, timeout=20) as client:
        client.ehlo()
        assert not client.has_extn("starttls")


def test_a_server_that_is_stopped_leaves_nothing(start_postfix):
    server = start_postfix()
    folder = server.folder
    server.stop()
    with pytest.raises(OSError):  # noqa: PT011 - refused, reset: the system's choice
        smtplib.SMTP("localhost", server.port, timeout=5)
    assert not folder.exists()


def test_swaks_agrees(postfix):
    swaks = availability.program("swaks", "swaks")
    recipient = "swaks@inbox.example"
    server = ["--server", f"localhost:{postfix.plain_port}", "--helo", "client.example"]
    auth = ["--auth", "PLAIN", "--auth-user", USER, "--auth-password", PASSWORD]
    envelope = ["--from", "ann@sender.example", "--to", recipient]
    done = subprocess.run(
        [swaks, *server, *auth, *envelope], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert postfix.wait_for(recipient)[0].sender == "ann@sender.example"
