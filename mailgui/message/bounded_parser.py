"""The standard library's MIME parser, kept from working without end at what a stranger wrote.

It reads parts within parts, each line held against every boundary around it, and its readers of
structured headers take time with the square of their length, at each look at them. Here all that
has a bound; what is beyond it is refused, or stays as it was written.
"""

import email.policy
from email.message import EmailMessage
from email.parser import BytesFeedParser
from typing import Any

MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_FIELDS = 20_000  # of all parts together
MAX_VALUE = 20_000  # characters of one header field
_MOST_EFFORT = 150_000_000  # the squares of the lengths of what is read as structured; seconds


class TooComplex(ValueError):
    """A message has more in it than is read; the text is a sentence."""


def parse_bounded(octets: bytes) -> EmailMessage:
    """Return a message parsed. Raises TooComplex, or RecursionError.

    Its header fields are read as ``email.policy.default`` does, and never raise; very long ones are
    cut, and what would take too long to read stays text.
    """
    effort = _Effort()
    policy = _BoundedPolicy(refold_source="none")
    object.__setattr__(policy, "effort", effort)  # policies let nothing be set, for good reasons
    parser = BytesFeedParser(_factory=effort.message, policy=policy)
    parser.feed(octets)
    message = parser.close()
    assert isinstance(message, EmailMessage)  # noqa: S101 - what the factory makes
    return message


class _Effort:
    """What one message has cost so far."""

    def __init__(self) -> None:
        self.parts = -1  # the parser tries the factory out once
        self.fields = 0
        self._left = _MOST_EFFORT
        self._read: dict[tuple[str, str], Any] = {}

    def message(self, policy: email.policy.EmailPolicy | None = None) -> "_BoundedMessage":
        """Make one more part."""
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise TooComplex(f"The message has more than {MAX_PARTS:,} parts.")
        return _BoundedMessage(policy)

    def field(self) -> None:
        """Count one more header field."""
        self.fields += 1
        if self.fields > MAX_FIELDS:
            raise TooComplex(f"The message has more than {MAX_FIELDS:,} header fields.")

    def read(self, policy: "_BoundedPolicy", name: str, value: str) -> Any:
        """Return a field's value as the header registry reads it, once; else as it stands."""
        key = (name.lower(), value)
        if key not in self._read:
            self._left -= len(value) ** 2
            self._read[key] = policy.registry(name, value) if self._left >= 0 else None
        return self._read[key]


class _BoundedMessage(EmailMessage):
    """A part that knows how deep it stands, and is not tripped up by its parameters."""

    depth = 0

    def get_param(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_param(*args, **kwargs)
        except Exception:  # noqa: BLE001 - continued parameters (RFC 2231) that contradict each other
            return kwargs.get("failobj", args[1] if len(args) > 1 else None)

    def attach(self, payload: Any) -> None:
        payload.depth = self.depth + 1
        if payload.depth > MAX_DEPTH:
            raise TooComplex(f"Parts stand in parts more than {MAX_DEPTH} deep.")
        super().attach(payload)


class _BoundedPolicy(email.policy.EmailPolicy):
    effort: _Effort

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        self.effort.field()
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_VALUE]

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if hasattr(value, "name"):  # it has been read
            return value
        read = self.effort.read(self, name, value)
        # Octets that are not ASCII come as lone surrogates.
        plain = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return " ".join(plain.splitlines()) if read is None else read

    def registry(self, name: str, value: str) -> Any:
        """Return a value read by the standard library, None where that trips over it."""
        try:
            read = super().header_fetch_parse(name, value)
            str(read)
        except Exception:  # noqa: BLE001 - its readers fail on garbage in many ways
            return None
        return read
