"""Keys that the sandbox signs its own webhooks with: made anew at each start, known to nobody."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailgui.api.webhook_definition import Signature
from mailgui.api.webhook_keys import KeyProblem, ec_public_key, rsa_public_key, secret_octets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WebhookKeys:
    """A pair: what signs, and what a receiver is given to check that.

    Attributes:
        private: a secret text, or a private key of the ``cryptography`` library.
        public: the signing key as a person would enter it; "" where the scheme needs none.
        certificate: PEM, of schemes that sign with one.
    """

    private: Any = field(repr=False)
    public: str = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)


def make_webhook_keys(signature: Signature) -> WebhookKeys:
    """Return new keys for a scheme. Takes some tenths of a second for RSA, so it blocks."""
    if signature.scheme == "ecdsa":
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        return WebhookKeys(key, _spki(key.public_key()))
    if signature.scheme == "rsa":
        rsa_key = _rsa()
        return WebhookKeys(rsa_key, _spki(rsa_key.public_key()))
    if signature.scheme == "sns":
        rsa_key = _rsa()
        return WebhookKeys(rsa_key, "", _certificate(rsa_key))
    if signature.scheme == "basic":
        pair = f"sandbox:{secrets.token_hex(16)}"
        return WebhookKeys(pair, pair)
    if signature.key == "base64":
        octets = base64.b64encode(secrets.token_bytes(24)).decode()
        text = signature.key_prefix + octets
        return WebhookKeys(text, text)
    text = secrets.token_hex(24)
    return WebhookKeys(text, text)


def webhook_keys_from(signature: Signature, text: str) -> WebhookKeys:
    """Return the keys that a person gives to sign with: the secret itself, or of schemes with a
    pair the private key as PEM. Raises KeyProblem.
    """
    key = text.strip()
    if signature.scheme == "sns":
        raise KeyProblem("SNS signs with the service's own certificate: there is no key to give.")
    if signature.scheme not in {"ecdsa", "rsa"}:
        if signature.scheme in {"hmac", "md5_in_body"}:
            secret_octets(signature, key)
        return WebhookKeys(key, key)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyProblem("To sign, a private key as PEM without a pass phrase is due.") from None
    public = _spki(private.public_key())
    check = ec_public_key if signature.scheme == "ecdsa" else rsa_public_key
    check(public)
    return WebhookKeys(private, public)


def _rsa() -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _spki(public: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


def _certificate(key: "RSAPrivateKey") -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MailGUI sandbox")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
