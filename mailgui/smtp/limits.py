"""What a server lets one connection do: the LIMITS extension (RFC 9422)."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailgui.message.outgoing import Envelope, Outgoing
from mailgui.smtp.capabilities import Capabilities


def limit(offers: Capabilities, name: str) -> int | None:
    """Return the limit called ``name``, such as RCPTMAX, or None where none is set.

    RFC 9422, section 3: ``LIMITS MAILMAX=5 RCPTMAX=20``; a value is a number above 0.
    """
    for parameter in offers.parameters("LIMITS"):
        key, _, value = parameter.partition("=")
        if key.upper() == name and value.isascii() and value.isdigit() and len(value) <= 9:
            return int(value) or None
    return None


@dataclass(frozen=True, slots=True)
class Portion:
    """A message for some of its recipients; an ``Outgoing``."""

    whole: Outgoing
    envelope: Envelope

    @property
    def size(self) -> int:
        return self.whole.size

    @property
    def message_id(self) -> str | None:
        return self.whole.message_id

    @property
    def needs_smtputf8(self) -> bool:
        return self.whole.needs_smtputf8

    @property
    def needs_8bitmime(self) -> bool:
        return self.whole.needs_8bitmime

    @property
    def in_memory(self) -> bool:
        return bool(getattr(self.whole, "in_memory", False))

    def chunks(self) -> Iterator[bytes]:
        return self.whole.chunks()


def portions(message: Outgoing, offers: Capabilities) -> list[Portion]:
    """Return the message for as many recipients at a time as the server takes.

    RFC 9422, sections 4.2 and 4.3: RCPTMAX counts recipients, RCPTDOMAINMAX their domains.
    """
    most, domains_at_most = limit(offers, "RCPTMAX"), limit(offers, "RCPTDOMAINMAX")
    envelope = message.envelope
    groups: list[list[str]] = []
    seen: set[str] = set()
    for recipient in envelope.recipients:
        domain = recipient.rpartition("@")[2].lower()
        crowded = most is not None and bool(groups) and len(groups[-1]) >= most
        mixed = domains_at_most is not None and len(seen | {domain}) > domains_at_most
        if not groups or crowded or mixed:
            groups.append([])
            seen = set()
        groups[-1].append(recipient)
        seen.add(domain)
    return [Portion(message, Envelope(envelope.sender, tuple(group))) for group in groups]


def fits(message: Outgoing, offers: Capabilities) -> bool:
    """Return whether one transaction can carry the message to all its recipients."""
    if not offers.parameters("LIMITS"):
        return True
    return len(portions(message, offers)) <= 1
