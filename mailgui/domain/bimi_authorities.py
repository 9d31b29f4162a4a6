"""The authorities that issue certificates for logos: ``resources/domain/mark_authorities.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from mailgui import resources

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class MarkAuthority:
    """One root certificate; what its attributes say stands at the head of the data."""

    name: str
    root: str
    sha256: str
    source: str
    until: date | None = None


@cache
def mark_authorities() -> tuple[MarkAuthority, ...]:
    """Return the authorities that ship with MailGUI."""
    data = tomllib.loads(resources.path("domain", "mark_authorities.toml").read_text("utf-8"))
    return tuple(msgspec.convert(data["authority"], list[MarkAuthority]))


def authority_of(
    chain: Sequence[x509.Certificate], known: Sequence[MarkAuthority]
) -> tuple[MarkAuthority | None, bool]:
    """Return the known authority at the top of ``chain``, leaf first, and whether that is sure.

    It is by the root's fingerprint. Where the file leaves out the root, which it may, only its name
    tells.
    """
    from cryptography.hazmat.primitives.hashes import SHA256

    top = chain[-1]
    digest = top.fingerprint(SHA256()).hex()
    by_root = next((each for each in known if each.sha256 == digest), None)
    if by_root is not None or top.issuer == top.subject or len(chain) == 1:
        return by_root, by_root is not None
    names = {str(attribute.value) for attribute in top.issuer}
    return next((each for each in known if each.root in names), None), False
