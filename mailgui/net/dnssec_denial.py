"""Signed proofs that there is no DS record: what they say about the name (RFC 4034, RFC 5155)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from mailgui.net.dns_answer import Answer
from mailgui.net.dnssec import MAX_KEYS, MAX_SIGNATURES, Signed, message_of, signature_fault

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rdtypes.ANY.RRSIG import RRSIG
    from dns.rrset import RRset

Denial = Literal["delegation", "not_a_cut", "opt_out", "none"]


def denial_of_ds(answer: Answer, keys: RRset, now: float) -> Denial:
    """Return what the signed proof in an answer "there is no DS" says about its name.

    ``delegation``: a zone begins there, unsigned; ``not_a_cut``: no zone begins there; ``opt_out``:
    the parent does not sign its unsigned delegations (RFC 5155, section 6); ``none``: no proof that
    holds by the parent's ``keys``.
    """
    import dns.dnssec
    import dns.name
    import dns.rdatatype

    message = message_of(answer)
    if message is None:
        return "none"
    name = dns.name.from_text(answer.name)
    for rrset in message.authority[:MAX_KEYS]:
        if rrset.rdtype not in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3):
            continue
        if signature_fault(_with_signatures(message, rrset), keys, now):
            continue
        told = _denial(rrset, name, keys.name)
        if told != "none":
            return told
    return "none"


def _denial(rrset: RRset, name: Name, zone: Name) -> Denial:
    import dns.dnssec
    import dns.rdatatype

    proof = rrset[0]
    if rrset.rdtype == dns.rdatatype.NSEC:
        if rrset.name == name:
            return _by_types(proof)
        covered = rrset.name < name and (name < proof.next or proof.next == zone)
        return "not_a_cut" if covered else "none"
    if proof.iterations > 150:  # RFC 9276, section 3.2
        return "opt_out"
    for candidate in _upwards(name, zone):
        digest = dns.dnssec.nsec3_hash(candidate, proof.salt, proof.iterations, proof.algorithm)
        owner = rrset.name.labels[0].decode("latin-1").upper()
        if digest == owner and candidate == name:
            return _by_types(proof)
        if proof.flags & 1 and _covers(owner, proof.next_name().labels[0].decode().upper(), digest):
            return "opt_out"
    return "none"


def _by_types(proof: object) -> Denial:
    import dns.rdatatype

    types = _types(proof)
    if dns.rdatatype.DS in types:
        return "none"
    return "delegation" if dns.rdatatype.NS in types else "not_a_cut"


def _types(proof: object) -> set[int]:
    found = set()
    for window, bitmap in getattr(proof, "windows", ()):
        for index, octet in enumerate(bitmap):
            found |= {window * 256 + index * 8 + bit for bit in range(8) if octet & (0x80 >> bit)}
    return found


def _upwards(name: Name, zone: Name) -> list[Name]:
    names: list[Name] = []
    while name != zone and name.is_subdomain(zone) and len(names) < 10:
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
