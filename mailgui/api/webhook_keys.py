"""Keys of webhooks: how a person gives them, and what they are."""

import base64
import binascii
import re
from typing import TYPE_CHECKING

from mailgui.api.webhook_definition import Signature
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_PUBLIC = re.compile(r"(?:^|;)\s*p=([A-Za-z0-9+/=\s]+)")


class KeyProblem(WrongInput):
    """A key is not of the kind that the provider gives out; the text is a sentence."""


def secret_octets(signature: Signature, key: str) -> bytes:
    """Return the octets that an HMAC is keyed with. Raises KeyProblem."""
    text = key.strip()
    if signature.key == "text":
        return text.encode()
    if signature.key_prefix:
        if not text.startswith(signature.key_prefix):
            raise KeyProblem(
                f"The {signature.key_label.lower()} begins with {signature.key_prefix}; this one "
                "does not, so it is another key."
            )
        text = text.removeprefix(signature.key_prefix)
    octets = from_base64(text)
    if not octets:
        raise KeyProblem(f"The {signature.key_label.lower()} is not base64: was it cut?")
    return octets


def from_base64(text: str) -> bytes | None:
    """Return what base64 says, its padding optional; None where it is none."""
    bare = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def ec_public_key(key: str) -> "EllipticCurvePublicKey":
    """Return a P-256 public key given as PEM or as base64. Raises KeyProblem."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    found = _public_key(key)
    if not isinstance(found, EllipticCurvePublicKey) or not isinstance(found.curve, SECP256R1):
        raise KeyProblem("The key is a public key of another kind: one on the curve P-256 is due.")
    return found


def rsa_public_key(key: str) -> "RSAPublicKey":
    """Return an RSA public key given as PEM, base64 or a DKIM record. Raises KeyProblem."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    found = _public_key(key)
    if not isinstance(found, RSAPublicKey):
        raise KeyProblem("The key is a public key of another kind: an RSA key is due.")
    return found


def _public_key(key: str) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import (
        load_der_public_key,
        load_pem_public_key,
    )

    text = key.strip()
    if "PRIVATE KEY" in text:
        raise KeyProblem("That is a private key: the public one is due. Keep the private one safe.")
    try:
        if text.startswith("-----"):
            return load_pem_public_key(text.encode())
        record = _PUBLIC.search(text)
        octets = from_base64(record[1] if record else text)
        return load_der_public_key(octets or b"")
    except (ValueError, UnsupportedAlgorithm):
        raise KeyProblem("The public key cannot be read: PEM or base64 is due.") from None
