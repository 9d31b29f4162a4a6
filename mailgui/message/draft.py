"""What a person writes. Immutable; knows nothing of transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from mailgui.wrong_input import WrongInput


class DraftProblem(WrongInput):
    """Something in a draft cannot be sent as it stands.

    Attributes:
        field: which field it is in: ``from``, ``to``, ``cc``, ``bcc``, ``reply_to``, ``subject``,
            ``headers``, ``attachments`` or ``message``.
        sentence: what is wrong and what to do, for a person.
    """

    def __init__(self, field_name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field_name
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: a display name (may be empty) and an addr-spec, which may be international."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to attach: read from ``path`` when it is needed, or held in ``data``.

    ``content_id`` (without angle brackets) makes it an inline image that HTML names by ``cid:``.
    """

    filename: str
    content_type: str = "application/octet-stream"
    path: Path | None = None
    data: bytes | None = None
    content_id: str | None = None

    @property
    def inline(self) -> bool:
        """Whether it is shown inside the HTML and not listed as a file."""
        return self.content_id is not None


@dataclass(frozen=True, slots=True)
class ApiExtras:
    """What only an e-mail API can carry; SMTP leaves all of it out."""

    template_id: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    send_at: datetime | None = None
    track_opens: bool | None = None
    track_clicks: bool | None = None
    idempotency_key: str | None = None
    attachment_urls: tuple[str, ...] = ()
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole message as its author sees it.

    ``text`` and ``html`` are None where there is no such body. ``headers`` are the author's own,
    in order. ``envelope_from`` overrides the envelope's sender address ("" is the null sender).
    ``message_id`` and ``date`` are made when the message is composed unless given.
    """

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    message_id: str | None = None
    date: datetime | None = None
    envelope_from: str | None = None
    extras: ApiExtras = ApiExtras()


def numbered(draft: Draft, number: int) -> Draft:
    """Return ``draft`` as one of many: its idempotency key, where it has one, gets a number.

    With the same key a provider would take the second message for the first one again.
    """
    key = draft.extras.idempotency_key
    if not key:
        return draft
    return replace(draft, extras=replace(draft.extras, idempotency_key=f"{key}-{number}"))
