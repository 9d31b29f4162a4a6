"""One message many times over, each copy with a Message-ID of its own."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mailgui.message.compose import Composed
from mailgui.message.outgoing import Envelope, Outgoing

_SMALL = 128 * 1024  # octets up to which a message is held in memory as a whole
_RANDOM = 32  # hexadecimal digits of a Message-ID that ``compose`` makes


@dataclass(slots=True)
class Held:
    """A small message in memory; an ``Outgoing``. Copies share all of it but the head."""

    parts: tuple[bytes, ...]
    envelope: Envelope
    size: int
    message_id: str | None
    needs_smtputf8: bool
    needs_8bitmime: bool
    in_memory: bool = True

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets; see ``Outgoing``."""
        return iter(self.parts)


def copies(message: Outgoing, *, own_id: bool) -> Callable[[int], Outgoing]:
    """Return a function that gives the message for the n-th time.

    ``own_id``: each has another Message-ID, in place of one that ``compose`` made. A stored
    message goes out octet for octet each time. Reads a small message, so it blocks and may
    raise OSError.
    """
    octets = b"".join(message.chunks()) if message.size <= _SMALL else None
    old = (message.message_id or "").encode()
    if not (own_id and isinstance(message, Composed) and _is_ours(old, message.head)):
        again = message if octets is None else _held(message, octets)
        return lambda _: again
    domain = old.rpartition(b"@")[2]
    run = secrets.token_hex(_RANDOM // 4).encode()  # the other half counts

    if octets is None:

        def large(index: int) -> Outgoing:
            new = _new_id(run, index, domain)
            return replace(message, head=message.head.replace(old, new), message_id=new.decode())

        return large
    before, _, after = octets.partition(old)
    envelope, size = message.envelope, message.size
    smtputf8, eight_bit = message.needs_smtputf8, message.needs_8bitmime

    def small(index: int) -> Outgoing:
        new = _new_id(run, index, domain)
        return Held((before + new, after), envelope, size, new.decode(), smtputf8, eight_bit)

    return small


def _is_ours(message_id: bytes, head: bytes) -> bool:
    """Whether one of the same length can take its place, once, in the head."""
    made = message_id[:1] == b"<" and message_id[1 + _RANDOM : 2 + _RANDOM] == b"@"
    return made and head.count(message_id) == 1


def _new_id(run: bytes, index: int, domain: bytes) -> bytes:
    return b"<%s%0*x@%s" % (run, _RANDOM - len(run), index, domain)


def _held(message: Outgoing, octets: bytes) -> Held:
    return Held(
        (octets,),
        message.envelope,
        message.size,
        message.message_id,
        message.needs_smtputf8,
        message.needs_8bitmime,
    )
