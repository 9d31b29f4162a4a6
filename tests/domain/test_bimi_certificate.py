import base64
import gzip
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from mailgui.domain.bimi_authorities import MarkAuthority, mark_authorities
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


CA = authority()


def known(until: date | None = None, root: x509.Certificate = CA) -> tuple[MarkAuthority, ...]:
    digest = root.fingerprint(hashes.SHA256()).hex()
    return (MarkAuthority("Mark Co", "Mark CA", digest, "https://marks.example/", until),)


def uri(picture: bytes) -> bytes:
    packed = base64.b64encode(gzip.compress(picture)) if picture else b""
    return b"data:image/svg+xml;base64," + packed


def pem(
    *,
    host: str = "example.com",
    since: int = -10,
    until: int = 300,
    purpose: bool = True,
    logo: bool = True,
    picture: bytes = b"",
    ca: x509.Certificate | None = None,
    alone: bool = False,
    signer: tuple[str, ec.EllipticCurvePrivateKey] = ("Mark CA", CA_KEY),
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
        .issuer_name(name(signer[0]))
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
            x509.UnrecognizedExtension(LOGOTYPE, b"\x30\x00" + uri(picture)), critical=False
        )
    leaf = builder.sign(signer[1], hashes.SHA256())
    chain = [leaf] if alone else [leaf, ca or CA]
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def faults(octets: bytes, domain: str = "example.com") -> set[str]:
    return {fault.slug for fault in read_certificate(octets, domain, known=known()).faults}


def test_a_good_one() -> None:
    read = read_certificate(pem(), "example.com", known=known())
    assert read.faults == ()
    assert (read.mark, read.names) == ("Registered Mark", ("example.com",))
    assert "CN=Mark CA" in read.issuer
    assert (read.authority, read.proven) == ("Mark Co", True)


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


def test_an_authority_that_nobody_knows() -> None:
    read = read_certificate(pem(), "example.com", known=())
    assert [fault.slug for fault in read.faults] == ["authority"]
    assert "CN=Mark CA" in read.faults[0].sentence
    assert (read.authority, read.proven) == ("", False)


def test_by_default_the_known_ones_are_those_that_ship_with_mailgui() -> None:
    assert [fault.slug for fault in read_certificate(pem(), "example.com").faults] == ["authority"]


def test_one_of_the_same_name_is_not_the_authority() -> None:
    impostor = known(root=authority(KEY))
    read = read_certificate(pem(), "example.com", known=impostor)
    assert [fault.slug for fault in read.faults] == ["authority"]


def test_a_file_without_the_root_tells_its_authority_by_name() -> None:
    middle_key = ec.generate_private_key(ec.SECP256R1())
    middle = (
        x509.CertificateBuilder()
        .subject_name(name("Middle"))
        .issuer_name(name("Mark CA"))
        .public_key(middle_key.public_key())
        .serial_number(3)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(CA_KEY, hashes.SHA256())
    )
    leaf = pem(signer=("Middle", middle_key), alone=True)
    read = read_certificate(leaf + middle.public_bytes(Encoding.PEM), "example.com", known=known())
    assert read.faults == ()
    assert (read.authority, read.proven) == ("Mark Co", False)


@pytest.mark.parametrize(("days", "slugs"), [(-5, {"withdrawn"}), (-20, set())])
def test_one_that_an_authority_issued_when_it_was_no_longer_trusted(
    days: int, slugs: set[str]
) -> None:
    until = (NOW - timedelta(days=10)).date()
    read = read_certificate(pem(since=days), "example.com", known=known(until))
    assert {fault.slug for fault in read.faults} == slugs


def test_the_logo_inside_is_taken_out() -> None:
    assert read_certificate(pem(picture=b"<svg/>"), "example.com").logo == b"<svg/>"
    assert read_certificate(pem(), "example.com").logo == b""


def test_the_data_on_authorities_is_in_order() -> None:
    authorities = mark_authorities()
    assert {"DigiCert", "GlobalSign", "SSL.com"} <= {each.name for each in authorities}
    assert len({each.sha256 for each in authorities}) == len(authorities)
    for each in authorities:
        assert len(bytes.fromhex(each.sha256)) == 32
        assert each.source.startswith("https://")
