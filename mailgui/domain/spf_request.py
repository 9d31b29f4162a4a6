"""Whose mail is checked: the arguments of check_host() and the macros that stand for them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from mailgui.domain.names import to_ascii
from mailgui.wrong_input import WrongInput

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class SpfRequest:
    """The sender of one message, as SPF sees it.

    Attributes:
        domain: where the evaluation starts.
        local: the sender's local part, "postmaster" where it has none.
        sender_domain: the sender's domain.
        helo: the name the client greeted with.
        receiver: who checks, for the macro ``r``.
        timestamp: seconds since 1970, for the macro ``t``.
        known: the macro letters whose values are known without asking; without an IP address or a
            sender only some.
    """

    domain: str
    ip: Address | None = None
    local: str = "postmaster"
    sender_domain: str = ""
    helo: str = ""
    receiver: str = "unknown"
    timestamp: int = field(default_factory=lambda: int(time.time()))
    known: frozenset[str] = frozenset("slodihvcrt")

    @property
    def address_type(self) -> str:
        """The type of record that holds addresses of the client's family."""
        return "A" if self.ip is None or self.ip.version == 4 else "AAAA"

    def macro_values(self, domain: str, letters: Iterable[str]) -> dict[str, str]:
        """Return the values of macro letters (section 7.2), but for ``p``, which means asking."""
        values = {letter: self._value(letter) for letter in letters if letter not in "pd"}
        return {**values, "d": domain}

    def _value(self, letter: str) -> str:
        ip = self.ip or IPv4Address(0)
        simple = {
            "s": f"{self.local}@{self.sender_domain}",
            "l": self.local,
            "o": self.sender_domain,
            "h": self.helo,
            "v": "in-addr" if ip.version == 4 else "ip6",
            "c": str(ip),
            "r": self.receiver,
            "t": str(self.timestamp),
        }
        if letter == "i":
            return str(ip) if ip.version == 4 else ".".join(f"{int(ip):032X}")
        return simple[letter]


def make_request(
    domain: str,
    ip: str | None = None,
    *,
    mail_from: str | None = None,
    helo: str | None = None,
    receiver: str = "unknown",
) -> SpfRequest:
    """Return the request for check_host(``ip``, ``domain``, ``mail_from``).

    ``mail_from`` may be ``""``, the null sender: ``postmaster`` at ``helo`` then (section 2.4);
    None stands for ``postmaster@domain``. IPv4 addresses mapped into IPv6 count as IPv4 (section
    5).

    Raises ValueError with a sentence when ``ip`` is not an address.
    """
    domain = _ascii(domain)
    known = {"d", "r", "t"}
    if ip is not None:
        known |= set("ivc")
    if helo is not None or mail_from == "":
        known.add("h")
    helo = _ascii(helo) if helo is not None else domain
    if mail_from is not None:
        known |= set("slo")
    local, at, sender_domain = (mail_from or "").rpartition("@")
    if not at:
        local, sender_domain = sender_domain, ""
    fallback = helo if mail_from == "" else domain
    return SpfRequest(
        domain=domain,
        ip=None if ip is None else parse_ip(ip),
        local=local or "postmaster",
        sender_domain=_ascii(sender_domain) or fallback,
        helo=helo,
        receiver=receiver,
        known=frozenset(known),
    )


def parse_ip(text: str) -> Address:
    """Return the address; raises ValueError with a sentence."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise WrongInput(f"“{text}” is not an IP address.") from None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def _ascii(domain: str) -> str:
    """Return a domain with A-labels where it has U-labels (RFC 8616), else as it is."""
    try:
        return domain if domain.isascii() else to_ascii(domain)
    except ValueError:
        return domain
