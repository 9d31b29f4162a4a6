"""The certificate behind a BIMI logo: a VMC or CMC (RFC 3709's logotype; the VMC requirements)."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from mailgui.domain.bimi_authorities import MarkAuthority, authority_of, mark_authorities
from mailgui.domain.bimi_svg import Fault, unpacked
from mailgui.net.certificates import describe, unreadable_errors, unwarned
from mailgui.transcript import visible

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

MAX_PEM = 256 * 1024  # octets
_MAX_CHAIN = 10
_LOGOTYPE = "1.3.6.1.5.5.7.1.12"
_FOR_LOGOS = "1.3.6.1.5.5.7.3.31"  # id-kp-BrandIndicatorforMessageIdentification
_MARK_TYPE = "1.3.6.1.4.1.53087.1.13"
_SOON_DAYS = 21
_IMAGE = re.compile(rb"data:image/svg\+xml(?:;[^,]{0,40})?;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class MarkCertificate:
    """What was read of it.

    Attributes:
        mark: the kind of mark, such as "Registered Mark"; empty where it is not said.
        names: the domains it is for.
        authority: which known one issued it; empty where none did, or it cannot be told.
        proven: whether that is by the root certificate itself, and not by its name alone.
        logo: the picture inside, unpacked; empty where there is none that can be read.
    """

    subject: str = ""
    issuer: str = ""
    mark: str = ""
    names: tuple[str, ...] = ()
    expires: datetime | None = None
    faults: tuple[Fault, ...] = ()
    authority: str = ""
    proven: bool = False
    logo: bytes = b""


@unwarned()
def read_certificate(
    pem: bytes,
    domain: str,
    *,
    now: datetime | None = None,
    known: Sequence[MarkAuthority] | None = None,
) -> MarkCertificate:
    """Return what a PEM file holds for ``domain``, and what is wrong with it.

    ``known`` are the authorities that receivers accept, by default those that ship with MailGUI.
    """
    from cryptography import x509

    try:
        chain = x509.load_pem_x509_certificates(pem)[:_MAX_CHAIN]
    except unreadable_errors():
        return MarkCertificate(faults=(Fault("unreadable", "It is no certificate in PEM form."),))
    leaf = chain[0]
    summary = describe(leaf.public_bytes(_der()))
    authority, proven = authority_of(chain, mark_authorities() if known is None else known)
    faults = [*_purpose(leaf), *_names(summary.names, domain), *_chain(chain)]
    if not faults:
        faults += _authority(chain, authority, summary.not_before)
    now = now or datetime.now(UTC)
    if summary.not_after < now:
        faults.append(Fault("expired", f"It ended on {summary.not_after:%Y-%m-%d}."))
    elif summary.not_before > now:
        faults.append(Fault("early", f"It begins on {summary.not_before:%Y-%m-%d} only."))
    elif (summary.not_after - now).days < _SOON_DAYS:
        faults.append(Fault("expiring", f"It ends on {summary.not_after:%Y-%m-%d}."))
    return MarkCertificate(
        summary.subject,
        summary.issuer,
        _mark(leaf),
        summary.names,
        summary.not_after,
        tuple(faults),
        authority.name if authority else "",
        proven,
        _logo(leaf),
    )


def _purpose(leaf: x509.Certificate) -> list[Fault]:
    from cryptography import x509

    faults = []
    absent: tuple[type[Exception], ...] = (x509.ExtensionNotFound, *unreadable_errors())
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        purposes = {purpose.dotted_string for purpose in usage}
    except absent:
        purposes = set()
    if _FOR_LOGOS not in purposes:
        faults.append(Fault("purpose", "It is not a certificate for logos (VMC or CMC)."))
    try:
        leaf.extensions.get_extension_for_oid(x509.ObjectIdentifier(_LOGOTYPE))
    except absent:
        faults.append(Fault("logotype", "It does not hold a logo (no logotype extension)."))
    return faults


def _names(names: Sequence[str], domain: str) -> list[Fault]:
    wanted = {domain, f"default._bimi.{domain}"}
    for name in map(str.lower, names):
        if name in wanted or domain.endswith(f".{name}"):
            return []
    shown = ", ".join(names[:5]) or "no domain"
    return [Fault("names", f"It is for {shown}, not for {domain}.")]


def _chain(chain: Sequence[x509.Certificate]) -> list[Fault]:
    for child, parent in pairwise(chain):
        try:
            child.verify_directly_issued_by(parent)
        except Exception:  # noqa: BLE001  # the library raises whatever the key makes of it
            return [Fault("chain", "Its chain is broken: one certificate did not issue the next.")]
    if len(chain) == 1 and chain[0].issuer != chain[0].subject:
        return [Fault("incomplete", "The authority's own certificate is missing in the file.")]
    return []


def _authority(
    chain: Sequence[x509.Certificate], authority: MarkAuthority | None, issued: datetime
) -> list[Fault]:
    if authority is None:
        top = visible(describe(chain[-1].public_bytes(_der())).issuer)[:200]
        words = f"It goes back to {top}, which is none of the known authorities for logos."
        return [Fault("authority", words)]
    if authority.until is not None and issued.date() >= authority.until:
        words = f"{authority.name} issued it after {authority.until}; Apple accepts no such one."
        return [Fault("withdrawn", words)]
    return []


def _der() -> Encoding:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.DER


def _logo(leaf: x509.Certificate) -> bytes:
    """Return the picture in the logotype extension, which is gzipped SVG (RFC 6170, section 4)."""
    from cryptography import x509

    absent: tuple[type[Exception], ...] = (
        x509.ExtensionNotFound, binascii.Error, zlib.error, *unreadable_errors(),
    )  # fmt: skip
    try:
        extension = leaf.extensions.get_extension_for_oid(x509.ObjectIdentifier(_LOGOTYPE))
        found = _IMAGE.search(getattr(extension.value, "value", b""))
        packed = base64.b64decode(found[1], validate=True) if found else b""
        return unpacked(packed)
    except absent:
        return b""


def _mark(leaf: x509.Certificate) -> str:
    for attribute in leaf.subject:
        if attribute.oid.dotted_string == _MARK_TYPE:
            return visible(str(attribute.value))[:60]
    return ""
