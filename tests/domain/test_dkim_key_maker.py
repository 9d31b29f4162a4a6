import base64
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mailgui.domain.dkim_key import parse_key
from mailgui.domain.dkim_key_maker import (
    KeyKind,
    KeyProblem,
    compare_with_record,
    make_key,
)


@pytest.fixture(scope="module")
def rsa():
    return make_key("Example.com", "s1", KeyKind.RSA_2048)


@pytest.fixture(scope="module")
def ed():
    return make_key("example.com", "s2.mail", KeyKind.ED25519)


def test_an_rsa_key_and_its_record(rsa):
    key = parse_key(rsa.text)
    assert (key.algorithm, key.bits, key.usable) == ("rsa", 2048, True)
    assert rsa.name == "s1._domainkey.example.com"
    strings = re.findall(r'"([^"]*)"', rsa.zone_line)
    assert "".join(strings) == rsa.text
    assert len(strings) == 2
    assert all(len(text) <= 255 for text in strings)
    assert rsa.private_pem.startswith(b"-----BEGIN PRIVATE KEY-----")


def test_an_ed25519_key_and_its_record(ed):
    key = parse_key(ed.text)
    assert (key.algorithm, key.bits, key.usable) == ("ed25519", 256, True)
    assert len(base64.b64decode(ed.text.rpartition("p=")[2])) == 32


def test_keys_are_new_each_time(ed):
    assert make_key("example.com", "s", KeyKind.ED25519).text != ed.text


def test_the_private_key_is_not_in_the_repr(rsa):
    assert "PRIVATE" not in repr(rsa)


def test_a_private_key_and_its_published_record_belong_together(rsa, ed):
    for pair in (rsa, ed):
        assert compare_with_record(pair.private_pem, pair.text).matches
    spaced = rsa.text.replace("p=", "p= ").replace("v=DKIM1; ", "")
    assert compare_with_record(rsa.private_pem, spaced).matches


def test_a_bare_rsa_key_in_the_record_is_the_same_key(rsa):
    private = serialization.load_pem_private_key(rsa.private_pem, None)
    bare = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.PKCS1
    )
    record = f"k=rsa; p={base64.b64encode(bare).decode()}"
    assert compare_with_record(rsa.private_pem, record).matches


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=DKIM1; p=", "revoked"),
        ("v=DKIM1", "no p="),
        ("v=DKIM1; k=ed25519; p=AAAA", "the published one Ed25519"),
        ("v=DKIM1; p=AAAA", "They do not belong together"),
    ],
)
def test_others_do_not(rsa, record, words):
    match = compare_with_record(rsa.private_pem, record)
    assert not match.matches
    assert words in match.sentence


def test_another_key_of_the_same_kind_does_not(rsa, ed):
    other = make_key("example.com", "x", KeyKind.ED25519)
    assert not compare_with_record(ed.private_pem, other.text).matches


def test_what_is_no_usable_key_is_said_without_it():
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    elliptic = ec.generate_private_key(ec.SECP256R1())
    locked = elliptic.private_bytes(*pem, serialization.BestAvailableEncryption(b"secret"))
    cases = {
        "neither": elliptic.private_bytes(*pem, serialization.NoEncryption()),
        "passphrase": locked,
        "no private key": b"CANARY is not a key",
    }
    for words, octets in cases.items():
        with pytest.raises(KeyProblem, match=words) as caught:
            compare_with_record(octets, "v=DKIM1; p=AAAA")
        assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("selector", ["", "a b", "a..b", ".", "x" * 64, "a/b"])
def test_what_is_no_selector(selector):
    with pytest.raises(ValueError, match="selector"):
        make_key("example.com", selector, KeyKind.ED25519)
