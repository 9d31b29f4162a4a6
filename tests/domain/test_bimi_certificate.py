from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from mailgui.domain.bimi_certificate import read_certificate

NOW = datetime.now(UTC)
MARK = ObjectIdentifier("1.3.6.1.4.1.53087.1.13")
PURPOSE = ObjectIdentifier("1.3.6.1.5.5.7.3.31")
LOGOTYPE = ObjectIdentifier("1.3.6.1.5.5.7.1.12")
CA_KEY, KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def authority(key: ec.EllipticCurvePrivateKey = CA_KEY) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name("Mark CA"))
        .issuer_name(name("Mark CA"))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def pem(
    *,
    host: str = "example.com",
    since: int = -10,
    until: int = 300,
    purpose: bool = True,
    logo: bool = True,
    ca: x509.Certificate | None = None,
    alone: bool = False,
) -> bytes:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Example"),
            x509.NameAttribute(MARK, "Registered Mark"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(name("Mark CA"))
        .public_key(KEY.public_key())
        .serial_number(2)
        .not_valid_before(NOW + timedelta(days=since))
        .not_valid_after(NOW + timedelta(days=until))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([PURPOSE]), critical=False)
    if logo:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(LOGOTYPE, b"\x30\x00"), critical=False
        )
    leaf = builder.sign(CA_KEY, hashes.SHA256())
    chain = [leaf] if alone else [leaf, ca or authority()]
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def faults(octets: bytes, domain: str = "example.com") -> set[str]:
    return {fault.slug for fault in read_certificate(octets, domain).faults}


def test_a_good_one() -> None:
    read = read_certificate(pem(), "example.com")
    assert read.faults == ()
    assert (read.mark, read.names) == ("Registered Mark", ("example.com",))
    assert "CN=Mark CA" in read.issuer


@pytest.mark.parametrize("host", ["example.com", "default._bimi.mail.example.com"])
def test_names_that_fit(host: str) -> None:
    assert faults(pem(host=host), "mail.example.com") == set()


@pytest.mark.parametrize(
    ("octets", "slugs"),
    [
        (b"", {"unreadable"}),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", {"unreadable"}),
        (pem(host="example.org"), {"names"}),
        (pem(until=-1), {"expired"}),
        (pem(since=5), {"early"}),
        (pem(until=9), {"expiring"}),
        (pem(purpose=False), {"purpose"}),
        (pem(logo=False), {"logotype"}),
        (pem(alone=True), {"incomplete"}),
        (pem(ca=authority(KEY)), {"chain"}),
    ],
)
def test_each_fault(octets: bytes, slugs: set[str]) -> None:
    assert faults(octets) == slugs
