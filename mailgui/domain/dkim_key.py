"""One published DKIM key, read and judged: RFC 6376, section 3.6.1; RFC 8301; RFC 8463."""

import base64
import binascii
from dataclasses import dataclass

from mailgui.domain.tag_list import TagList, parse_tag_list

MIN_RSA_BITS = 1024  # below, verifiers must not accept it: RFC 8301, section 3.2
GOOD_RSA_BITS = 2048
MAX_RSA_BITS = 4096  # verifiers need not go beyond: RFC 8301, section 3.2
_ED25519_OCTETS = 32


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key record's content.

    Attributes:
        algorithm: ``rsa``, ``ed25519``, or what the record says.
        bits: the key's size; None where it cannot be read.
        revoked: ``p=`` is empty: signatures with it are void.
        testing, strict: the flags ``t=y`` (verifiers take no notice of failures) and ``t=s`` (no
            subdomains).
        hashes: the accepted hash algorithms; empty for all.
        services: what it may be used for; ``*`` for all.
        faults: what breaks the grammar or cannot be used, one sentence each.
    """

    tags: TagList
    algorithm: str = "rsa"
    bits: int | None = None
    revoked: bool = False
    testing: bool = False
    strict: bool = False
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ("*",)
    note: str = ""
    faults: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a verifier would take a signature by it."""
        return not self.faults and not self.revoked and self.bits is not None


def looks_like_key(text: str) -> bool:
    """Return whether a TXT record may be a DKIM key at all."""
    tags = parse_tag_list(text)
    return tags.get("v") == "DKIM1" or tags.get("p") is not None


def parse_key(text: str) -> DkimKey:
    """Return the key record ``text`` parsed; never raises."""
    tags = parse_tag_list(text)
    faults = list(tags.faults)
    faults += [f"The tag {name}= stands here twice." for name in tags.repeated]
    if tags.get("v") is not None and (tags.names[0] != "v" or tags.get("v") != "DKIM1"):
        faults.append("v=DKIM1 must come first, exactly so.")
    algorithm = (tags.get("k") or "rsa").lower()
    hashes = _list(tags.get("h"))
    services = _list(tags.get("s")) or ("*",)
    flags = _list(tags.get("t"))
    public = tags.get("p")
    bits = None
    if public is None:
        faults.append("The tag p=, which holds the key, is missing.")
    elif public:
        try:
            bits = _bits(algorithm, public)
        except ValueError as error:
            faults.append(str(error))
    if hashes and "sha256" not in hashes:
        faults.append(f"h={tags.get('h')} leaves out SHA-256, the only hash that is accepted.")
    if "*" not in services and "email" not in services:
        faults.append(f"s={tags.get('s')} does not allow the key to be used for e-mail.")
    return DkimKey(
        tags=tags,
        algorithm=algorithm,
        bits=bits,
        revoked=public == "",
        testing="y" in flags,
        strict="s" in flags,
        hashes=hashes,
        services=services,
        note=tags.get("n") or "",
        faults=tuple(faults),
    )


def repaired(key: DkimKey) -> str | None:
    """Return the record of a sound key without what keeps it from being used: a test flag, a hash
    or a service that leaves e-mail out, a version in the wrong place. None where the key itself is
    at fault.
    """
    if key.bits is None or key.tags.faults or key.tags.repeated:
        return None
    tags = []
    for name, value in key.tags.tags:
        if name == "t":
            value = ":".join(flag for flag in _list(value) if flag != "y")
        narrow = (name == "h" and "sha256" not in key.hashes) or (
            name == "s" and not {"*", "email"} & set(key.services)
        )
        if name != "v" and value and not narrow:
            tags.append(f"{name}={value}")
    return "; ".join(["v=DKIM1", *tags])


def _list(value: str | None) -> tuple[str, ...]:
    return tuple(p.strip().lower() for p in value.split(":") if p.strip()) if value else ()


def _bits(algorithm: str, public: str) -> int:
    """Return the size of the key. Raises ValueError with a sentence."""
    if algorithm not in ("rsa", "ed25519"):
        raise ValueError(f"The key type k={algorithm[:20]} is unknown to DKIM.")
    try:
        octets = base64.b64decode("".join(public.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("What stands in p= is not base64.") from None
    if algorithm == "ed25519":
        if len(octets) != _ED25519_OCTETS:
            raise ValueError(f"An Ed25519 key has 32 octets, not {len(octets)} (RFC 8463).")
        return 256
    return _rsa_bits(octets)


def _rsa_bits(octets: bytes) -> int:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    # PKCS#1 alone is what the standard's text names; in practice everybody wraps it (RFC 6376,
    # erratum 3017). load_der_public_key reads both.
    try:
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("What stands in p= is not a readable RSA key.") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("What stands in p= is a key, but not an RSA one, as k= says.")
    return key.key_size
