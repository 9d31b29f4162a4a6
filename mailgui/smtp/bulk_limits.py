"""What a server lets one connection do: the LIMITS extension (RFC 9422)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mailgui.message.outgoing import Envelope, Outgoing
from mailgui.smtp.capabilities import Capabilities


def limit(offers: Capabilities, name: str) -> int | None:
    """Return the limit called ``name`` (MAILMAX, RCPTMAX), or None where none is set.

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


def portions(message: Outgoing, most: int) -> list[Portion]:
    """Return the message for at most ``most`` recipients at a time."""
    envelope = message.envelope
    left = iter(envelope.recipients)
    found = []
    while some := tuple(islice(left, most)):
        found.append(Portion(message, Envelope(envelope.sender, some)))
    return found
