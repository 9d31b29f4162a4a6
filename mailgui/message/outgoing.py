"""The shape of anything that can be sent by SMTP: an envelope and a stream of octets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321's envelope: addr-specs without brackets; an empty sender is the null sender."""

    sender: str
    recipients: tuple[str, ...]


class Outgoing(Protocol):
    """A message ready for SMTP. It may be read more than once, and never holds Bcc.

    Attributes:
        envelope: whom it is from and for.
        size: its exact length in octets, as ``chunks`` yields them (before dot-stuffing).
        message_id: its Message-ID header with angle brackets, or None.
        needs_smtputf8: whether a header or the envelope holds non-ASCII (RFC 6531).
        needs_8bitmime: whether a body holds octets over 127 (RFC 6152).

    An ``in_memory`` that is true says that ``chunks`` reads no file, so that the event loop may
    read it; leaving it out says that it may block.
    """

    @property
    def envelope(self) -> Envelope: ...
    @property
    def size(self) -> int: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def needs_smtputf8(self) -> bool: ...
    @property
    def needs_8bitmime(self) -> bool: ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in chunks of at most about 64 KiB.

        Reads files as it goes, so it blocks: call it off the event loop. Raises OSError when
        a file has gone.
        """
        ...
