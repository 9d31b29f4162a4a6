"""What OpenSSL's errors mean, said to a person."""

import re
import ssl
from datetime import UTC, datetime

from mailgui.net.certificates import common_name, covers
from mailgui.transcript import CertificateSummary, octets_to_text

Verdict = tuple[str, str]  # a kind of NetworkFault, and its sentence

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_VERIFY_KINDS = {
    2: "certificate_untrusted",
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_untrusted",
    20: "certificate_untrusted",
    21: "certificate_untrusted",
    62: "certificate_wrong_host",
    64: "certificate_wrong_host",
    66: "certificate_weak",
    67: "certificate_weak",
    68: "certificate_weak",
}
_WEAK = ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK")
_PLAINTEXT = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
_VERSION = (
    "UNSUPPORTED_PROTOCOL",
    "NO_PROTOCOLS_AVAILABLE",
    "WRONG_SSL_VERSION",
    "VERSION_TOO_LOW",
)
_ALERT = re.compile(r"^(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(.+)$")
_CLIENT_CERTIFICATE_ALERTS = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
)
_VERSION_SENTENCE = (
    "{} offers no TLS version that is allowed here: it is too old, or the allowed range too narrow."
)
_RECORD_TYPES = b"\x14\x15\x16\x17"  # RFC 8446, section 5.1


def is_tls(octets: bytes) -> bool:
    """Return whether what a peer first sent can be a TLS record."""
    return octets[:1] in _RECORD_TYPES


def plaintext_verdict(peer: str, octets: bytes) -> Verdict:
    """Say what it means that ``octets`` came where TLS was due."""
    line = octets_to_text(octets.partition(b"\n")[0].rstrip())[:100]
    quoted = f" (“{line}”)" if line.strip() else ""
    start = f"{peer} answered in plain text{quoted}, not TLS. "
    if octets.startswith(b"HTTP/"):
        advice = "It speaks plain HTTP on this port: use an address that begins with http://."
    elif octets.startswith((b"+OK", b"* OK")):
        advice = "It looks like a mailbox server (POP3 or IMAP), not an SMTP server."
    elif octets[:3].isdigit():
        advice = (
            "Choose STARTTLS or no TLS for this port, or a port for implicit TLS (usually 465)."
        )
    else:
        advice = "This port is not for TLS from the start."
    return "tls_plaintext_peer", start + advice


