"""What there is to say about a domain's signatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailgui.findings import Finding, Severity
from mailgui.net.dnssec import ALGORITHMS, WEAK_ALGORITHMS
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.dnssec import Signing

_REFUSED = (
    "To validating resolvers, which most large receivers use, the domain does not exist: mail "
    "to it and from it fails."
)
_SHORT_RSA = 2048
_SOON, _LONG = 2 * 86400, 4 * 86400  # seconds: left, and the life of signatures that people renew


def judge(signing: Signing, now: float) -> tuple[Finding, ...]:
    """Return the findings on what was found out at ``now`` (seconds since 1970)."""
    found = [*_bogus(signing), *_unlinked(signing), *_weak(signing)]
    if signing.state == "secure":
        found += _expiring(signing, now)
    elif signing.state == "insecure" and not signing.keys:
        found.append(
            Finding(
                "dnssec.none",
                Severity.INFO,
                "The domain is not signed with DNSSEC",
                "Its answers can be forged on the way, and DANE cannot be used.",
                "Switch DNSSEC on where the domain's zone is hosted, if it is offered there.",
            )
        )
    return tuple(found)


def _bogus(signing: Signing) -> Iterator[Finding]:
    if signing.state != "bogus":
        return
    causes = [*_causes(signing)]
    if causes:
        yield from causes
        return
    yield Finding(
        "dnssec.bogus",
        Severity.BROKEN,
        "The domain's signatures do not hold",
        f"{_REFUSED} {signing.reason}",
        "Tell whoever hosts the zone; taking the DS records out of the zone above helps at once.",
        tuple(map(visible, signing.errors)),
    )


def _causes(signing: Signing) -> Iterator[Finding]:
    names = ", ".join(f"DS {delegation.tag}" for delegation in signing.delegations)
    evidence = (*map(str, signing.delegations), *(key.words for key in signing.keys))
    if signing.delegations and not signing.keys:
        yield Finding(
            "dnssec.ds.no_keys",
            Severity.BROKEN,
            "The zone above says that the domain is signed, but it has no keys",
            f"{names} names keys that are not there. {_REFUSED}",
            "Have the DS records removed at the registrar, or sign the zone again.",
            evidence,
        )
    elif signing.delegations and not signing.named:
        yield Finding(
            "dnssec.ds.mismatch",
            Severity.BROKEN,
            "The zone above names other keys than the domain has",
            f"{names} fits none of the domain's keys. {_REFUSED}",
            "Have the DS records at the registrar replaced by those that the zone's host shows.",
            evidence,
        )
    for rdtype, fault in signing.faults.items():
        if fault:
            yield _signature(signing.domain, rdtype, fault)


_SIGNATURES = {
    "expired": ("have expired", "Have the zone signed again; check that it happens by itself."),
    "early": ("begin in the future", "Set the clock of the server that signs the zone."),
    "wrong": ("do not fit the keys", "Have the zone signed again with the keys it publishes."),
    "missing": ("are missing", "Have the zone signed again."),
    "unsupported": (
        "use an algorithm that is not known here",
        "Sign the zone with ECDSAP256SHA256 (13).",
    ),
}


def _signature(domain: str, rdtype: str, fault: str) -> Finding:
    what, fix = _SIGNATURES[fault]
    where = "of the zone above" if rdtype in ("DS", "parent") else f"of {domain}"
    kind = "" if rdtype in ("DS", "parent") else f" over {rdtype} records"
    return Finding(
        f"dnssec.signature.{fault}",
        Severity.BROKEN,
        f"Signatures {where} {what}",
        f"The signatures{kind} {what}. {_REFUSED}",
        fix,
        (f"{rdtype}: {fault}",),
    )


def _unlinked(signing: Signing) -> Iterator[Finding]:
    if signing.keys and not signing.delegations and signing.state in ("insecure", "unchecked"):
        entry = next((key for key in signing.keys if key.secure_entry), signing.keys[0])
        yield Finding(
            "dnssec.ds.missing",
            Severity.ATTENTION,
            "The domain is signed, but the zone above does not say so",
            "Without a DS record there nobody validates the signatures, and DANE has no effect.",
            f"Give the DS record of key {entry.tag} to the registrar.",
            tuple(key.words for key in signing.keys),
        )


def _weak(signing: Signing) -> Iterator[Finding]:
    weak = sorted({key.algorithm for key in signing.keys if key.algorithm in WEAK_ALGORITHMS})
    if weak:
        names = ", ".join(f"{ALGORITHMS[number]} ({number})" for number in weak)
        yield Finding(
            "dnssec.algorithm.weak",
            Severity.ATTENTION,
            f"The domain is signed with an algorithm that is given up: {names}",
            "Validators stop accepting it: the domain then counts as unsigned, or fails.",
            "Change to ECDSAP256SHA256 (13).",
            tuple(key.words for key in signing.keys),
        )
    if signing.delegations and all(d.digest_type in (1, 3) for d in signing.delegations):
        yield Finding(
            "dnssec.ds.sha1",
            Severity.ATTENTION,
            "The zone above names the domain's keys by SHA-1 only",
            "SHA-1 is given up (RFC 9905); validators may take the domain for unsigned.",
            "Add a DS record with SHA-256 (digest type 2) at the registrar.",
            tuple(map(str, signing.delegations)),
        )
    short = [k for k in signing.keys if k.bits is not None and k.bits < _SHORT_RSA]
    if any(key.bits is not None and key.bits < 1024 for key in short):
        yield Finding(
            "dnssec.key.short",
            Severity.ATTENTION,
            "A key of the domain's signatures is too short",
            "RSA keys under 1024 bits can be broken.",
            "Change to ECDSAP256SHA256 (13), or to RSA with 2048 bits.",
            tuple(key.words for key in short),
        )


def _expiring(signing: Signing, now: float) -> Iterator[Finding]:
    """Only signatures of a long life tell of neglect: short ones are renewed all the time."""
    for rdtype, signed in signing.sets.items():
        left = (signed.expires or 0) - now
        if signed.expires is not None and 0 < left < _SOON and signed.lasts > _LONG:
            yield Finding(
                "dnssec.expiring",
                Severity.ATTENTION,
                f"The signatures of {signing.domain} end in {left / 3600:.0f} hours",
                f"Those over its {rdtype} records have not been renewed. Once they end: {_REFUSED}",
                "Check that the zone is signed again by itself.",
                (rdtype,),
            )
            return
