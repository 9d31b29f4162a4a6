"""Certificates, read for people."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from mailgui.net.certificates import chain_summaries, common_name, covers, describe, end_point_hash

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def certificate(key, algorithm, names=(), common="mx.example"):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0xABCDEF)
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + timedelta(days=90))
    )
    if names:
        general = [x509.DNSName(n) for n in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("key", "algorithm", "words", "signature"),
    [
        (
            rsa.generate_private_key(65537, 2048),
            hashes.SHA256(),
            "RSA 2048",
            "sha256WithRSAEncryption",
        ),
        (
            ec.generate_private_key(ec.SECP384R1()),
            hashes.SHA384(),
            "EC secp384r1",
            "ecdsa-with-SHA384",
        ),
        (ed25519.Ed25519PrivateKey.generate(), None, "Ed25519", "ED25519"),
    ],
)
def test_what_a_certificate_says(key, algorithm, words, signature):
    der = certificate(key, algorithm, names=("mx.example", "*.example"))
    summary = describe(der)
    assert summary.subject == summary.issuer == "CN=mx.example"
    assert summary.names == ("mx.example", "*.example")
    assert (summary.not_before, summary.not_after) == (BEGIN, BEGIN + timedelta(days=90))
    assert (summary.key, summary.signature, summary.serial) == (words, signature, "abcdef")
    assert summary.sha256 == hashlib.sha256(der).hexdigest()
    assert summary.der == der


def test_control_characters_of_a_certificate_are_made_visible():
    key = ec.generate_private_key(ec.SECP256R1())
    summary = describe(certificate(key, hashes.SHA256(), common="evil\u202e\x1b[2J"))
    assert summary.subject.isprintable()


def test_what_is_no_certificate_is_described_too():
    summary = chain_summaries([b"nonsense"])[0]
    assert summary.subject == "unreadable certificate"
    assert summary.der == b"nonsense"


def test_the_end_point_binding_uses_the_signature_hash(monkeypatch):
    key = ec.generate_private_key(ec.SECP256R1())
    for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        der = certificate(key, algorithm)
        assert end_point_hash(der) == hashlib.new(algorithm.name, der).digest()
    undefined = certificate(ed25519.Ed25519PrivateKey.generate(), None)
    assert end_point_hash(undefined) is None
    assert end_point_hash(b"nonsense") is None


@pytest.mark.parametrize(
    ("names", "host", "expected"),
    [
        (("mx.example",), "MX.example.", True),
        (("*.example",), "mx.example", True),
        (("*.example",), "a.mx.example", False),
        (("mx.example",), "other.example", False),
        ((), "mx.example", False),
    ],
)
def test_which_hosts_a_certificate_covers(names, host, expected):
    key = ec.generate_private_key(ec.SECP256R1())
    assert covers(describe(certificate(key, hashes.SHA256(), names=names)), host) is expected


def test_the_common_name_of_a_subject():
    assert common_name("O=Example,CN=mx.example") == "mx.example"
    assert common_name("O=Example") == "O=Example"
    assert common_name("") == "nobody"


def test_a_certificate_of_no_known_version_is_described_as_unreadable():
    der = bytearray(certificate(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()))
    version = der.index(b"\xa0\x03\x02\x01\x02") + 4
    der[version] = 1
    assert describe(bytes(der)).subject == "unreadable certificate"
