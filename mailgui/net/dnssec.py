"""Signatures and keys of the DNS: read out of answers and checked (RFC 4033 to 4035, RFC 6840).

Nothing here asks: what goes in are answers that were asked for with ``signed``. Work is bounded,
whatever an answer holds: a few signatures, a few keys (CVE-2023-50387).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from mailgui.net.dns_answer import Answer

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rdtypes.ANY.DNSKEY import DNSKEY
    from dns.rdtypes.ANY.DS import DS
    from dns.rdtypes.ANY.RRSIG import RRSIG
    from dns.rrset import RRset

Fault = Literal["", "missing", "expired", "early", "wrong", "unsupported"]
MAX_SIGNATURES, MAX_KEYS = 8, 16  # looked at, of one set of records
ALGORITHMS = {
    1: "RSAMD5",
    3: "DSA",
    5: "RSASHA1",
    6: "DSA-NSEC3-SHA1",
    7: "RSASHA1-NSEC3-SHA1",
    8: "RSASHA256",
    10: "RSASHA512",
    12: "ECC-GOST",
    13: "ECDSAP256SHA256",
    14: "ECDSAP384SHA384",
    15: "ED25519",
    16: "ED448",
}
WEAK_ALGORITHMS = frozenset({1, 3, 5, 6, 7, 12})  # must not sign: RFC 8624, RFC 9905
DIGESTS = {1: "SHA-1", 2: "SHA-256", 3: "GOST", 4: "SHA-384"}
_SECURE_ENTRY = 0x0001  # the flag of key-signing keys


@dataclass(frozen=True, slots=True)
class Signed:
    """A set of records with its signatures; ``rrset`` is None where there are no such records."""

    rrset: RRset | None
    signatures: tuple[RRSIG, ...]

    @property
    def expires(self) -> int | None:
        """When the last of its signatures ends, in seconds since 1970."""
        return max((int(signature.expiration) for signature in self.signatures), default=None)

    @property
    def lasts(self) -> int:
        """For how many seconds the longest of its signatures was made."""
        spans = [int(s.expiration) - int(s.inception) for s in self.signatures]
        return max(spans, default=0)


@dataclass(frozen=True, slots=True)
class Delegation:
    """One DS record."""

    tag: int
    algorithm: int
    digest_type: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.tag} {self.algorithm} {self.digest_type} {self.digest.hex().upper()}"


@dataclass(frozen=True, slots=True)
class Key:
    """One DNSKEY record, for people; ``bits`` is None where the algorithm fixes the size."""

    tag: int
    algorithm: int
    secure_entry: bool
    bits: int | None

    @property
    def words(self) -> str:
        """The key in a few words, such as ``20326 RSASHA256 2048 bits, key-signing``."""
        name = ALGORITHMS.get(self.algorithm, f"algorithm {self.algorithm}")
        size = f" {self.bits} bits" if self.bits else ""
        return f"{self.tag} {name}{size}{', key-signing' if self.secure_entry else ''}"


def parse_delegation(text: str) -> Delegation:
    """Return the DS record in presentation form. Raises ValueError."""
    tag, algorithm, digest_type, digest = text.split(None, 3)
    return Delegation(
        int(tag), int(algorithm), int(digest_type), bytes.fromhex(digest.replace(" ", ""))
    )


def signed_set(answer: Answer, name: str | None = None) -> Signed:
    """Return the records that ``answer`` holds for its question (or at ``name``), with signatures.

    Empty where there is no message, or none that can be read.
    """
    if not answer.records or (message := message_of(answer)) is None:
        return Signed(None, ())
    import dns.name
    import dns.rdatatype

    owner = dns.name.from_text(name or answer.name)
    rdtype = dns.rdatatype.from_text(answer.rdtype)
    found, signatures = None, []
    for rrset in message.answer:
        if rrset.name == owner and rrset.rdtype == rdtype:
            found = rrset
        elif rrset.name == owner and rrset.rdtype == dns.rdatatype.RRSIG:
            signatures += [
                cast("RRSIG", s) for s in rrset if cast("RRSIG", s).type_covered == rdtype
            ]
    return Signed(found, tuple(signatures[:MAX_SIGNATURES]))


def keys_of(answer: Answer) -> tuple[Key, ...]:
    """Return the keys in an answer to a DNSKEY question, for people."""
    rrset = signed_set(answer).rrset
    if rrset is None:
        return ()
    import dns.dnssec

    keys = []
    for rdata in _keys(rrset):
        tag = dns.dnssec.key_id(rdata)
        entry = bool(rdata.flags & _SECURE_ENTRY)
        keys.append(Key(tag, int(rdata.algorithm), entry, _bits(rdata)))
    return tuple(keys)


def delegations_of(answer: Answer) -> tuple[Delegation, ...]:
    """Return the records in an answer to a DS question."""
    rrset = signed_set(answer).rrset
    return tuple(
        Delegation(d.key_tag, int(d.algorithm), int(d.digest_type), d.digest)
        for d in [cast("DS", rdata) for rdata in (list(rrset)[:MAX_KEYS] if rrset else [])]
    )


def keys_named_by(delegations: Iterable[Delegation], keys: Answer) -> RRset | None:
    """Return those keys of a DNSKEY answer that a DS record names by a digest that fits."""
    signed = signed_set(keys)
    if signed.rrset is None:
        return None
    import dns.dnssec
    import dns.exception
    import dns.rrset

    fitting = []
    for delegation in list(delegations)[:MAX_KEYS]:
        for key in _keys(signed.rrset):
            if dns.dnssec.key_id(key) != delegation.tag or key.algorithm != delegation.algorithm:
                continue
            try:
                made = dns.dnssec.make_ds(
                    signed.rrset.name,
                    key,
                    DIGESTS.get(delegation.digest_type, "").replace("-", ""),
                    policy=dns.dnssec.allow_all_policy,
                )
            except (ValueError, dns.exception.DNSException):
                continue
            if made.digest == delegation.digest:
                fitting.append(key)
    if not fitting:
        return None
    return dns.rrset.from_rdata_list(signed.rrset.name, signed.rrset.ttl, fitting)


def signature_fault(signed: Signed, keys: RRset | None, now: float) -> Fault:
    """Return why no signature of a set holds by ``keys`` at ``now`` (seconds since 1970), or ""."""
    import dns.dnssec
    import dns.exception

    if signed.rrset is None or not signed.signatures:
        return "missing"
    if keys is None:
        return "wrong"
    faults: list[Fault] = []
    for signature in signed.signatures:
        if int(signature.expiration) < now:
            faults.append("expired")
            continue
        if int(signature.inception) > now:
            faults.append("early")
            continue
        try:
            dns.dnssec.validate_rrsig(
                signed.rrset, signature, {keys.name: keys}, now=now,
                policy=dns.dnssec.allow_all_policy,
            )  # fmt: skip
        except dns.exception.UnsupportedAlgorithm:
            faults.append("unsupported")
        except (dns.exception.DNSException, ValueError):
            faults.append("wrong")
        else:
            return ""
    ranking: Sequence[Fault] = ("wrong", "expired", "early", "unsupported")
    return next(fault for fault in ranking if fault in faults)


def _keys(rrset: RRset | None) -> list[DNSKEY]:
    return [cast("DNSKEY", rdata) for rdata in (list(rrset)[:MAX_KEYS] if rrset else [])]


def _bits(key: DNSKEY) -> int | None:
    """Return the size of an RSA key's modulus (RFC 3110, section 2)."""
    if int(key.algorithm) not in (1, 5, 7, 8, 10) or len(key.key) < 4:
        return None
    length, start = key.key[0], 1
    if length == 0:
        length, start = int.from_bytes(key.key[1:3], "big"), 3
    modulus = key.key[start + length :].lstrip(b"\0")
    return int.from_bytes(modulus, "big").bit_length() or None


def message_of(answer: Answer) -> Message | None:
    """Return the message of an answer that was asked for with its signatures, if it can be read."""
    import dns.message

    if answer.message is None:
        return None
    try:
        return dns.message.from_wire(answer.message, ignore_trailing=True, continue_on_error=True)
    except Exception:  # noqa: BLE001  # whatever a stranger's octets do to the parser
        return None


def load_anchors() -> Mapping[str, tuple[Delegation, ...]]:
    """Return the trust anchors that ship with MailGUI: the root's, by the name of their zone."""
    import tomllib

    from mailgui import resources

    text = resources.path("dnssec", "root-anchors.toml").read_text("utf-8")
    return {
        zone: tuple(map(parse_delegation, texts))
        for zone, texts in tomllib.loads(text)["anchors"].items()
    }
