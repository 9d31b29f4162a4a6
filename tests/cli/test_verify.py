import io

import pytest

from mailgui.worker import Worker
from tests.support.name_server import NameServer, Zone
from tests.support.signing import MESSAGE, record, rsa_key, sign


@pytest.fixture(scope="module")
def resolver():
    """A name server in an engine thread of its own; yields its address."""
    zone = Zone(
        "good.example TXT v=spf1 ip4:192.0.2.25 -all\n_dmarc.good.example TXT v=DMARC1; p=reject"
    )
    zone.add("s1._domainkey.good.example", "TXT", record(rsa_key()))
    server = NameServer(zone)
    worker = Worker()
    worker.submit(server.__aenter__).result(30)
    yield server.address
    worker.submit(server.__aexit__, None, None, None).result(30)
    assert worker.drain(10)


@pytest.fixture
def message(tmp_path):
    def write(octets):
        path = tmp_path / "message.eml"
        path.write_bytes(octets)
        return path

    return write


def test_the_document(cli_json, message, resolver):
    path = message(sign().replace(b"\r\n", b"\n"))
    code, document = cli_json("verify", path, "--ip", "192.0.2.25", "--resolver", resolver)
    assert code == 0
    (signature,) = document["dkim"]
    assert (signature["result"], signature["domain"], signature["selector"]) == (
        "pass",
        "good.example",
        "s1",
    )
    assert (signature["algorithm"], signature["bits"]) == ("rsa-sha256", 2048)
    assert document["arc"]["result"] == "none"
    assert (document["spf"]["result"], document["dmarc"]["result"]) == ("pass", "pass")
    assert document["hops"] == []
    assert all(
        set(f) >= {"id", "severity", "title", "explanation", "fix"} for f in document["findings"]
    )


def test_an_altered_message_ends_in_0_unless_told_otherwise(cli_json, cli, message, resolver):
    path = message(sign().replace(b"noon?", b"one?"))
    words = ["verify", path, "--ip", "203.0.113.1", "--resolver", resolver]
    code, document = cli_json(*words)
    assert (code, document["dkim"][0]["result"], document["dmarc"]["disposition"]) == (
        0,
        "fail",
        "reject",
    )
    assert cli(*words, "--fail-on", "broken")[0] == 1


def test_as_text(cli, message, resolver):
    received = (
        b"Received: from a.example ([192.0.2.25]) by mx.example with ESMTPS; "
        b"Tue, 03 Nov 2026 12:00:05 +0000\r\n"
    )
    told = b"Authentication-Results: mx.example; dkim=pass header.d=good.example\r\n"
    code, out, _ = cli("verify", message(received + told + sign()), "--resolver", resolver)
    assert code == 0
    assert "DKIM    pass: good.example, selector s1, rsa-sha256, 2048 bits\n" in out
    assert "DMARC   pass (policy reject): " in out
    assert "  1. a.example → mx.example ESMTPS\n" in out
    assert "mx.example said: dkim=pass\n" in out


def test_a_stranger_cannot_steer_the_terminal(cli, message, resolver):
    evil = MESSAGE.replace(b"Lunch", b"\x1b[2JLunch")
    _, out, _ = cli("verify", message(evil), "--resolver", resolver)
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("octets", "words", "sentence"),
    [
        (None, [], "cannot be read: no such file"),
        (b"", [], "not a message"),
        (MESSAGE, ["--ip", "nonsense"], "not an IP address"),
        (MESSAGE, ["--resolver", "ftp://x"], "ftp"),
    ],
)
def test_wrong_usage(cli, message, tmp_path, octets, words, sentence):
    path = tmp_path / "absent.eml" if octets is None else message(octets)
    code, out, err = cli("verify", path, *words)
    assert (code, out, err.count("\n")) == (64, "", 1)
    assert sentence in err


def test_standard_input_is_read_for_a_dash(cli_json, cli, resolver, monkeypatch):
    def put(octets):
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": io.BytesIO(octets)}))

    put(sign())
    code, document = cli_json("verify", "-", "--resolver", resolver)
    assert (code, document["dkim"][0]["result"]) == (0, "pass")
    put(b"")
    code, _, err = cli("verify", "-", "--resolver", resolver)
    assert (code, err) == (64, "Standard input is empty.\n")
    monkeypatch.setattr("sys.stdin", None)
    code, _, err = cli("verify", "-", "--resolver", resolver)
    assert (code, "closed" in err) == (64, True)


def test_a_long_field_does_not_fill_the_terminal(cli, message, resolver):
    path = message(b"From: " + b"a" * 1_000_000 + b"\r\nSubject: b\r\n\r\nx")
    code, out, _ = cli("verify", path, "--resolver", resolver)
    assert (code, "a…" in out) == (0, True)
    assert len(out) < 5_000
