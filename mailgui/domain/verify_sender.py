"""Whose mail it was: what SPF needs to know of a message, given by hand or read from the file.

What the receiving server saw, the client's address and the envelope's sender, does not travel with
a message. Its traces do, and what is guessed from them is said to be a guess.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgui.domain.names import is_host_like, to_ascii
from mailgui.message.loose_addresses import MOST_CHARACTERS, loose_addresses
from mailgui.message.raw_message import RawMessage
from mailgui.message.received_hops import Hop

_ANGLES = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Known:
    """A value and where it is from; ``value`` is None where it is not known."""

    value: str | None
    source: str


@dataclass(frozen=True, slots=True)
class SenderClues:
    """The client's address, its greeting and the envelope's sender."""

    ip: Known
    helo: Known
    mail_from: Known

    @property
    def domain(self) -> str | None:
        """The domain that SPF is evaluated for: the sender's, or the greeting's for a null one."""
        if self.mail_from.value is None:
            return None
        domain = self.mail_from.value.rpartition("@")[2] or self.helo.value
        return _ascii(domain) if domain else None


def find_clues(
    message: RawMessage,
    hops: Sequence[Hop],
    *,
    ip: str | None = None,
    helo: str | None = None,
    mail_from: str | None = None,
) -> SenderClues:
    """Return what is given, else what the message's own fields tell. ``hops``: oldest first."""
    border = border_hop(hops, ip)
    return SenderClues(
        Known(ip, "given") if ip is not None else _ip(border),
        Known(helo, "given") if helo is not None else _helo(border),
        Known(mail_from, "given") if mail_from is not None else _mail_from(message, border),
    )


def border_hop(hops: Sequence[Hop], ip: str | None = None) -> Hop | None:
    """Return the hop by which the message came in from outside.

    Only the topmost fields are by one's own servers: the first from the top with an address of the
    Internet is where the message came in. With an address given, the first hop that names it.
    """
    newest_first = list(reversed(hops))
    if ip is not None:
        return next((hop for hop in newest_first if hop.ip == ip), None)
    return next((hop for hop in newest_first if hop.public_ip is not None), None)


def author_domains(message: RawMessage) -> tuple[str, ...]:
    """Return the domains of all addresses in all From fields, in A-labels, each once; none where
    there is more than can be an author's name and address.
    """
    values = [field.text for field in message.all("from")]
    addresses = [address for address in loose_addresses(values) if "@" in address]
    if (
        not addresses and sum(map(len, values)) <= MOST_CHARACTERS
    ):  # what the strict parser gives up on
        addresses = [found for value in values for found in _ANGLES.findall(value)]
    domains = (_ascii(address.rpartition("@")[2]) for address in addresses)
    return tuple(dict.fromkeys(domain for domain in domains if domain))


def address_of(text: str | None) -> str | None:
    """Return the address in a field that holds one, or None."""
    found = [address for address in loose_addresses([text or ""]) if "@" in address]
    return found[0] if found else None


def _ascii(domain: str) -> str | None:
    try:
        name = to_ascii(domain.strip())
    except ValueError:
        return None
    return name if is_host_like(name) else None


def _ip(border: Hop | None) -> Known:
    if border is None:
        return Known(None, "no Received field names an address of the Internet")
    where = f" by {border.by}" if border.by else ""
    return Known(border.public_ip, f"guessed from the Received field{where}")


def _helo(border: Hop | None) -> Known:
    if border is None or not border.sender or border.sender.startswith("["):
        return Known(None, "not in the file")
    return Known(border.sender, "guessed from the same Received field")


def _mail_from(message: RawMessage, border: Hop | None) -> Known:
    path = message.first("return-path")
    if path is not None:
        inside = _ANGLES.search(path)
        return Known((inside[1] if inside else path).strip(), "read from Return-Path")
    if border is not None and border.envelope_from is not None:
        return Known(border.envelope_from, "read from the Received field")
    author = address_of(message.first("sender")) or address_of(message.first("from"))
    if author is not None:
        return Known(author, "guessed: the file has no Return-Path, so the author's was taken")
    return Known(None, "not in the file")
