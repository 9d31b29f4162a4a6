"""What the embedded servers took in: a bounded list whose entries are metadata only.

Bodies are held beside it and asked for one at a time, so that a list of big messages stays cheap.
"""

import email.errors
import email.parser
import email.policy
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from mailgui.transcript import visible

Road = Literal["smtp", "api"]

_SHOWN_HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")
MAX_MESSAGES = 1_000
MAX_OCTETS = 256 * 1024 * 1024  # of all messages together
_USUAL_TEXTS = 1_000  # characters of addresses and headers that are not counted
_HEADER_OCTETS = 64 * 1024  # headers beyond this are not summarised


@dataclass(frozen=True, slots=True)
class CapturedMessage:
    """One message as a list shows it.

    Attributes:
        envelope_from: the sender that the envelope (or the API's call) named; "" is the null one.
        recipients: everyone it would have gone to.
        size: octets of what was received: the message, or the API request's body.
        provider: the id of the provider whose API was spoken, or None for SMTP.
        headers: the usual ones, decoded, safe to show; of an API message what its fields say.
        tls, user, greeting: of the SMTP session: whether encrypted, who signed in, its EHLO name.
        faults: what the sandbox was provoked to do with it, such as ``slow``.
        remote_id: the id that the API's answer gave it; "" for SMTP.
    """

    id: str
    received: datetime
    road: Road
    envelope_from: str
    recipients: tuple[str, ...]
    size: int
    peer: str = ""
    provider: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False
    user: str = ""
    greeting: str = ""
    faults: tuple[str, ...] = ()
    remote_id: str = ""

    @property
    def subject(self) -> str:
        """The subject, or "" where there is none."""
        return self.headers.get("Subject", "")

    @property
    def message_id(self) -> str:
        """The Message-ID header, or "" where there is none."""
        return self.headers.get("Message-ID", "")


class Mailbox:
    """The captured messages, newest first. Any thread may use it.

    Beyond ``max_messages`` or ``max_octets`` the oldest are dropped, but never the newest.

    Attributes:
        dropped: how many had to go since it was emptied last.
    """

    def __init__(self, max_messages: int = MAX_MESSAGES, max_octets: int = MAX_OCTETS) -> None:
        self.dropped = 0
        self._max_messages = max_messages
        self._max_octets = max_octets
        self._guard = threading.Lock()
        self._messages: dict[str, tuple[CapturedMessage, bytes]] = {}  # oldest first
        self._octets = 0
        self._listeners: list[Callable[[CapturedMessage], None]] = []

    def __len__(self) -> int:
        return len(self._messages)

    def list(self) -> tuple[CapturedMessage, ...]:
        """Return every message's metadata, newest first."""
        with self._guard:
            return tuple(message for message, _ in reversed(self._messages.values()))

    def get(self, message_id: str) -> CapturedMessage | None:
        """Return one message's metadata by its ``id``."""
        with self._guard:
            found = self._messages.get(message_id)
        return found[0] if found else None

    def body(self, message_id: str) -> bytes | None:
        """Return what was received, octet for octet, or None when it is not there any more."""
        with self._guard:
            found = self._messages.get(message_id)
        return found[1] if found else None

    @property
    def bound(self) -> str:
        """What it holds at most, as a sentence."""
        size = f"{self._max_octets // (1024 * 1024):,} MiB"
        return f"The sandbox keeps {self._max_messages:,} messages, {size} in all; the oldest go."

    def add(self, message: CapturedMessage, octets: bytes) -> None:
        """Add a message, and tell whoever subscribed, on the caller's thread."""
        with self._guard:
            self._messages[message.id] = (message, octets)
            self._octets += _weight(message, octets)
            while len(self._messages) > 1 and self._over():
                self._drop(next(iter(self._messages)))
                self.dropped += 1
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(message)

    def remove(self, message_id: str) -> bool:
        """Drop one message; return whether it was there."""
        with self._guard:
            return self._drop(message_id)

    def clear(self) -> None:
        """Drop all messages."""
        with self._guard:
            self._messages.clear()
            self._octets = self.dropped = 0

    def subscribe(self, listener: Callable[[CapturedMessage], None]) -> Callable[[], None]:
        """Call ``listener`` with each message that comes; return what ends that."""
        with self._guard:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._guard:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def _over(self) -> bool:
        return len(self._messages) > self._max_messages or self._octets > self._max_octets

    def _drop(self, message_id: str) -> bool:
        found = self._messages.pop(message_id, None)
        if found:
            self._octets -= _weight(*found)
        return found is not None


def _weight(message: CapturedMessage, octets: bytes) -> int:
    """Return how much of the bound a message takes: addresses may be longer than what they get."""
    texts = (*message.recipients, *message.headers.values(), message.envelope_from)
    return len(octets) + max(0, sum(map(len, texts)) - _USUAL_TEXTS)


def new_id() -> str:
    """Return an id for a captured message."""
    return uuid.uuid4().hex


def now() -> datetime:
    """Return the moment a message is received at."""
    return datetime.now(UTC)


def summarise_headers(octets: bytes) -> dict[str, str]:
    """Return the usual headers of a message, decoded and safe to show; never raises."""
    head = octets[:_HEADER_OCTETS]
    parsed = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    raw = {name.lower(): value for name, value in reversed([*parsed.raw_items()])}
    return {
        name: visible(" ".join(_decoded(raw[name.lower()]).split()))
        for name in _SHOWN_HEADERS
        if name.lower() in raw
    }


def _decoded(raw: str) -> str:
    """Return a header with its encoded words (RFC 2047) and raw UTF-8 read."""
    import email.header

    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(email.header.make_header(email.header.decode_header(text)))
    except (ValueError, LookupError, email.errors.MessageError):
        return text
