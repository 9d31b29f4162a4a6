"""``mailgui send`` against Exim and OpenSMTPD, beside the Postfix of the other tests."""

import json

import pytest

from mailgui.cli.main import run
from tests.servers.exim import PASSWORD, USER

PEOPLE = ["--from", "ann@sender.example", "--subject", "Grüße", "--text", "Hello.\n.dot\n"]


@pytest.fixture
def send(capsys, tmp_path, monkeypatch):
    """Send with these words; returns (exit code, document)."""
    monkeypatch.setenv("MAILGUI_HOME", str(tmp_path))
    monkeypatch.setenv("SERVER_PASSWORD", PASSWORD)

    def sent(server, recipient, *words):
        port = f"{server.host}:{server.port}"
        arguments = ["send", "--server", port, "--to", recipient, *PEOPLE, *words, "--json"]
        code = run([str(word) for word in arguments])
        return code, json.loads(capsys.readouterr().out)

    return sent


@pytest.fixture
def secured(authority):
    return ["--tls", "starttls", "--tls-ca", authority.ca_file]


@pytest.fixture
def signed_in(secured):
    return [*secured, "--user", USER, "--password-env", "SERVER_PASSWORD"]


def texts(document, direction="sent"):
    return [event["text"] for event in document["events"] if event["direction"] == direction]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_exim_starttls_and_sign_in(exim, send, signed_in, mechanism):
    recipient = f"{mechanism.lower()}@inbox.example"
    code, document = send(exim, recipient, *signed_in, "--auth", mechanism)
    assert (code, document["outcome"]) == (0, "accepted")
    delivered = exim.wait_for(recipient)
    assert b"with esmtpsa" in delivered
    assert b"\n.dot\n" in delivered
    assert PASSWORD not in json.dumps(document)


def test_exim_chunking(exim, send, signed_in):
    code, document = send(exim, "bdat@inbox.example", *signed_in, "--chunking")
    assert code == 0
    assert any(text.startswith("BDAT ") for text in texts(document))
    assert b"Hello." in exim.wait_for("bdat@inbox.example")


def test_exim_dsn_parameters(exim, send, signed_in):
    words = ["--dsn-notify", "SUCCESS,FAILURE", "--dsn-ret", "HDRS", "--dsn-envid", "QQ1"]
    code, document = send(exim, "dsn@inbox.example", *signed_in, *words)
    assert code == 0
    assert any("RET=HDRS ENVID=QQ1" in text for text in texts(document))
    assert any("NOTIFY=SUCCESS,FAILURE" in text for text in texts(document))


def test_exim_takes_an_international_address(exim, send, signed_in):
    code, document = send(exim, "grüße@inbox.example", *signed_in)
    assert code == 0
    assert any("SMTPUTF8" in text for text in texts(document))


def test_exim_refuses_a_wrong_password(exim, send, signed_in, monkeypatch):
    monkeypatch.setenv("SERVER_PASSWORD", "wrong-canary")
    code, document = send(exim, "x@inbox.example", *signed_in)
    assert (code, document["outcome"], document["stage"]) == (28, "refused", "auth")
    assert "wrong-canary" not in json.dumps(document)


@pytest.mark.parametrize(
    ("recipient", "outcome", "reply"),
    [
        ("unknown@inbox.example", "refused", 550),
        ("later@inbox.example", "temporary", 451),
        ("someone@elsewhere.example", "refused", 550),
    ],
)
def test_exim_refuses_recipients(exim, send, secured, recipient, outcome, reply):
    code, document = send(exim, recipient, *secured)
    assert (code, document["outcome"], document["stage"]) == (24, outcome, "rcpt")
    assert document["reply"]["code"] == reply
    assert document["findings"]


def test_exim_bulk_over_several_connections(exim, send, secured):
    code, document = send(exim, "bulk@inbox.example", *secured, "--count", 12, "--connections", 3)
    assert (code, document["outcomes"]) == (0, {"accepted": 12})


def test_opensmtpd_takes_a_message(opensmtpd, send):
    code, document = send(opensmtpd, "hello@inbox.example", "--tls", "none")
    assert (code, document["outcome"]) == (0, "accepted")
    delivered = opensmtpd.wait_for("hello@inbox.example")
    assert b"\n.dot\n" in delivered
    assert document["reply"]["enhanced"] == "2.0.0"


def test_opensmtpd_refuses_to_relay(opensmtpd, send):
    code, document = send(opensmtpd, "someone@elsewhere.example", "--tls", "none")
    assert (code, document["outcome"], document["stage"]) == (24, "refused", "rcpt")
    assert document["reply"]["code"] == 550


def test_opensmtpd_stop_points(opensmtpd, send):
    for stage in ("banner", "ehlo", "mail", "rcpt", "data"):
        code, document = send(
            opensmtpd, "stop@inbox.example", "--tls", "none", "--stop-after", stage
        )
        assert (code, document["outcome"], document["stage"]) == (0, "completed", stage)
