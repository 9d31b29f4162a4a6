import hashlib
import io
import json
import socket
import ssl
import threading

import pytest

PEOPLE = ["--from", "a@good.example", "--to", "b@good.example"]
MESSAGE = [*PEOPLE, "--subject", "Hi", "--text", "Hello"]
FIELDS = {"outcome", "stage", "reply", "recipients", "findings", "phases", "events"}


def smtp(sandbox, *more):
    return ["send", "--server", sandbox.smtp, *MESSAGE, *more]


def test_the_json_document_has_the_contracts_shape(cli_json, sandbox):
    code, document = cli_json(*smtp(sandbox))
    assert code == 0
    assert set(document) >= FIELDS
    assert document["outcome"] == "accepted"
    assert document["stage"] == "message"
    assert document["reply"]["code"] == 250
    assert document["recipients"][0]["address"] == "b@good.example"
    assert set(document["phases"][0]) >= {"name", "start_ms", "duration_ms"}
    event = document["events"][0]
    assert set(event) >= {"t_ms", "direction", "layer", "tls", "text", "expected"}


def test_text_output_reads_as_a_dialogue(cli, sandbox):
    code, out, _ = cli(*smtp(sandbox))
    assert code == 0
    assert " -> MAIL FROM:<a@good.example>" in out
    assert "<-  250" in out


def test_starttls_with_sign_in(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("PW", sandbox.password)
    code, document = cli_json(
        *smtp(sandbox, "--tls", "starttls", "--tls-ca", sandbox.ca_pem_path),
        "--user", sandbox.username, "--password-env", "PW",
    )  # fmt: skip
    assert (code, document["outcome"]) == (0, "accepted")
    assert any(event["text"].startswith("AUTH") and event["tls"] for event in document["events"])
    assert sandbox.password not in str(document)


def test_a_wrong_password_ends_in_28(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("PW", "not-the-one")
    code, document = cli_json(*smtp(sandbox, "--user", sandbox.username, "--password-env", "PW"))
    assert (code, document["outcome"], document["stage"]) == (28, "refused", "auth")
    assert document["findings"]
    assert "not-the-one" not in str(document)


@pytest.mark.parametrize(
    ("recipients", "code", "outcome"),
    [
        (["refuse@good.example"], 24, "refused"),
        (["busy@good.example"], 24, "temporary"),
        (["b@good.example", "refuse@good.example"], 0, "partial"),
    ],
)
def test_refused_recipients(cli_json, sandbox, recipients, code, outcome):
    to = [word for address in recipients for word in ("--to", address)]
    got, document = cli_json(
        "send", "--server", sandbox.smtp, "--from", "a@good.example", "--text", "x", *to
    )
    assert (got, document["outcome"]) == (code, outcome)
    assert [each["address"] for each in document["recipients"]] == recipients
    assert document["findings"]


@pytest.mark.parametrize("stage", ["connect", "banner", "ehlo", "mail", "rcpt", "data"])
def test_stop_points(cli_json, sandbox, stage):
    code, document = cli_json(*smtp(sandbox, "--stop-after", stage))
    assert (code, document["outcome"], document["stage"]) == (0, "completed", stage)


def test_nothing_listens(cli_json):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code, document = cli_json("send", "--server", f"127.0.0.1:{port}", *MESSAGE)
    assert (code, document["outcome"], document["stage"]) == (2, "failed", "connect")


def test_a_stored_message_goes_out_octet_for_octet_without_bcc(cli_json, sandbox, tmp_path):
    file = tmp_path / "m.eml"
    file.write_bytes(b"From: a@good.example\nTo: b@good.example\nBcc: c@good.example\n\nHi\n.dot\n")
    code, document = cli_json("send", file, "--server", sandbox.smtp)
    assert code == 0
    assert [r["address"] for r in document["recipients"]] == ["b@good.example", "c@good.example"]
    received = sandbox.mailbox.body(sandbox.mailbox.list()[0].id)
    assert received.endswith(b"\r\n\r\nHi\r\n.dot\r\n")
    assert b"Bcc" not in received


def test_by_api(cli_json, sandbox, monkeypatch):
    monkeypatch.setenv("KEY", sandbox.api_key)
    code, document = cli_json(
        "send", *MESSAGE, "--provider", "resend", "--base-url", sandbox.base_url("resend"),
        "--key-env", "KEY",
    )  # fmt: skip
    assert (code, document["outcome"]) == (0, "accepted")
    assert document["reply"]["code"] == 200
    assert sandbox.api_key not in str(document)


def test_flags_override_an_api_profile(cli, cli_json, home, sandbox, monkeypatch):
    monkeypatch.setenv("KEY", sandbox.api_key)
    cli("profile", "add", "P", "--provider", "resend", "--from", "a@good.example",
        "--password-env", "KEY")  # fmt: skip
    code, document = cli_json(
        "send", "--profile", "P", "--to", "b@good.example",
        "--base-url", sandbox.base_url("resend"), "--key-env", "KEY",
    )  # fmt: skip
    assert (code, document["outcome"]) == (0, "accepted")


def test_direct_to_the_mail_exchanger_says_what_dns_says(cli_json, sandbox):
    code, document = cli_json(
        "send", "--mx", "--resolver", sandbox.dns, "--from", "a@good.example",
        "--to", "x@nowhere.good.example", "--text", "x",
    )  # fmt: skip
    assert (code, document["outcome"], document["stage"]) == (2, "failed", "dns")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["send", "--server", "127.0.0.1:x"], "not a port"),
        (["send", "--server", "127.0.0.1:25", "--to", "a@b@c"], "a@b@c"),
        (["send", "--server", "127.0.0.1:25", "--from", "a@b.test"], "nobody to send to"),
        (["send", "--server", "127.0.0.1:25", *MESSAGE, "--header", "X"], "“:”"),
        (["send", "--server", "127.0.0.1:25", *MESSAGE, "--attach", "/no/such"], "/no/such"),
        (["send", "--provider", "nobody", *MESSAGE], "no provider"),
        (["send"], "required"),
        (["send", "--server", "127.0.0.1:25", *MESSAGE, "--timeout", "-1"], "seconds"),
        (["send", "--server", "127.0.0.1:25", *MESSAGE, "--password-env", "NO_SUCH"], "NO_SUCH"),
    ],
)
def test_wrong_usage_is_one_sentence_and_64(cli, home, words, says):
    code, out, err = cli(*words)
    assert code == 64
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""