def handshake_verdict(
    error: ssl.SSLError, peer: str, host: str, chain: tuple[CertificateSummary, ...]
) -> Verdict:
    """Say what ``error`` of a handshake with ``peer`` means; ``chain`` is what it presented."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_verdict(error, host, chain)
    reason = error.reason or ""
    # Python 3.11.2 and older ignore a missing close_notify, so that a bare end looks orderly.
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or "EOF" in reason:
        return "tls_handshake", f"{peer} closed the connection during the TLS handshake."
    if reason in _WEAK:
        return "certificate_weak", _weak(host, chain)
    if reason in _PLAINTEXT:
        return plaintext_verdict(peer, b"")
    if reason in _VERSION:
        return "tls_version", _VERSION_SENTENCE.format(peer)
    if alert := _ALERT.match(reason):
        return _alert_verdict(alert[1], peer)
    words = reason.replace("_", " ").lower() or "no reason given"
    return "tls_handshake", f"The TLS handshake with {peer} failed: {words}."


def _alert_verdict(alert: str, peer: str) -> Verdict:
    words = alert.replace("_", " ").lower()
    if alert == "PROTOCOL_VERSION":
        return "tls_version", _VERSION_SENTENCE.format(peer)
    if alert in _CLIENT_CERTIFICATE_ALERTS:
        if alert == "CERTIFICATE_REQUIRED":
            return "tls_client_certificate", f"{peer} demands a client certificate."
        sentence = f"{peer} refused the client certificate ({words})."
        return "tls_client_certificate", sentence
    if alert == "HANDSHAKE_FAILURE":
        sentence = (
            f"{peer} broke the TLS handshake off (handshake failure): no cipher in common, or it "
            "demands a client certificate."
        )
        return "tls_alert", sentence
    return "tls_alert", f"{peer} broke the TLS connection off: {words}."


def _certificate_verdict(
    error: ssl.SSLCertVerificationError, host: str, chain: tuple[CertificateSummary, ...]
) -> Verdict:
    kind = _VERIFY_KINDS.get(error.verify_code) or _guess(host, chain)
    if not chain:
        sentence = f"The certificate of {host} is not valid: {error.verify_message}."
    elif kind == "certificate_expired":
        expired = min(chain, key=lambda c: c.not_after)
        sentence = f"{_which(expired, chain, host)} expired on {expired.not_after:%Y-%m-%d}."
    elif kind == "certificate_not_yet_valid":
        early = max(chain, key=lambda c: c.not_before)
        sentence = (
            f"{_which(early, chain, host)} is only valid from {early.not_before:%Y-%m-%d}: "
            "check this machine's clock, then the server's certificate."
        )
    elif kind == "certificate_self_signed":
        sentence = (
            f"The certificate of {host} is signed by itself, so nobody vouches for it. If it is "
            "yours, name it as the CA file."
        )
    elif kind == "certificate_untrusted":
        sentence = _untrusted(host, chain)
    elif kind == "certificate_wrong_host":
        sentence = _wrong_host(host, chain[0])
    elif kind == "certificate_weak":
        sentence = _weak(host, chain)
    else:
        sentence = f"The certificate of {host} is not valid: {error.verify_message}."
    return kind, sentence


def fault_place(kind: str, host: str, chain: tuple[CertificateSummary, ...]) -> int | None:
    """Return where in ``chain`` the certificate stands that a fault of ``kind`` is about, or None.

    OpenSSL does not hand out the place; each kind of fault shows in the certificate itself.
    """
    now = datetime.now(UTC)
    if not chain or not kind.startswith("certificate_"):
        return None
    if kind == "certificate_expired":
        return chain.index(min(chain, key=lambda c: c.not_after))
    if kind == "certificate_not_yet_valid":
        return chain.index(max(chain, key=lambda c: c.not_before))
    if kind == "certificate_untrusted":
        return len(chain) - 1  # whose issuer is not known here
    if kind == "certificate_weak":
        return next((n for n, each in enumerate(chain) if _is_weak(each)), 0)
    if kind == "certificate_invalid":
        late = (n for n, each in enumerate(chain) if not each.not_before <= now <= each.not_after)
        return next(late, 0)
    return 0


def _is_weak(certificate: CertificateSummary) -> bool:
    family, _, bits = certificate.key.partition(" ")
    small = family in ("RSA", "DSA") and bits.isdigit() and int(bits) < 2048
    return small or certificate.signature.lower().startswith(("md5", "sha1", "ecdsa-with-sha1"))


def _guess(host: str, chain: tuple[CertificateSummary, ...]) -> str:
    """Name the fault from the chain itself, where the verifier's code is not OpenSSL's."""
    now = datetime.now(UTC)
    if not chain:
        return "certificate_invalid"
    if any(c.not_after < now for c in chain):
        return "certificate_expired"
    if any(c.not_before > now for c in chain):
        return "certificate_not_yet_valid"
    if not covers(chain[0], host):
        return "certificate_wrong_host"
    if chain[0].subject == chain[0].issuer:
        return "certificate_self_signed"
    return "certificate_invalid"


def _which(
    certificate: CertificateSummary, chain: tuple[CertificateSummary, ...], host: str
) -> str:
    if certificate is chain[0]:
        return f"The certificate of {host}"
    return f"The CA certificate “{common_name(certificate.subject)}” above {host}"


def _untrusted(host: str, chain: tuple[CertificateSummary, ...]) -> str:
    top = chain[-1]
    sentence = f"The certificate of {host} comes from “{common_name(top.issuer)}”, "
    if top.subject == top.issuer:
        return (
            sentence + "which this machine does not trust. If it is yours, name it as the CA file."
        )
    if len(chain) == 1:
        return sentence + (
            "which this machine does not know. If that is your own CA, name it as the CA file; "
            "otherwise the server fails to send the intermediate certificate."
        )
    return sentence + "which this machine does not know."


def _wrong_host(host: str, leaf: CertificateSummary) -> str:
    if not leaf.names:
        name = common_name(leaf.subject)
        return (
            f"The certificate of {host} names its host only in its Common Name (“{name}”), "
            "which no longer counts: it needs a Subject Alternative Name."
        )
    names = ", ".join(leaf.names[:4]) + (" and others" if len(leaf.names) > 4 else "")
    return f"The certificate is not for {host}, but for {names}."


def _weak(host: str, chain: tuple[CertificateSummary, ...]) -> str:
    kinds = ", ".join(dict.fromkeys(f"{c.key}, {c.signature}" for c in chain))
    return f"The certificate of {host} is too weak to be trusted ({kinds})."
