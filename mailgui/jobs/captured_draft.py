"""A captured message as the draft of another: an answer to it, or the same one to edit and send.

Nothing a stranger wrote can keep a draft from being made: what no draft may hold is left out.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from mailgui.jobs.captured import CapturedFile, CapturedView, read_captured
from mailgui.message.addresses import parse_address, parse_addresses
from mailgui.message.draft import Address, Attachment, Draft, DraftProblem
from mailgui.message.headers import RESERVED
from mailgui.message.loose_addresses import loose_addresses
from mailgui.sandbox.mailbox import Mailbox

MAX_ADDRESSES = 1_000
MAX_HEADERS = 100
MAX_QUOTED = 2_000  # lines
MAX_REFERENCES = 20  # beside the first, which says what the thread began with
_LONGEST_LINE = 900  # characters of a header's value
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>", re.ASCII)
_HEADER_NAME = re.compile(r"[!-9;-~]{1,70}")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*", re.ASCII)
_CONTENT_ID = re.compile(r"[\w.@+-]{1,200}", re.ASCII)
_ANSWER = re.compile(r"re\s*(\[\d+\])?\s*:", re.IGNORECASE)
_ON_THE_WAY = frozenset({"received", "dkim-signature", "authentication-results", "delivered-to"})


class DraftKind(StrEnum):
    """What the draft is to be."""

    REPLY = "reply"
    NEW = "new"


async def open_draft(mailbox: Mailbox, message_id: str, kind: DraftKind) -> Draft:
    """Return the draft made of a captured message. Raises MessageGone."""
    view = await asyncio.to_thread(read_captured, mailbox, message_id)
    return await asyncio.to_thread(reply_to if kind is DraftKind.REPLY else edit_as_new, view)


def edit_as_new(view: CapturedView) -> Draft:
    """Return the same message, not yet sent: its moment and its Message-ID are made anew.

    Recipients whom no header names become Bcc.
    """
    senders = _addresses(view, "From")
    to, cc = _addresses(view, "To"), _addresses(view, "Cc")
    named = {each.address.lower() for each in (*to, *cc)}
    hidden = [a for a in view.message.recipients if a.lower() not in named]
    return Draft(
        sender=next(iter(senders or _read([view.message.envelope_from])), None),
        to=to,
        cc=cc,
        bcc=_read(hidden),
        reply_to=_addresses(view, "Reply-To"),
        subject=_header(view, "Subject"),
        text=view.text or None,
        html=view.html or None,
        attachments=tuple(_attachment(file) for file in view.files),
        headers=tuple(_own_headers(view)),
    )


def reply_to(view: CapturedView) -> Draft:
    """Return an answer: from whom it came to, to whom it came from, with what it said quoted."""
    subject = _header(view, "Subject")
    came_to = {address.lower() for address in view.message.recipients}
    named = (*_addresses(view, "To"), *_addresses(view, "Cc"))
    own = [each for each in named if each.address.lower() in came_to]
    sender = next(iter(own or _read(view.message.recipients[:1])), None)
    answers = _addresses(view, "Reply-To") or _addresses(view, "From")
    return Draft(
        sender=sender,
        to=answers or _read([view.message.envelope_from]),
        subject=subject if _ANSWER.match(subject) else f"Re: {subject}".rstrip(),
        text=_quoted(view),
        headers=tuple(_thread(view)),
    )


def _header(view: CapturedView, name: str) -> str:
    lower = name.lower()
    found = next((value for key, value in view.headers if key.lower() == lower), "")
    return " ".join(found.split())


def _addresses(view: CapturedView, name: str) -> tuple[Address, ...]:
    text = _header(view, name)
    try:
        return parse_addresses(text, "to")[:MAX_ADDRESSES] if text else ()
    except DraftProblem:
        return _read(loose_addresses([text]))


def _read(texts: Sequence[str]) -> tuple[Address, ...]:
    """Return those of the addresses that a draft may have."""
    found = []
    for text in texts[:MAX_ADDRESSES]:
        try:
            found.append(parse_address(text))
        except DraftProblem:
            continue
    return tuple(found)


def _own_headers(view: CapturedView) -> Iterator[tuple[str, str]]:
    if view.message.road != "smtp":
        return  # what an API's call says of itself are its fields
    leave = RESERVED | _ON_THE_WAY
    usable = [
        (name, value)
        for name, value in view.headers
        if name.lower() not in leave and not name.lower().startswith(("arc-", "x-mailgui-"))
    ]
    for name, value in usable[:MAX_HEADERS]:
        if _HEADER_NAME.fullmatch(name) and len(value) <= _LONGEST_LINE:
            yield name, value


def _attachment(file: CapturedFile) -> Attachment:
    kind = file.content_type if _CONTENT_TYPE.fullmatch(file.content_type) else ""
    named = file.inline and _CONTENT_ID.fullmatch(file.content_id)
    return Attachment(
        filename=file.name,
        content_type=kind or "application/octet-stream",
        data=file.octets,
        content_id=file.content_id if named else None,
    )


def _thread(view: CapturedView) -> Iterator[tuple[str, str]]:
    """Yield In-Reply-To and References (RFC 5322, section 3.6.4)."""
    answered = _MESSAGE_ID.search(_header(view, "Message-ID"))
    if answered is None:
        return  # an API gives it one only later
    earlier = _MESSAGE_ID.findall(_header(view, "References"))
    if not earlier:
        before = _MESSAGE_ID.findall(_header(view, "In-Reply-To"))
        earlier = before if len(before) == 1 else []
    if len(earlier) > MAX_REFERENCES:
        earlier = [earlier[0], *earlier[1 - MAX_REFERENCES :]]
    yield "In-Reply-To", answered[0]
    yield "References", " ".join((*earlier, answered[0]))


def _quoted(view: CapturedView) -> str:
    """Return room to write, who wrote what is below, and that with marks before its lines."""
    who = _header(view, "From") or view.message.envelope_from or "Somebody"
    when = _header(view, "Date") or view.message.received.astimezone().strftime("%Y-%m-%d %H:%M")
    lines = (view.text or view.html_text).rstrip().split("\n")
    marked = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines]
    if len(marked) > MAX_QUOTED:
        marked = [*marked[:MAX_QUOTED], "> […]"]
    return "\n".join(("", "", f"On {when}, {who} wrote:", *marked))
