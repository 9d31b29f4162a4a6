"""``mailgui verify`` with keys and policies that BIND serves."""

import json

import pytest

from mailgui.cli.main import run
from tests.support.signing import MESSAGE, ed25519_key, record, rsa_key, sign


def strings(text):
    """Return a TXT record as a zone file has it, in strings of at most 255 octets."""
    parts = [text[start : start + 200] for start in range(0, len(text), 200)]
    return "( " + " ".join(f'"{part}"' for part in parts) + " )"


@pytest.fixture(scope="module")
def bind(start_bind):
    zone = f"""
@ IN TXT "v=spf1 ip4:192.0.2.25 -all"
_dmarc IN TXT "v=DMARC1; p=quarantine"
s1._domainkey IN TXT {strings(record(rsa_key()))}
ed._domainkey IN CNAME ed.keys
ed.keys IN TXT {strings(record(ed25519_key()))}
"""
    return start_bind({"good.example": zone, "example": "@ IN A 192.0.2.1"})


@pytest.fixture
def verify(bind, capsys, tmp_path):
    def judged(octets, *words):
        path = tmp_path / "message.eml"
        path.write_bytes(octets)
        code = run(["verify", str(path), "--resolver", bind.address, "--json", *words])
        assert code == 0
        return json.loads(capsys.readouterr().out)

    return judged


def test_both_algorithms_spf_and_dmarc(verify):
    document = verify(sign(sign(), ed25519_key(), selector="ed"), "--ip", "192.0.2.25")
    assert [each["result"] for each in document["dkim"]] == ["pass", "pass"]
    assert [each["bits"] for each in document["dkim"]] == [256, 2048]
    assert (document["spf"]["result"], document["dmarc"]["result"]) == ("pass", "pass")


def test_a_selector_without_a_key_and_an_altered_message(verify):
    document = verify(sign(sign().replace(b"noon?", b"one?"), selector="none"), "--ip", "192.0.2.9")
    assert [each["result"] for each in document["dkim"]] == ["permerror", "fail"]
    assert document["dmarc"]["result"] == "fail"
    assert document["dmarc"]["disposition"] == "quarantine"


def test_a_domain_that_does_not_exist(verify):
    document = verify(MESSAGE.replace(b"good.example", b"nowhere.example"), "--ip", "192.0.2.25")
    assert (document["dkim"], document["spf"]["result"]) == ([], "none")
    assert document["dmarc"]["result"] == "none"
