"""The key of a signature: asked for in the DNS, and judged for that signature.

RFC 6376, section 6.1.2. That no answer came is not that there is no key: the one is a temperror,
the other a permerror.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgui.domain.dkim_key import MIN_RSA_BITS, DkimKey, parse_key
from mailgui.domain.dkim_signature import ALGORITHMS, Signature
from mailgui.domain.questions import Asker
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_MOST_KEYS = 10  # each is tried for each signature


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """What stands under a selector. ``keys`` and ``records`` go together; one is usual, and of very
    many the first few are looked at.
    """

    answer: Answer
    records: tuple[str, ...]
    keys: tuple[DkimKey, ...]


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a signature cannot be checked: a result of RFC 8601, and one sentence."""

    result: str
    reason: str


async def find_keys(name: str, asker: Asker) -> FoundKeys:
    """Return what stands at ``selector._domainkey.domain``."""
    answer = await asker.ask(name, "TXT")
    records = answer.records[:_MOST_KEYS]
    return FoundKeys(answer, records, tuple(parse_key(text) for text in records))


def missing(found: FoundKeys) -> Unusable | None:
    """Return why there is no key to be had, or None where there is one."""
    answer = found.answer
    name = visible(answer.name)
    if not answer.conclusive:
        why = answer.reason or f"The name server answered {answer.status.value}."
        return Unusable("temperror", f"The key at {name} could not be asked for. {visible(why)}")
    if not found.keys:
        return Unusable("permerror", f"There is no key at {name}.")
    return None


def unfit(key: DkimKey, signature: Signature) -> Unusable | None:
    """Return why ``key`` does not serve ``signature``, or None where it does."""
    if key.revoked:
        return Unusable("permerror", "The key is revoked: its p= is empty.")
    if key.faults or key.bits is None:
        sentence = key.faults[0] if key.faults else "It cannot be read."
        return Unusable("permerror", f"The key cannot be used. {visible(sentence)}")
    wanted = ALGORITHMS.get(signature.algorithm)
    if key.algorithm != wanted:
        said = f"a={signature.algorithm}, and the key is one for {key.algorithm}"
        return Unusable("permerror", visible(f"The signature says {said}."))
    identity = signature.identity.rpartition("@")[2].lower().removesuffix(".")
    if key.strict and identity != signature.domain:
        return Unusable(
            "permerror",
            f"The key is for {signature.domain} alone (t=s), and the signature names "
            f"{visible(identity)} in i=.",
        )
    if key.algorithm == "rsa" and key.bits < MIN_RSA_BITS:
        return Unusable(
            "policy",
            f"The key has only {key.bits} bits; receivers must not accept fewer than "
            f"{MIN_RSA_BITS} (RFC 8301).",
        )
    return None


def verifies(key: DkimKey, signature: Signature, octets: bytes) -> bool:
    """Return whether the signature over ``octets`` is by ``key``, one that is fit for it."""
    from cryptography.exceptions import InvalidSignature

    try:
        _verify(key, signature.value, octets)
    except (InvalidSignature, ValueError):
        return False
    return True


def _verify(key: DkimKey, value: bytes, octets: bytes) -> None:
    """Raises InvalidSignature."""
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    public = _public_key(key)
    if isinstance(public, Ed25519PublicKey):
        public.verify(value, hashlib.sha256(octets).digest())  # RFC 8463: the hash is signed
    else:
        public.verify(value, octets, PKCS1v15(), SHA256())


def _public_key(key: DkimKey) -> RSAPublicKey | Ed25519PublicKey:
    """Raises ValueError where it cannot be read, which ``parse_key`` has found out before."""
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    octets = base64.b64decode("".join((key.tags.get("p") or "").split()))
    if key.algorithm == "ed25519":
        return Ed25519PublicKey.from_public_bytes(octets)
    public = load_der_public_key(octets)
    if not isinstance(public, RSAPublicKey):
        raise ValueError("The key is not an RSA key.")
    return public