def test_a_header_with_a_line_break_sends_nothing(cli):
    accepted = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        code, _, err = cli(
            "send", "--server", f"127.0.0.1:{port}", *MESSAGE, "--header", "X-A: b\nBcc: c@d.test"
        )
        try:
            server.accept()[0].close()
            accepted.set()
        except TimeoutError:
            pass
    assert code == 64
    assert err
    assert not accepted.is_set()


def test_no_password_for_mail_exchangers(cli, home, monkeypatch):
    monkeypatch.setenv("PW", "canary-1729")
    code, _, err = cli("send", "--mx", *MESSAGE, "--user", "u", "--password-env", "PW")
    assert code == 64
    assert "--mx" in err


@pytest.mark.parametrize("sender", ["", "<>"])
def test_the_null_sender_sends_as_a_bounce_does(cli_json, sandbox, sender):
    words = ["send", "--server", sandbox.smtp, "--to", "b@good.example", "--from", sender]
    code, document = cli_json(*words)
    assert code == 0
    assert any(event["text"].startswith("MAIL FROM:<> ") for event in document["events"])


def test_flags_override_the_sandboxs_profile(cli_json, home, monkeypatch):
    monkeypatch.setenv("PW", "not-the-one")
    words = ["send", "--profile", "Sandbox SMTP", "--to", "b@good.example"]
    code, document = cli_json(*words, "--user", "somebody", "--password-env", "PW")
    assert (code, document["stage"]) == (28, "auth")


def test_a_domain_without_a_route_names_the_recipients(cli_json, sandbox):
    words = ["send", "--mx", "--from", "a@good.example", "--to", "b@none.invalid"]
    code, document = cli_json(*words, "--resolver", sandbox.dns)
    assert (code, document["stage"]) == (2, "dns")
    assert [each["address"] for each in document["recipients"]] == ["b@none.invalid"]


def test_a_message_on_standard_input(cli_json, cli, sandbox, monkeypatch):
    def put(octets):
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": io.BytesIO(octets)}))

    put(b"From: a@good.example\r\nTo: b@good.example\r\nSubject: By pipe\r\n\r\nHello\r\n")
    code, document = cli_json("send", "-", "--server", sandbox.smtp)
    assert (code, document["outcome"]) == (0, "accepted")
    assert sandbox.mailbox.list()[0].subject == "By pipe"
    put(b"")
    assert cli("send", "-", "--server", sandbox.smtp)[0] == 64


def test_the_document_tells_of_tls_and_of_what_the_server_offers(cli_json, sandbox, tmp_path):
    chain = tmp_path / "chain.pem"
    tls = ["--tls", "starttls", "--tls-ca", sandbox.ca_pem_path, "--tls-chain", chain]
    code, document = cli_json("send", "--server", sandbox.smtp, *MESSAGE, *tls)
    assert code == 0
    assert document["tls"]["verified"] is True
    assert document["tls"]["version"].startswith("TLSv1.")
    first = document["tls"]["chain"][0]
    assert first["names"]
    assert [answer["tls"] for answer in document["ehlo"]] == [False, True]
    assert "STARTTLS" in document["ehlo"][0]["capabilities"]
    pem = chain.read_text(encoding="ascii")
    der = ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 26])
    assert hashlib.sha256(der).hexdigest() == first["sha256"].replace(":", "").lower()


def test_the_chain_of_a_refused_certificate_is_saved_too(cli_json, sandbox, tmp_path):
    chain = tmp_path / "chain.pem"
    words = ["send", "--server", sandbox.smtp, *MESSAGE, "--tls", "starttls"]
    code, document = cli_json(*words, "--tls-chain", chain)
    assert (code, document["tls"]["verified"]) == (29, False)
    assert document["tls"]["fault"]
    assert chain.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")


def test_where_there_is_no_chain_to_save_that_is_said(cli, sandbox, tmp_path):
    words = ["send", "--server", sandbox.smtp, *MESSAGE, "--tls", "none", "--json"]
    code, _, err = cli(*words, "--tls-chain", tmp_path / "c.pem")
    assert code == 0
    assert err == f"The server showed no certificate, so {tmp_path / 'c.pem'} was not written.\n"
    assert not (tmp_path / "c.pem").exists()


def test_a_chain_that_cannot_be_written(cli, sandbox, tmp_path):
    words = ["send", "--server", sandbox.smtp, *MESSAGE, "--tls", "starttls", "--json"]
    code, out, err = cli(*words, "--tls-chain", tmp_path / "no" / "c.pem")
    assert code == 74
    assert json.loads(out)["stage"] == "tls"
    assert "could not be written to" in err
