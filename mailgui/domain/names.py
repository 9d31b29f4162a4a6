"""Domain names as people type them, and questions about their shape."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mailgui.net.dns_question import wire_name
from mailgui.wrong_input import WrongInput

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def parse_domain(text: str) -> str:
    """Return the domain that ``text`` names: A-labels, lower case, no final dot.

    Takes what people paste: an address, a URL. Raises ValueError with a sentence.
    """
    domain = text.strip().strip("<>").rpartition("@")[2]
    domain = domain.partition("://")[2].partition("/")[0] if "://" in domain else domain
    domain = to_ascii(domain.strip())
    if domain.rpartition(".")[2].isdigit():  # no top-level domain is a number
        raise WrongInput(f"“{text.strip()}” is an address; give a domain name such as example.com.")
    if not is_host_like(domain):
        raise WrongInput(f"“{text.strip()}” is not a domain name such as example.com.")
    return domain


def to_ascii(domain: str) -> str:
    """Return ``domain`` with A-labels, lower case, without its final dot.

    Raises ValueError with a sentence when the DNS cannot be asked for it.
    """
    domain = domain.removesuffix(".")
    wire = wire_name(domain)
    if domain.isascii():
        return domain.lower()
    labels = []
    while wire[0]:
        labels.append(wire[1 : 1 + wire[0]].decode("ascii"))
        wire = wire[1 + wire[0] :]
    return ".".join(labels).lower()


def is_host_like(domain: str) -> bool:
    """Return whether ``domain`` has at least two labels of letters, digits, hyphens,
    underscores.
    """
    labels = domain.split(".")
    return len(labels) > 1 and all(
        label.replace("_", "-").replace("-", "a").isalnum() and label.isascii() for label in labels
    )


def is_askable(domain: str) -> bool:
    """Return whether the DNS can be asked for ``domain`` (RFC 1035, section 2.3.4)."""
    try:
        wire_name(domain)
    except ValueError:
        return False
    return bool(domain.removesuffix("."))


def is_within(name: str, domain: str) -> bool:
    """Return whether ``name`` is ``domain`` or below it; both in lower case without a final dot."""
    return name == domain or name.endswith(f".{domain}")


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def organizational_by_suffix_list(domain: str) -> str:
    """Return the organizational domain by the public suffix list (RFC 7489, section 3.2).

    A public suffix itself is its own. Reading the list takes a tenth of a second the first time.
    """
    return _suffixes().privatesuffix(domain) or domain


def is_public_suffix(domain: str) -> bool:
    """Return whether names are registered directly below ``domain``."""
    return bool(_suffixes().is_public(domain))
