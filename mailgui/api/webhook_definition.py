"""The ``[webhooks]`` table of a provider file: events, their parts, and how they are signed."""

# ruff: noqa: RUF012 - msgspec gives each Struct a copy of an empty default
from typing import Any, Literal

import msgspec

from mailgui.api.table import Table

Scheme = Literal["none", "basic", "token", "hmac", "ecdsa", "rsa", "sns", "md5_in_body"]
NormalEvent = Literal[
    "accepted", "delivered", "deferred", "bounced", "complained", "opened", "clicked",
    "unsubscribed", "other",
]  # fmt: skip
Paths = str | list[str]

CONTENT_NAMES = frozenset({"body", "timestamp", "id", "url", "form"})
SAMPLE_NAMES = frozenset(
    {"event", "detail", "recipient", "sender", "subject", "message_id", "reason", "id", "now",
     "unix", "unix_ms"}
)  # fmt: skip


class Signature(Table, frozen=True, kw_only=True):
    """How a webhook proves where it is from.

    Attributes:
        scheme: ``hmac``, ``ecdsa`` (P-256 with SHA-256), ``rsa`` (PKCS #1 v1.5), ``sns`` (Amazon's,
            with a certificate), ``md5_in_body`` (the digest stands in the body, in place of the
            key), ``basic`` (user name and password), ``token`` (a value both sides know), ``none``.
        title: what people call it, such as ``Standard Webhooks``.
        header: the header that has the signature or the token; or ``path``, a place in the body.
        format: how a ``token`` stands in its header, with ``{key}``.
        prefix: stands before each signature, of which a header may then have several with blanks
            between them; those with another prefix do not count.
        content: what is signed: ``{body}``, ``{timestamp}``, ``{id}``, ``{url}`` (as the provider
            calls it) and ``{form}`` (the form's fields sorted by name, names and values joined).
        digest, encoding: of the signature.
        timestamp, id: where these are: ``header:Name``, or a place in the body.
        tolerance: how many seconds the timestamp may differ from now; none where no bound is known.
        key: how the key is written: as ``text``, ``base64`` or a ``public_key`` (PEM or base64).
        key_prefix: what a key begins with, before its base64.
        key_label, key_help: what a person is asked for.
        certificate_host: of ``sns``: whose certificates are fetched; ``{region}`` stands for one.
        certificate_path: a regular expression for the path of such a certificate.
        certificate_authorities: where the authorities are that may have issued it, as PEM. Without
            any, that it comes from the host is what counts.
    """

    scheme: Scheme = "none"
    title: str = ""
    header: str = ""
    path: str = ""
    format: str = "{key}"
    prefix: str = ""
    content: str = "{body}"
    digest: Literal["sha256", "sha1", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp: str = ""
    id: str = ""
    tolerance: int | None = None
    key: Literal["text", "base64", "public_key"] = "text"
    key_prefix: str = ""
    key_label: str = "Signing key"
    key_help: str = ""
    certificate_host: str = ""
    certificate_path: str = r"/SimpleNotificationService-[A-Za-z0-9-]{1,80}\.pem"
    certificate_authorities: list[str] = []
    note: str = ""

    @property
    def signs_body(self) -> bool:
        """Whether an altered body can be told from the signature."""
        signed = self.scheme in {"sns", "md5_in_body"}
        keyed = self.scheme in {"hmac", "ecdsa", "rsa"}
        return signed or (keyed and ("{body}" in self.content or "{form}" in self.content))


class Webhooks(Table, frozen=True, kw_only=True):
    """The events a provider reports, by its own names, and how they are signed.

    Where several paths are given, the first that leads to something wins.

    Attributes:
        form_field: the body is a form, and this field of it holds the JSON.
        unwrap: a place whose text is the JSON that the events are in.
        items: finds the events; "" where the body is one event, or a list of them.
        event: its name; ``detail`` what tells apart events of one name: ``events`` may then have
            both, with a blank between them.
        message_id: the ids that the message is known by; ``id_pattern`` is a regular expression
            whose first group is the part of it that the send call gave out.
        recipient, time, reason: of an event. Times are Unix (seconds or milliseconds) or ISO 8601.
        events: MailGUI's own word for each name.
        samples: what a body looks like, by the name of the event; ``*`` stands for the others.
    """

    form_field: str = ""
    unwrap: str = ""
    items: str = ""
    event: Paths = ""
    detail: Paths = ""
    message_id: Paths = ""
    id_pattern: str = ""
    recipient: Paths = ""
    time: Paths = ""
    reason: Paths = ""
    events: dict[str, NormalEvent] = msgspec.field(default_factory=dict)
    samples: dict[str, Any] = msgspec.field(default_factory=dict)
    signature: Signature = Signature()
    unverified: bool = False


def listed(paths: Paths) -> list[str]:
    """Return paths as a list, empty ones left out."""
    every = [paths] if isinstance(paths, str) else paths
    return [path for path in every if path]
