"""Signed proofs that there is no DS record: what they say about the name (RFC 4034, RFC 5155)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

from mailgui.net.dns_answer import Answer
from mailgui.net.dnssec import MAX_KEYS, MAX_SIGNATURES, Signed, message_of, signature_fault

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rdtypes.ANY.NSEC3 import NSEC3
    from dns.rdtypes.ANY.RRSIG import RRSIG
    from dns.rrset import RRset

_OPT_OUT = 1
_MOST_ITERATIONS, _MOST_LABELS = 150, 20
Denial = Literal["delegation", "not_a_cut", "opt_out", "none"]


def denial_of_ds(answer: Answer, keys: RRset, now: float) -> Denial:
    """Return what the signed proof in an answer "there is no DS" says about its name.

    ``delegation``: a zone begins there, unsigned; ``not_a_cut``: no zone begins there; ``opt_out``:
    the parent does not sign its unsigned delegations (RFC 5155, section 6); ``none``: no proof that
    holds by the parent's ``keys``.
    """
    import dns.name
    import dns.rdatatype

    message = message_of(answer)
    if message is None:
        return "none"
    name = dns.name.from_text(answer.name)
    held = [
        rrset
        for rrset in message.authority[:MAX_KEYS]
        if rrset.rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
        and not signature_fault(_with_signatures(message, rrset), keys, now)
    ]
    for rrset in held:
        if rrset.rdtype == dns.rdatatype.NSEC and (told := _by_nsec(rrset, name)) != "none":
            return told
    hashed = [rrset for rrset in held if rrset.rdtype == dns.rdatatype.NSEC3]
    return _by_nsec3(hashed, name, keys.name) if hashed else "none"


def _by_nsec(rrset: RRset, name: Name) -> Denial:
    proof = rrset[0]
    if rrset.name == name:
        return _by_types(proof)
    if name.is_subdomain(rrset.name) and _is_delegation(proof):
        return "none"  # that says nothing of what is below a delegation: RFC 6840, section 4.1
    last = proof.next <= rrset.name  # which leads back to the zone's beginning
    covered = rrset.name < name and (name < proof.next or last)
    return "not_a_cut" if covered else "none"


def _by_nsec3(rrsets: Sequence[RRset], name: Name, zone: Name) -> Denial:
    """RFC 5155, section 8.6: a record for the name itself; or one for its closest encloser, and
    one that covers the next closer name, with the Opt-Out flag where unsigned delegations may hide.
    """
    chain = _Hashed(rrsets)
    if chain.proofs and chain.iterations > _MOST_ITERATIONS:
        return "opt_out"  # as good as unsigned: RFC 9276, section 3.2
    found = chain.matching(name)
    if found is not None:
        return _by_types(found)
    for next_closer in _upwards(name, zone):
        encloser = chain.matching(next_closer.parent())
        if encloser is None:
            continue
        covering = chain.covering(next_closer)
        if covering is None or _is_delegation(encloser) or _has_dname(encloser):
            return "none"
        return "opt_out" if covering.flags & _OPT_OUT else "not_a_cut"
    return "none"


class _Hashed:
    """The NSEC3 records of one answer that belong together, each name hashed once."""

    def __init__(self, rrsets: Sequence[RRset]) -> None:
        usable = [
            (rrset.name.labels[0].decode("latin-1").upper(), cast("NSEC3", rrset[0]))
            for rrset in rrsets
        ]
        # RFC 5155, sections 8.1 and 8.2: what has an unknown hash or unknown flags does not count.
        usable = [(o, p) for o, p in usable if p.algorithm == 1 and p.flags in (0, _OPT_OUT)]
        kinds = {(proof.salt, proof.iterations) for _, proof in usable}
        self.proofs = dict(usable) if len(kinds) == 1 else {}
        self.iterations = next(iter(kinds))[1] if self.proofs else 0
        self._salt = next(iter(kinds))[0] if self.proofs else b""
        self._digests: dict[Name, str] = {}

    def matching(self, name: Name) -> NSEC3 | None:
        """Return the record of ``name``."""
        return self.proofs.get(self._digest(name))

    def covering(self, name: Name) -> NSEC3 | None:
        """Return a record that tells that ``name`` has none."""
        digest = self._digest(name)
        for owner, proof in self.proofs.items():
            if _covers(owner, _text(proof.next), digest):
                return proof
        return None

    def _digest(self, name: Name) -> str:
        import dns.dnssec

        if not self.proofs:
            return ""
        if name not in self._digests:
            self._digests[name] = dns.dnssec.nsec3_hash(name, self._salt, self.iterations, 1)
        return self._digests[name]


def _text(digest: bytes) -> str:
    return base64.b32hexencode(digest).decode()


def _by_types(proof: object) -> Denial:
    """Return what the record of the name itself says by the types that are there."""
    import dns.rdatatype

    types = _types(proof)
    # With an SOA it is the child's own, and knows nothing of DS: RFC 6840, section 4.4.
    if dns.rdatatype.DS in types or dns.rdatatype.SOA in types:
        return "none"
    return "delegation" if dns.rdatatype.NS in types else "not_a_cut"


def _is_delegation(proof: object) -> bool:
    import dns.rdatatype

    types = _types(proof)
    return dns.rdatatype.NS in types and dns.rdatatype.SOA not in types


def _has_dname(proof: object) -> bool:
    import dns.rdatatype

    return dns.rdatatype.DNAME in _types(proof)


def _types(proof: object) -> set[int]:
    found = set()
    for window, bitmap in getattr(proof, "windows", ()):
        for index, octet in enumerate(bitmap):
            found |= {window * 256 + index * 8 + bit for bit in range(8) if octet & (0x80 >> bit)}
    return found


def _upwards(name: Name, zone: Name) -> list[Name]:
    """Return ``name`` and its parents, but for ``zone`` itself and what is above."""
    names: list[Name] = []
    while name != zone and name.is_subdomain(zone) and len(names) < _MOST_LABELS:
        names.append(name)
        name = name.parent()
    return names


def _covers(owner: str, following: str, digest: str) -> bool:
    if owner < following:
        return owner < digest < following
    return digest > owner or digest < following


def _with_signatures(message: Message, rrset: RRset) -> Signed:
    import dns.rdatatype

    signatures = [
        cast("RRSIG", signature)
        for other in message.authority
        if other.rdtype == dns.rdatatype.RRSIG and other.name == rrset.name
        for signature in other
        if cast("RRSIG", signature).type_covered == rrset.rdtype
    ]
    return Signed(rrset, tuple(signatures[:MAX_SIGNATURES]))
