"""The record of one conversation with the world: frozen, complete, and free of secrets.

One type serves the live view, the waterfall, the history, every export and the tests.
Times are seconds from the conversation's start; sizes are octets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailgui.transcript.vocabulary import Direction, Kind, Layer, Outcome, Stage


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``octets`` and ``text`` are already masked.

    ``data_length`` and ``data_digest`` (SHA-256, hex) stand for message data, which is
    never copied into a transcript. ``expected`` is None where nothing particular was due.
    """

    at: float
    direction: Direction
    layer: Layer
    text: str
    octets: bytes = b""
    tls: bool = False
    expected: bool | None = None
    stage: Stage | None = None
    data_length: int | None = None
    data_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of time. ``note`` says what a bare number would hide, such as "reused"."""

    name: str
    start: float
    duration: float
    note: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: an SMTP reply or, for an API, the HTTP status with its message."""

    code: int
    text: str
    enhanced: str | None = None


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What became of one recipient; ``reply`` is the answer that decided it."""

    address: str
    outcome: Outcome
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class EhloAnswer:
    """What a server said it can do, and whether that was said inside TLS.

    ``capabilities`` maps each upper-case keyword to its parameters, in the order given.
    """

    tls: bool
    greeting: str
    capabilities: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """One certificate of a chain, read for people. ``der`` is the whole of it, for saving."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key: str  # "RSA 2048", "EC secp256r1", "Ed25519"
    signature: str  # "sha256WithRSAEncryption"
    serial: str
    sha256: str
    der: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class TlsSummary:
    """What a handshake settled, or, with ``fault``, why it was refused.

    ``fault_at`` is the place in ``chain`` of the certificate at fault, where it is one's fault.
    ``key_exchange`` is by what both sides agreed on a key, such as ``X25519``.
    """

    version: str | None
    cipher: str | None
    verified: bool
    server_name: str | None
    alpn: str | None = None
    resumed: bool = False
    fault: str | None = None
    chain: tuple[CertificateSummary, ...] = ()
    key_exchange: str | None = None
    fault_at: int | None = None


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One HTTP request and its answer, masked. ``status`` is None when no answer came."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    http_version: str = "HTTP/1.1"
    status: int | None = None
    reason: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: bytes = b""


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that decided nothing; ``slug`` names it for the knowledge base."""

    slug: str
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole conversation. ``stage`` is where the outcome was decided."""

    id: str
    kind: Kind
    started: datetime
    title: str
    peer: str
    outcome: Outcome
    stage: Stage | None = None
    reply: Reply | None = None
    recipients: tuple[RecipientResult, ...] = ()
    events: tuple[Event, ...] = ()
    phases: tuple[Phase, ...] = ()
    duration: float = 0.0
    message_id: str | None = None  # the Message-ID header of what was sent
    remote_id: str | None = None  # the server's queue id or the API's id
    summary: str = ""  # one plain sentence: why it ended so
    fault: str | None = None  # machine-readable slug of a local or network fault
    tls: TlsSummary | None = None
    ehlo: tuple[EhloAnswer, ...] = ()
    exchanges: tuple[HttpExchange, ...] = ()
    notes: tuple[Note, ...] = ()

    def with_direction(self, direction: Direction, layer: Layer | None = None) -> tuple[Event, ...]:
        """Return the events of one direction (and layer), in order."""
        return tuple(
            e for e in self.events if e.direction is direction and layer in (None, e.layer)
        )
