"""``mailgui send`` and real servers: XCLIENT, PROXY, DSN, client certificates, LMTP."""

import asyncio
import json
import re

import pytest

from mailgui.cli.main import run
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Recorder, Stage
from tests.servers.dovecot_lmtp import FULL
from tests.servers.postfix import PASSWORD, USER

TRUSTED = {"smtpd_authorized_xclient_hosts": "127.0.0.0/8"}
BEHIND_PROXY = {"smtpd_upstream_proxy_protocol": "haproxy"}


@pytest.fixture
def send(capsys, monkeypatch, authority):
    """Run ``mailgui send --json``; returns (exit code, document)."""
    monkeypatch.setenv("PW", PASSWORD)

    def call(*words):
        usual = ["--from", "a@sender.example", "--text", "Hi", "--helo", "me.example"]
        trust = ["--tls-ca", authority.ca_file]
        code = run(["send", *usual, *trust, *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def server(port, *more):
    return ["--server", f"127.0.0.1:{port}", *more]


def lines(document):
    return [e["text"] for e in document["events"] if e["direction"] == "sent"]


def test_xclient(start_postfix, send):
    postfix = start_postfix(TRUSTED)
    to = "posing@inbox.example"
    flags = ["--xclient-name", "spike.example", "--xclient-addr", "192.0.2.77",
             "--xclient-helo", "the other", "--xclient-proto", "ESMTP"]  # fmt: skip
    code, document = send(*server(postfix.port, "--to", to, "--tls", "starttls", *flags))
    assert code == 0, document["summary"]
    assert lines(document)[3] == (
        "XCLIENT NAME=spike.example ADDR=192.0.2.77 PROTO=ESMTP HELO=the+20other"
    )
    (message,) = postfix.wait_for(to)
    assert "spike.example [192.0.2.77]" in message.received


def test_xclient_to_a_server_that_trusts_nobody(postfix, send):
    code, document = send(
        *server(postfix.port, "--to", USER, "--tls", "none", "--xclient-name", "spike.example")
    )
    assert (code, document["stage"]) == (33, "ehlo")
    assert "trusts" in document["summary"]


def test_xclient_refused_by_the_server(postfix, send):
    code, document = send(
        *server(postfix.port, "--to", USER, "--tls", "none", "--xclient", "NAME=x"),
        "--extensions-anyway",
    )
    assert (code, document["reply"]["code"]) == (33, 550)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("implicit", [False, True])
def test_the_proxy_protocol(start_postfix, send, version, implicit):
    postfix = start_postfix(BEHIND_PROXY)
    to = f"proxied{version}@inbox.example"
    flags = ["--proxy-source", "192.0.2.99:4711", "--proxy-dest", "192.0.2.1:25",
             "--proxy-version", version]  # fmt: skip
    port = postfix.tls_port if implicit else postfix.plain_port
    tls = ["--tls", "implicit" if implicit else "none"]
    code, document = send(*server(port, "--to", to, *tls, *flags))
    assert code == 0, document["summary"]
    (message,) = postfix.wait_for(to)
    assert "[192.0.2.99]" in message.received


def test_a_server_behind_a_proxy_drops_whoever_does_not_announce(start_postfix, send):
    postfix = start_postfix({**BEHIND_PROXY, "smtpd_upstream_proxy_timeout": "1s"})
    code, document = send(*server(postfix.plain_port, "--to", USER, "--tls", "none"))
    assert (code, document["stage"]) in ((6, "banner"), (21, "banner"))


def test_a_delivery_report_is_asked_for(postfix, send):
    to = "reported@inbox.example"
    flags = ["--dsn-notify", "SUCCESS", "--dsn-ret", "HDRS", "--dsn-envid", "env+1",
             "--dsn-orcpt"]  # fmt: skip
    words = server(postfix.plain_port, "--to", to, "--tls", "none", *flags)
    words[words.index("--to") : words.index("--to")] = ["--reply-to", "x@inbox.example"]
    code, document = send(*words)
    assert code == 0, document["summary"]
    mail, rcpt = (next(x for x in lines(document) if x.startswith(v)) for v in ("MAIL", "RCPT"))
    assert "RET=HDRS ENVID=env+2B1" in mail
    assert rcpt.endswith("NOTIFY=SUCCESS ORCPT=rfc822;reported@inbox.example")
    postfix.wait_for(to)
    (report,) = postfix.wait_for("a@sender.example")
    assert report.sender == ""
    assert b"Original-Envelope-Id: env+1" in report.content
    assert b"Action: delivered" in report.content


@pytest.fixture
def demanding(start_postfix, authority):
    """A Postfix that lets only clients with a certificate in."""
    return start_postfix(
        {
            "smtpd_tls_req_ccert": "yes",
            "smtpd_tls_security_level": "encrypt",
            "smtpd_tls_CAfile": authority.ca_file,
            "smtpd_tls_received_header": "yes",
        }
    )


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate(demanding, send, authority, version):
    pair = authority.issue("client.example")
    to = f"certified-{version.lower()}@inbox.example"
    flags = ["--tls", "starttls", "--tls-max", version]
    certificate = ["--tls-cert", pair.certificate, "--tls-key", pair.key]
    words = server(demanding.port, "--to", to, *flags)
    code, document = send(*words, *certificate)
    assert code == 0, document["summary"]
    (message,) = demanding.wait_for(to)
    assert version in message.received
    assert "Client CN" in message.received
    code, document = send(*words)
    assert code != 0
    assert document["outcome"] in ("failed", "temporary")


@pytest.mark.parametrize(("flag", "value"), [("--tls-max", "TLSv1.2"), ("--tls-min", "TLSv1.3")])
def test_the_tls_version_is_ones_own_choice(postfix, send, flag, value):
    words = server(postfix.port, "--to", USER, "--tls", "starttls", "--stop-after", "tls")
    code, document = send(*words, flag, value)
    assert (code, document["stage"]) == (0, "tls")
    assert any(event["text"].startswith(value) for event in document["events"])


def test_a_cipher_of_ones_own_choice(postfix, send):
    cipher = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"
    words = server(postfix.port, "--to", USER, "--tls", "starttls", "--stop-after", "tls")
    code, document = send(*words, "--tls-max", "TLSv1.2", "--tls-ciphers", cipher)
    assert code == 0, document["summary"]
    assert any(re.match(r"TLSv1\.2 · ECDHE-.*AES128-GCM", e["text"]) for e in document["events"])


def test_another_name_is_asked_for_and_expected(postfix, send):
    words = server(postfix.port, "--to", USER, "--tls", "starttls", "--stop-after", "tls")
    assert send(*words, "--tls-sni", "localhost")[0] == 0
    code, document = send(*words, "--tls-sni", "elsewhere.example")
    assert (code, document["stage"]) == (29, "tls")
    assert "elsewhere.example" in document["summary"]


@pytest.mark.parametrize("resume", [True, False])
def test_a_further_connection_takes_up_the_tls_session(postfix, authority, resume):
    settings = SmtpSettings(
        "127.0.0.1",
        postfix.port,
        tls=TlsMode.STARTTLS,
        tls_ca=authority.ca_file,
        tls_maximum="TLSv1.2",
        tls_resume=resume,
    )

    async def twice():
        found = []
        async with Session(settings, password=None, plan=Plan(stop_after=Stage.TLS)) as session:
            for _ in range(2):
                found.append(await session.send(None, recorder=Recorder(Kind.SMTP)))
                await session.hang_up()
        return found

    first, second = asyncio.run(twice())
    assert first.tls.verified
    assert not first.tls.resumed
    assert second.tls.resumed is resume


@pytest.mark.parametrize(
    "mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
)
def test_each_mechanism_of_dovecot(postfix, send, mechanism):
    words = server(postfix.port, "--to", USER, "--tls", "starttls", "--stop-after", "auth")
    code, document = send(*words, "--user", USER, "--password-env", "PW", "--auth", mechanism)
    assert (code, document["stage"], document["reply"]["code"]) == (0, "auth", 235)
    assert PASSWORD not in str(document)


def test_lmtp_over_a_unix_socket_has_a_fate_for_each_recipient(lmtp, send):
    people = ["--to", "one@inbox.example", "--to", FULL, "--to", "two@inbox.example"]
    code, document = send("--socket", lmtp.socket, "--protocol", "lmtp", *people)
    assert code == 0, document["summary"]
    assert document["outcome"] == "partial"
    assert [r["outcome"] for r in document["recipients"]] == ["accepted", "refused", "accepted"]
    assert lines(document)[0] == "LHLO me.example"
    for name in ("one", "two"):
        assert b"Hi\n" in lmtp.wait_for(name)


def test_lmtp_by_bdat(lmtp, send):
    people = ["--to", "one@inbox.example", "--to", "two@inbox.example"]
    code, document = send("--socket", lmtp.socket, "--protocol", "lmtp", "--chunking", *people)
    assert (code, document["outcome"]) == (0, "accepted"), document["summary"]
    assert any(line.startswith("BDAT") for line in lines(document))


def test_bare_lf_and_what_postfix_makes_of_it(postfix, send):
    to = "bare@inbox.example"
    words = server(postfix.plain_port, "--to", to, "--tls", "none", "--bare-lf")
    code, document = send(*words)
    assert code == 0, document["summary"]
    assert any(e["text"].startswith("On purpose: ") for e in document["events"])
    (message,) = postfix.wait_for(to)
    assert b"\r\n\r\nHi\r\n" in message.content


def test_an_order_of_ones_own(postfix, send):
    steps = ["connect", "banner", "rcpt", "ehlo", "mail", "rcpt", "data", "message", "quit"]
    to = "ordered@inbox.example"
    words = server(postfix.plain_port, "--to", to, "--go-on")
    code, document = send(*words, *[word for step in steps for word in ("--step", step)])
    assert code == 0, document["summary"]
    assert document["outcome"] == "accepted"
    assert [line.split()[0] for line in lines(document)][:4] == ["RCPT", "EHLO", "MAIL", "RCPT"]
    postfix.wait_for(to)
