"""What code that sends by SMTP needs to know: the server, the envelope and the message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage

from mailgui.message.addresses import ascii_domain
from mailgui.message.attachments import charset_of, safe_type
from mailgui.message.compose import Composed, compose
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.message.literals import Mixed, Piece, Text, Variable
from mailgui.smtp.settings import SmtpSettings, TlsMode

PASSWORD_MECHANISMS = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One message on its way by SMTP, as code has it.

    Attributes:
        user, password: None where nobody signs in.
        sender, recipients: the envelope; addr-specs, domains as A-labels.
        draft: the message, ready for code: see ``ready``. None where it is in a file.
        file: the path of a whole message, in place of ``draft``.
        composed: the draft's message as MailGUI would send it.
        remarks: sentences for the top of the code.
    """

    host: str
    port: int
    tls: TlsMode
    tls_verify: bool
    tls_ca: str | None
    user: Text | None
    password: Text | None
    auth: str | None
    helo: str | None
    timeout: float
    sender: str
    recipients: tuple[str, ...]
    draft: Draft | None = None
    file: str | None = None
    composed: Composed | None = None
    remarks: tuple[str, ...] = ()

    @property
    def needs_tls(self) -> bool:
        """Whether TLS is begun or may be."""
        return self.tls is not TlsMode.NONE

    @property
    def own_envelope(self) -> bool:
        """Whether the envelope is another than the header would make."""
        draft = self.draft
        if draft is None or draft.sender is None or draft.bcc:
            return True
        shown = dict.fromkeys(mailbox.address for mailbox in (*draft.to, *draft.cc))
        named = {name.lower() for name, _ in draft.headers}
        return (
            self.sender != draft.sender.address
            or set(self.recipients) != set(shown)
            or "sender" in named
        )

    def mechanism(self, known: frozenset[str]) -> str:
        """Return the mechanism that was chosen, where it is among ``known``; else ""."""
        return self.auth if self.auth in known else ""

    def without(self, known: frozenset[str], what: str) -> tuple[str, ...]:
        """Return the remarks, with one more where ``what`` lacks the chosen mechanism."""
        if self.user is None or self.auth is None or self.auth in known:
            return self.remarks
        return (*self.remarks, f"{what} has no {self.auth}; it signs in as it can.")

    def variables(self) -> bool:
        """Whether an environment variable is read."""
        texts = [text for text in (self.user, self.password) if isinstance(text, Mixed)]
        return any(isinstance(piece, Variable) for text in texts for piece in text.pieces)


def open_dialogue(
    draft: Draft,
    settings: SmtpSettings,
    user: Text | None,
    password: Piece | None,
    remarks: Sequence[str] = (),
) -> Dialogue:
    """Return the dialogue that sends ``draft``. Measures its files. Raises DraftProblem."""
    composed = compose(draft)
    return Dialogue(
        settings.host,
        settings.port,
        settings.tls_mode,
        settings.tls_verify,
        settings.tls_ca if settings.tls_mode is not TlsMode.NONE else None,
        user or None,
        text_of(password) if user else None,
        settings.auth,
        settings.helo,
        settings.timeout,
        composed.envelope.sender,
        composed.envelope.recipients,
        draft=ready(draft),
        composed=composed,
        remarks=tuple(remarks),
    )


def text_of(piece: Piece | None) -> Text | None:
    """Return a piece as a text."""
    return piece if piece is None or isinstance(piece, str) else Mixed((piece,))


def ready(draft: Draft) -> Draft:
    """Return a draft as code has it: domains as A-labels, line ends as newlines."""

    def mailboxes(many: Sequence[Address]) -> tuple[Address, ...]:
        return tuple(Address(ascii_domain(each.address), each.name) for each in many)

    return replace(
        draft,
        sender=mailboxes([draft.sender])[0] if draft.sender else None,
        to=mailboxes(draft.to),
        cc=mailboxes(draft.cc),
        bcc=mailboxes(draft.bcc),
        reply_to=mailboxes(draft.reply_to),
        text=_newlines(draft.text),
        html=_newlines(draft.html),
    )


def _newlines(text: str | None) -> str | None:
    return None if text is None else re.sub(r"\r\n?", "\n", text)


@dataclass(frozen=True, slots=True)
class CodeAttachment:
    """A file of a message: its media type taken apart, its content by path or in memory."""

    filename: str
    maintype: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    path: str | None
    data: bytes
    content_id: str | None
    related: bool

    @property
    def content_type(self) -> str:
        """The media type with its parameters."""
        shown = "".join(f'; {name}="{value}"' for name, value in self.parameters)
        return f"{self.maintype}/{self.subtype}{shown}"

    @property
    def disposition(self) -> str:
        """How it is to be shown."""
        return "inline" if self.content_id else "attachment"


def attachments(draft: Draft) -> tuple[CodeAttachment, ...]:
    """Return a draft's files; those that belong to the HTML are ``related``."""
    return tuple(_attachment(each, draft) for each in draft.attachments)


def _attachment(attachment: Attachment, draft: Draft) -> CodeAttachment:
    read = EmailMessage()
    read["Content-Type"] = safe_type(attachment.content_type)
    parsed = read["Content-Type"]
    parameters = dict(parsed.params)
    if charset := charset_of(attachment):
        parameters["charset"] = charset
    in_memory = attachment.data is not None
    return CodeAttachment(
        attachment.filename,
        parsed.maintype,
        parsed.subtype,
        tuple(parameters.items()),
        None if in_memory else str(attachment.path),
        attachment.data or b"",
        attachment.content_id,
        attachment.inline and draft.html is not None,
    )


def domain_of(dialogue: Dialogue) -> str:
    """Return the domain to make a Message-ID with."""
    sender = dialogue.draft.sender.address if dialogue.draft and dialogue.draft.sender else ""
    return sender.rpartition("@")[2] or "localhost"
