"""Which selectors a domain's DKIM keys may stand under."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import msgspec

from mailgui import resources
from mailgui.domain.names import is_within


@dataclass(frozen=True, slots=True)
class Vendor:
    """A service that signs mail, and how to recognise it.

    Attributes:
        guessable: whether ``selectors`` are the same for every account.
        spf, mx, cname: the domains of its includes, its mail hosts, its keys.
    """

    name: str
    selectors: tuple[str, ...] = ()
    guessable: bool = True
    spf: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    cname: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectorList:
    """The data of ``resources/domain/selectors.toml``."""

    usual: tuple[str, ...]
    common: tuple[str, ...]
    vendor: tuple[Vendor, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every selector that can be guessed."""
        vendors = (selector for vendor in self.vendor for selector in vendor.selectors)
        return tuple(dict.fromkeys((*self.common, *vendors)))

    def vendors_seen(self, includes: Iterable[str], mx: Iterable[str]) -> tuple[Vendor, ...]:
        """Return the vendors that SPF includes or MX hosts tell of."""
        includes, mx = tuple(includes), tuple(mx)
        return tuple(v for v in self.vendor if _any(includes, v.spf) or _any(mx, v.mx))

    def vendor_of(self, targets: Iterable[str]) -> Vendor | None:
        """Return the vendor whose zone one of a key's CNAME ``targets`` is in."""
        targets = tuple(targets)
        return next((v for v in self.vendor if _any(targets, v.cname)), None)


@cache
def selector_list() -> SelectorList:
    """Return the selectors that ship with MailGUI."""
    data = tomllib.loads(resources.path("domain", "selectors.toml").read_text("utf-8"))
    return msgspec.convert(data, SelectorList)


def _any(names: Iterable[str], domains: Iterable[str]) -> bool:
    domains = tuple(domains)
    return any(is_within(name.lower(), domain) for name in names for domain in domains)
