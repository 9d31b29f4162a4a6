"""From a draft to the octets that are sent: the message head, its envelope and the stream."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from mailgui.message import headers, mime
from mailgui.message.addresses import ascii_domain, check_address, is_ascii
from mailgui.message.attachments import human_size, octets_of
from mailgui.message.draft import Address, Draft, DraftProblem
from mailgui.message.encoders import CHUNK, base64_lines, pieces
from mailgui.message.outgoing import Envelope

_MESSAGE_ID = 900  # octets: it cannot be folded
_PREVIEW_OCTETS = 114  # of a file: two lines of base64


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to be sent; an ``Outgoing``.

    Attributes:
        head: the header section as it is sent, without the blank line.
        segments: all that follows the head, blank line first; files are read when sent.
    """

    envelope: Envelope
    message_id: str | None
    needs_smtputf8: bool
    needs_8bitmime: bool
    head: bytes
    segments: tuple[mime.Segment, ...]
    size: int

    @property
    def in_memory(self) -> bool:
        """Whether it has no part that is read from a file; see ``Outgoing``."""
        return all(isinstance(segment, bytes) for segment in self.segments)

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in chunks of at most 64 KiB; see ``Outgoing``.

        Raises FileChanged when a file's length is no longer the one that was announced.
        """
        yield from pieces(self.head)
        small = b""
        for segment in self.segments:
            if isinstance(segment, bytes) and len(small) + len(segment) <= CHUNK:
                small += segment
                continue
            if small:
                yield small
                small = b""
            if isinstance(segment, bytes):
                yield from pieces(segment)
            else:
                yield from map(base64_lines, octets_of(segment.attachment, segment.length))
        if small:
            yield small

    def preview(self, limit: int = 256 * 1024) -> bytes:
        """Return what is sent, for people to read, in at most about ``limit`` octets.

        Of each file only the first lines of base64 are shown, with a note in brackets of how
        much follows; everything else is what is sent. Raises OSError when a file has gone.
        """
        shown = bytearray(self.head)
        for segment in self.segments:
            shown += segment if isinstance(segment, bytes) else _abridged(segment)
            if len(shown) > limit:
                rest = f"\r\n[… abridged; the whole message has {human_size(self.size)} …]\r\n"
                return bytes(shown[:limit]) + rest.encode()
        return bytes(shown)


def compose(draft: Draft, *, envelope_required: bool = True) -> Composed:
    """Return the message for a draft, its size exact and its files not yet read.

    ``envelope_required`` False lets a draft pass that has no sender or recipient yet, as one being
    written. Message-ID and Date are made anew each time unless the draft has them.
    Raises DraftProblem.
    """
    if envelope_required:
        _require_people(draft)
    envelope = _envelope(draft)
    shown = [*_some(draft.sender), *draft.to, *draft.cc, *draft.reply_to]
    utf8 = not all(is_ascii(mailbox.address) for mailbox in shown)
    needs_smtputf8 = utf8 or not all(map(is_ascii, (envelope.sender, *envelope.recipients)))
    message_id = _message_id(draft)
    rules = headers.UTF8 if utf8 else headers.ASCII

    tree = mime.build(draft, allow_8bit=needs_smtputf8)
    seed = mime.boundary_seed(tree, message_id)
    head = _head(draft, message_id, rules) + mime.header_of(tree, seed)
    segments = tuple(mime.body_of(tree, seed))
    return Composed(
        envelope=envelope,
        message_id=message_id,
        needs_smtputf8=needs_smtputf8,
        needs_8bitmime=any(leaf.encoding == "8bit" for leaf in mime.leaves(tree)),
        head=head,
        segments=segments,
        size=len(head) + sum(s.size if not isinstance(s, bytes) else len(s) for s in segments),
    )


def _require_people(draft: Draft) -> None:
    if draft.sender is None or not draft.sender.address:
        raise DraftProblem("from", "The message has no sender: fill in From.")
    if not (draft.to or draft.cc or draft.bcc):
        raise DraftProblem("to", "There is nobody to send to: fill in To, Cc or Bcc.")


def _envelope(draft: Draft) -> Envelope:
    sender = draft.envelope_from
    if sender is None:
        sender = draft.sender.address if draft.sender else ""
    if sender:
        sender = ascii_domain(check_address(sender, "from"))
    fields = (("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc))
    recipients: dict[tuple[str, str], str] = {}
    for field, mailboxes in fields:
        for mailbox in mailboxes:
            address = ascii_domain(check_address(mailbox.address, field))
            local, _, domain = address.rpartition("@")
            recipients.setdefault((local, domain.lower()), address)
    return Envelope(sender, tuple(recipients.values()))


def _head(draft: Draft, message_id: str, rules: headers.Policy) -> bytes:
    lines = [headers.fold("Date", [_date(draft.date)], rules)]
    fields = (
        ("From", "from", _some(draft.sender)),
        ("Reply-To", "reply_to", draft.reply_to),
        ("To", "to", draft.to),
        ("Cc", "cc", draft.cc),
    )
    for name, field, mailboxes in fields:
        if mailboxes:
            lines.append(headers.addresses(name, mailboxes, rules, field))
    if draft.bcc and not (draft.to or draft.cc):
        # An empty group (RFC 5322 section 3.4): some filters dislike a message for nobody.
        lines.append(headers.fold("To", ["undisclosed-recipients:;"], rules))
    if draft.subject:
        subject = headers.check_text(draft.subject, "subject", "The subject")
        lines.append(headers.unstructured("Subject", subject, rules))
    lines.append(headers.fold("Message-ID", [message_id], rules))
    lines += [headers.own_header(name, value, rules) for name, value in draft.headers]
    lines.append(headers.fold("MIME-Version", ["1.0"], rules))
    return b"".join(lines)


def _some(mailbox: Address | None) -> tuple[Address, ...]:
    return (mailbox,) if mailbox and mailbox.address else ()


def _date(date: datetime | None) -> str:
    """RFC 5322 section 3.3; a time without a zone is this machine's."""
    date = date or datetime.now(UTC).astimezone()
    return format_datetime(date if date.tzinfo else date.astimezone())


def _message_id(draft: Draft) -> str:
    if draft.message_id is None:
        address = draft.sender.address if draft.sender else ""
        domain = address.rpartition("@")[2]
        try:
            domain = ascii_domain(domain) or "localhost"
        except ValueError:
            domain = "localhost"
        return f"<{secrets.token_hex(16)}@{domain}>"
    inner = headers.check_text(draft.message_id.strip(), "headers", "The Message-ID")
    inner = inner.removeprefix("<").removesuffix(">")
    good = "@" in inner and inner.isascii() and inner.isprintable()
    if not good or any(char in inner for char in " <>") or len(inner) > _MESSAGE_ID:
        raise DraftProblem(
            "headers", "The Message-ID must look like <something@example.com>, in ASCII."
        )
    return f"<{inner}>"


def _abridged(segment: mime.FileSegment) -> bytes:
    beginning = b""
    for piece in octets_of(segment.attachment, segment.length):
        beginning = base64_lines(piece[:_PREVIEW_OCTETS])
        break
    left = segment.size - len(beginning)
    if not left:
        return beginning
    name = segment.attachment.filename
    note = f"[… {left:,} more octets of base64: {name}, {human_size(segment.length)} …]\r\n"
    return beginning + note.encode()
