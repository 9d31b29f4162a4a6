"""DANE for SMTP: whether a server's certificates fit the domain's TLSA records.

RFC 6698, updated by RFC 7671, as RFC 7672 applies them to SMTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailgui.net.certificates import public_key_info
from mailgui.net.tlsa import (
    DANE_EE,
    TlsaAnswer,
    TlsaRecord,
    find_tlsa,
    is_trusted_resolver,
    parse_tlsa,
)

__all__ = [
    "DaneMatch",
    "TlsaAnswer",
    "TlsaRecord",
    "find_tlsa",
    "is_trusted_resolver",
    "match_chain",
    "parse_tlsa",
    "record_of",
]

_DIGESTS = {1: "sha256", 2: "sha512"}
_MAX_CHAIN = 16
_NOT_IN_CHAIN = "No certificate of the chain is the CA that the record names."


@dataclass(frozen=True, slots=True)
class DaneMatch:
    """Whether a chain fits the records; ``reason`` says why or why not, in a sentence."""

    ok: bool
    record: TlsaRecord | None
    reason: str


def match_chain(
    records: Sequence[TlsaRecord],
    chain: Sequence[bytes],
    names: Sequence[str],
    *,
    now: datetime | None = None,
) -> DaneMatch:
    """Return whether ``chain`` (DER, the host's own certificate first) fits one of ``records``.

    With usage 3 the host's certificate itself is what counts, neither its names nor its validity;
    with usage 2 it must be signed, directly or through the chain's others, by what the record
    names, be valid at ``now`` and cover one of ``names`` (RFC 7671, section 5; RFC 7672, section
    3.1). Other usages are passed over.
    """
    usable = [record for record in records if not record.fault]
    if not usable:
        return DaneMatch(False, None, "None of the TLSA records can be used for SMTP.")
    if not chain:
        return DaneMatch(False, None, "The server showed no certificate.")
    reasons: list[str] = []
    for record in usable:
        reason = _mismatch(record, chain[:_MAX_CHAIN], names, now or datetime.now(UTC))
        if not reason:
            return DaneMatch(True, record, _praise(record))
        reasons.append(reason)
    return DaneMatch(False, None, _blame(usable, reasons))


def record_of(der: bytes) -> TlsaRecord | None:
    """Return the record ``3 1 1`` of a certificate; None where its key cannot be read."""
    key = public_key_info(der)
    return None if key is None else TlsaRecord(DANE_EE, 1, 1, hashlib.sha256(key).digest())


def _mismatch(
    record: TlsaRecord, chain: Sequence[bytes], names: Sequence[str], now: datetime
) -> str:
    """Return why the chain does not fit one record; empty when it does."""
    if record.usage == DANE_EE:
        what = "key" if record.selector else "certificate"
        return "" if _selected(chain[0], record) else f"The server shows another {what}."
    from mailgui.net.certificate_path import Anchor, path_fault

    given: Anchor | None = None
    if record.matching == 0:  # the record holds the CA itself: the server need not send it
        given = Anchor(record.data, bare_key=bool(record.selector))
    anchors = [der for der in chain[1:] if _selected(der, record)]
    if given is None and not anchors:
        return _NOT_IN_CHAIN
    return path_fault(chain, [*map(Anchor, anchors), *([given] if given else [])], names, now)


def _selected(der: bytes, record: TlsaRecord) -> bool:
    """Return whether a certificate is the one, or holds the key, that ``record`` names."""
    octets = public_key_info(der) if record.selector else der
    if octets is None:
        return False
    digest = _DIGESTS.get(record.matching)
    return (hashlib.new(digest, octets).digest() if digest else octets) == record.data


def _praise(record: TlsaRecord) -> str:
    if record.usage != DANE_EE:
        return f"The certificate comes from the CA in the TLSA record {record.brief}."
    what = "public key" if record.selector else "certificate"
    return f"The server's {what} is the one in the TLSA record {record.brief}."


def _blame(records: Sequence[TlsaRecord], reasons: Sequence[str]) -> str:
    telling = next((reason for reason in reasons if reason != _NOT_IN_CHAIN), reasons[0])
    if len(records) == 1:
        return f"The TLSA record {records[0].brief} does not fit the certificate. {telling}"
    return f"None of the {len(records)} TLSA records fits the certificate. {telling}"
