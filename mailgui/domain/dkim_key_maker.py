"""New DKIM key pairs with the record to publish, and a private key held against a published one.

RSA (RFC 6376, with the sizes of RFC 8301) and Ed25519 (RFC 8463). The private key is returned and
never kept: whoever calls writes it where the person says.
"""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mailgui.domain.dkim_key import DkimKey, parse_key
from mailgui.domain.names import parse_domain, to_ascii
from mailgui.domain.publish import txt_record

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_LONGEST = 63  # octets of a label


class KeyKind(StrEnum):
    """The keys that can be made."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"
    ED25519 = "ed25519"


class KeyProblem(ValueError):
    """A private key cannot be read or used; the text is a sentence without any of the key."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key pair.

    Attributes:
        name: where the record stands.
        text: the record's content, in one piece.
        private_pem: PKCS #8, unencrypted: keep it 0600.
    """

    name: str
    text: str
    private_pem: bytes = field(repr=False)

    @property
    def zone_line(self) -> str:
        """The record as a zone file has it, in strings of at most 255 octets."""
        return txt_record(self.name, self.text)


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """What came of holding a private key against a published record."""

    matches: bool
    sentence: str


def make_key(domain: str, selector: str, kind: KeyKind) -> KeyPair:
    """Return a new key pair. Takes up to a second for RSA. Raises ValueError with a sentence."""
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    name = record_name(domain, selector)
    key: PrivateKeyTypes
    if kind is KeyKind.ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = rsa.generate_private_key(65537, int(kind.value.removeprefix("rsa-")))
    return KeyPair(name, _record_of(key), _pem(key))


def record_name(domain: str, selector: str) -> str:
    """Return where a selector's record stands. Raises ValueError with a sentence."""
    wanted = selector.strip()
    labels = wanted.split(".")
    try:
        ascii_selector = to_ascii(wanted)
    except ValueError:
        ascii_selector = ""
    good = all(
        0 < len(label) <= _LONGEST and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )
    if not ascii_selector or not good:
        raise ValueError("A selector is one or more labels of letters, digits and hyphens.")
    return f"{ascii_selector}._domainkey.{parse_domain(domain)}"


def compare_with_record(private_pem: bytes, record: str) -> KeyMatch:
    """Return whether a private key belongs to a published key record. Raises KeyProblem."""
    key = _load(private_pem)
    published = parse_key(record)
    ours = parse_key(_record_of(key))
    if published.revoked:
        return KeyMatch(False, "The published key is revoked: its p= is empty.")
    if not published.tags.get("p"):
        return KeyMatch(False, "The record holds no key: it has no p=.")
    if ours.algorithm != published.algorithm:
        return KeyMatch(
            False,
            f"The private key is {_kind(ours)}, the published one {_kind(published)}: "
            "they do not belong together.",
        )
    if _numbers(ours) == _numbers(published):
        return KeyMatch(True, f"They belong together: {_kind(ours)}.")
    return KeyMatch(
        False,
        f"They do not belong together: both are keys of their own ({_kind(ours)} here, "
        f"{_kind(published)} published). Publish the record of this key, or sign with the other.",
    )


def _load(pem: bytes) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        raise KeyProblem("The private key is locked by a passphrase: unlock it first.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyProblem("The file holds no private key in PEM form that can be read.") from None
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise KeyProblem("DKIM knows RSA and Ed25519 keys; this one is neither.")
    return key


def _record_of(key: "PrivateKeyTypes") -> str:
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def _pem(key: "PrivateKeyTypes") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _kind(key: DkimKey) -> str:
    if key.algorithm == "ed25519":
        return "Ed25519"
    return f"{key.algorithm.upper()} {key.bits}" if key.bits else key.algorithm.upper()


def _numbers(key: DkimKey) -> object:
    """Return what makes the key itself, whichever of its encodings the record has."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        octets = base64.b64decode("".join((key.tags.get("p") or "").split()), validate=True)
        if key.algorithm == "ed25519":
            return octets
        public = load_der_public_key(octets)
    except ValueError:
        return None
    return public.public_numbers() if isinstance(public, rsa.RSAPublicKey) else None
