"""Whether a chain of certificates leads to a CA that is trusted for this one purpose.

OpenSSL verifies only within a handshake; DANE learns of its CA elsewhere (RFC 7671, section 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mailgui.net.certificates import common_name, covers, describe, unreadable_errors, unwarned

if TYPE_CHECKING:
    from cryptography import x509

_MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is trusted: a certificate in DER or, ``bare_key``, a SubjectPublicKeyInfo."""

    der: bytes
    bare_key: bool = False


@unwarned()
def path_fault(
    chain: Sequence[bytes], anchors: Sequence[Anchor], names: Sequence[str], now: datetime
) -> str:
    """Return why ``chain`` (the host's own first, the others in any order) is not to be trusted
    through one of ``anchors`` for a host of one of ``names``; empty when it is.

    Checked are signatures, validity at ``now``, who may sign whom (RFC 5280, section 6.1) and the
    names (RFC 9525). A critical extension that is not understood here is a fault.
    """
    from cryptography import x509

    try:
        leaf, *others = [x509.load_der_x509_certificate(der) for der in chain]
        trusted = [_Trusted(anchor) for anchor in anchors]
        fault = _leaf_fault(leaf, names, now)
        if fault:
            return fault
        return _climb(leaf, others, trusted, now, below=0)
    except unreadable_errors():
        return "A certificate or key of the chain or of the record cannot be read."


class _Trusted:
    """An anchor, read. Raises one of ``unreadable_errors`` where it cannot be."""

    def __init__(self, anchor: Anchor) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        self.certificate: x509.Certificate | None = None
        self._key: object = None
        if anchor.bare_key:
            self._key = load_der_public_key(anchor.der)
        else:
            self.certificate = x509.load_der_x509_certificate(anchor.der)

    def signed(self, certificate: x509.Certificate) -> bool:
        """Return whether this anchor signed ``certificate``."""
        if self.certificate is not None:
            return _issued(certificate, self.certificate)
        return _signature_fits(certificate, self._key)


def _climb(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Sequence[_Trusted],
    now: datetime,
    *,
    below: int,
) -> str:
    """Go up from ``certificate``, which has ``below`` CAs beneath it; see ``path_fault``."""
    fault = "The chain does not lead to the CA that the record names."
    for anchor in anchors:
        if anchor.signed(certificate):
            above = anchor.certificate
            found = _issuer_fault(above, now, below, anchor=True) if above is not None else ""
            if not found:
                return ""
            fault = found
    if below >= _MAX_DEPTH:
        return fault
    for issuer in others:
        if issuer != certificate and _issued(certificate, issuer):
            found = _issuer_fault(issuer, now, below, anchor=False)
            rest = [other for other in others if other is not issuer]
            found = found or _climb(issuer, rest, anchors, now, below=below + 1)
            if not found:
                return ""
            fault = found
    return fault


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _signature_fits(certificate: x509.Certificate, key: object) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    try:
        parameters = certificate.signature_algorithm_parameters
        digest = certificate.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and digest is not None:
            if not isinstance(parameters, padding.PKCS1v15 | padding.PSS):
                return False
            key.verify(signature, signed, parameters, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
            key.verify(signature, signed, parameters)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, signed)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _leaf_fault(leaf: x509.Certificate, names: Sequence[str], now: datetime) -> str:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    fault = _time_fault(leaf, now) or _extension_fault(leaf)
    if fault:
        return fault
    summary = describe(_der(leaf))
    if not any(covers(summary, name) for name in names):
        wanted, given = " or ".join(names), ", ".join(summary.names[:4]) or "none"
        return f"The certificate's names ({given}) do not cover {wanted}."
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    server = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    return "" if any(u in usages for u in server) else "The certificate is not one for servers."


def _issuer_fault(issuer: x509.Certificate, now: datetime, below: int, *, anchor: bool) -> str:
    from cryptography import x509

    fault = _time_fault(issuer, now) or _extension_fault(issuer)
    if fault:
        return fault
    name = f"“{_name(issuer)}”"
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        if not anchor:  # a trusted root of version 1 has no extensions
            return f"The certificate {name} is not that of a CA."
    else:
        if not basic.ca:
            return f"The certificate {name} is not that of a CA."
        if basic.path_length is not None and below > basic.path_length:
            return f"The CA {name} allows only {basic.path_length} further CAs below it."
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    return "" if usage.key_cert_sign else f"The key of {name} may not sign certificates."


def _time_fault(certificate: x509.Certificate, now: datetime) -> str:
    if now > certificate.not_valid_after_utc:
        ended = certificate.not_valid_after_utc
        return f"The certificate “{_name(certificate)}” expired on {ended:%Y-%m-%d}."
    if now < certificate.not_valid_before_utc:
        begins = certificate.not_valid_before_utc
        return f"The certificate “{_name(certificate)}” is only valid from {begins:%Y-%m-%d}."
    return ""


def _extension_fault(certificate: x509.Certificate) -> str:
    from cryptography import x509

    understood = (
        x509.BasicConstraints,
        x509.KeyUsage,
        x509.ExtendedKeyUsage,
        x509.SubjectAlternativeName,
        x509.CertificatePolicies,
    )
    for extension in certificate.extensions:
        if extension.critical and not isinstance(extension.value, understood):
            oid = extension.oid.dotted_string
            name = _name(certificate)
            return (
                f"The certificate “{name}” has a critical extension that is unknown here ({oid})."
            )
    return ""


def _name(certificate: x509.Certificate) -> str:
    return common_name(describe(_der(certificate)).subject)


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)
