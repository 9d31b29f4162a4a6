"""A stored message turned back into a draft, for the roads that do not carry octets."""

import os
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from mailgui.message.addresses import parse_addresses
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.message.headers import RESERVED
from mailgui.message.parse import ParsedMessage, parse_message, parts_octets

_LEFT_BEHIND = frozenset({"received", "dkim-signature", "authentication-results", "delivered-to"})
"""What other servers wrote on the way; a new sending does not repeat it."""

_EMPTY_GROUP = re.compile(r"[^@<>]*:\s*;?\s*")  # such as undisclosed-recipients:;


def draft_from_eml(source: str | os.PathLike[str] | bytes) -> Draft:
    """Return the draft that would compose to the message in a file or in octets.

    Raises DraftProblem where an address cannot be used, OSError for an unreadable file.
    """
    octets = source if isinstance(source, bytes) else Path(source).read_bytes()
    message = parse_message(octets)
    senders = _addresses(message, "From", "from")
    return Draft(
        sender=senders[0] if senders else None,
        to=_addresses(message, "To", "to"),
        cc=_addresses(message, "Cc", "cc"),
        bcc=_addresses(message, "Bcc", "bcc"),
        reply_to=_addresses(message, "Reply-To", "reply_to"),
        subject=message.header("Subject") or "",
        text=message.text,
        html=message.html,
        attachments=_attachments(octets, message),
        headers=_own_headers(message),
        message_id=message.header("Message-ID"),
        date=_date(message.header("Date")),
    )


def _addresses(message: ParsedMessage, name: str, field: str) -> tuple[Address, ...]:
    texts = (
        value
        for key, value in message.headers
        if key.lower() == name.lower() and not _EMPTY_GROUP.fullmatch(value)
    )
    return tuple(mailbox for text in texts for mailbox in parse_addresses(text, field))


def _attachments(octets: bytes, message: ParsedMessage) -> tuple[Attachment, ...]:
    if not message.attachments:
        return ()
    contents = parts_octets(octets, (part.index for part in message.attachments))
    return tuple(
        Attachment(
            filename=part.filename or f"part-{part.index}",
            content_type=part.content_type,
            data=content,
            content_id=part.content_id if part.inline else None,
        )
        for part, content in zip(message.attachments, contents, strict=True)
    )


def _own_headers(message: ParsedMessage) -> tuple[tuple[str, str], ...]:
    leave = RESERVED | _LEFT_BEHIND
    return tuple((name, value) for name, value in message.headers if name.lower() not in leave)


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
