"""X.509 certificates, read for people."""

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from mailgui.net.hosts import literal_address
from mailgui.transcript import CertificateSummary, visible

if TYPE_CHECKING:
    from cryptography import x509

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def chain_summaries(chain: Iterable[bytes]) -> tuple[CertificateSummary, ...]:
    """Describe each certificate of a chain, the host's own first."""
    return tuple(describe(der) for der in chain)


@contextmanager
def unwarned() -> Iterator[None]:
    """Read a stranger's certificates without the library's warnings about oddities in them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=256)
@unwarned()
def describe(der: bytes) -> CertificateSummary:
    """Describe one certificate; one that cannot be read is described as such, not refused."""
    from cryptography import x509

    sha256 = hashlib.sha256(der).hexdigest()
    try:
        certificate = x509.load_der_x509_certificate(der)
        return CertificateSummary(
            subject=visible(certificate.subject.rfc4514_string()),
            issuer=visible(certificate.issuer.rfc4514_string()),
            names=_names(certificate),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key=_key(certificate),
            signature=_signature(certificate),
            serial=f"{certificate.serial_number:x}",
            sha256=sha256,
            der=der,
        )
    except unreadable_errors():
        unreadable = "unreadable certificate"
        return CertificateSummary(
            unreadable, unreadable, (), _NEVER, _NEVER, "unknown", "unknown", "", sha256, der
        )


def unreadable_errors() -> tuple[type[Exception], ...]:
    """Return what reading a certificate may raise: a stranger's may be malformed anywhere."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    return (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    )


def common_name(name: str) -> str:
    """Return the CN of a subject or issuer as ``describe`` writes it, or all of it without one."""
    for part in name.split(","):
        if part.startswith("CN="):
            return part[3:]
    return name or "nobody"


def covers(certificate: CertificateSummary, host: str) -> bool:
    """Return whether one of the certificate's names is ``host`` (RFC 9525; no Common Name)."""
    address = literal_address(host)
    if address is not None:
        return str(address) in certificate.names
    wanted = host.rstrip(".").lower()
    wildcard = "*." + wanted.partition(".")[2]
    return any(name.lower() in (wanted, wildcard) for name in certificate.names)


def end_point_hash(der: bytes) -> bytes | None:
    """Return the ``tls-server-end-point`` channel binding of a certificate (RFC 5929, section 4).

    The hash is that of the certificate's signature, with SHA-256 in place of MD5 and SHA-1; None
    where the signature has no single hash (Ed25519), as the RFC leaves that undefined.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with unwarned():
            algorithm = x509.load_der_x509_certificate(der).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm is None:
        return None
    name = "sha256" if algorithm.name in ("md5", "sha1") else algorithm.name
    return hashlib.new(name, der).digest()


def public_key_info(der: bytes) -> bytes | None:
    """Return the SubjectPublicKeyInfo of a certificate, octet for octet as it stands there.

    Walked by hand (RFC 5280, section 4.1): a key written anew may come out differently, and one
    of an unknown kind not at all. None where ``der`` is no certificate.
    """
    try:
        outer = _der_value(der, 0)
        start, end = _der_value(der, outer[0])
        spans = []
        while start < end:
            value = _der_value(der, start)
            spans.append((start, value[1]))
            start = value[1]
    except IndexError:
        return None
    explicit_version = bool(spans) and der[spans[0][0]] == 0xA0
    index = 6 if explicit_version else 5  # serial, signature, issuer, validity, subject, key
    return der[slice(*spans[index])] if len(spans) > index else None


def _der_value(der: bytes, at: int) -> tuple[int, int]:
    """Return where the value of the DER element at ``at`` begins and ends, or raise IndexError."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[start : start + size], "big"), start + size
    if start + length > len(der):
        raise IndexError
    return start, start + length


def _names(certificate: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    addresses: list[IPv4Address | IPv6Address] = [
        address
        for address in names.get_values_for_type(x509.IPAddress)
        if isinstance(address, IPv4Address | IPv6Address)
    ]
    return tuple(visible(name) for name in (*hosts, *map(str, addresses)))


def _key(certificate: "x509.Certificate") -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown"
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
    return type(key).__name__


def _signature(certificate: "x509.Certificate") -> str:
    from cryptography.x509.oid import SignatureAlgorithmOID

    oid = certificate.signature_algorithm_oid
    for name, value in vars(SignatureAlgorithmOID).items():
        if value == oid:
            family, _, digest = name.partition("_WITH_")
            if family == "RSA":
                return f"{digest.lower()}WithRSAEncryption"
            return f"{family.lower()}-with-{digest}" if digest else name
    return oid.dotted_string
