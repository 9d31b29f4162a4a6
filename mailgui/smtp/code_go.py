"""A dialogue as Go, with nothing but its standard library."""

import base64
from email.utils import format_datetime

from mailgui.message.code_page import code_page
from mailgui.message.dialects import GO
from mailgui.message.draft import Address, Draft
from mailgui.message.literals import Source
from mailgui.net.hosts import is_loopback
from mailgui.net.stream import Endpoint
from mailgui.smtp.code_dialogue import CodeAttachment, Dialogue, attachments, domain_of
from mailgui.smtp.settings import TlsMode

_KNOWN = frozenset({"PLAIN", "CRAM-MD5", "LOGIN", "XOAUTH2"})
_PLAIN_TLS = "Go's PLAIN refuses a connection without TLS that does not lead to localhost."


def go_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a Go program. Needs Go 1.18."""
    draft = dialogue.draft
    files = attachments(draft) if draft else ()
    remarks = list(dialogue.without(_KNOWN, "net/smtp"))
    mechanism = dialogue.mechanism(_KNOWN) or "PLAIN"
    open_line = dialogue.tls is TlsMode.NONE and not is_loopback(dialogue.host)
    if dialogue.user is not None and mechanism == "PLAIN" and open_line:
        remarks.append(_PLAIN_TLS)
    body = _Body(draft, files) if draft else None
    lines = body.lines() if body else []
    used = _Used(dialogue, mechanism, "\n".join(lines), files)
    return code_page(
        "smtp-go",
        GO,
        dialogue=dialogue,
        remarks=[GO.remark(sentence) for sentence in remarks],
        imports=[Source(f'"{name}"') for name in used.imports(draft)],
        headers=_headers(dialogue, draft) if draft else [],
        body=[Source(line) for line in lines],
        mechanism=mechanism,
        address=GO.text(str(Endpoint(dialogue.host, dialogue.port))),
        timeout=_seconds(dialogue.timeout),
        spaced=Source(_seconds(dialogue.timeout).replace("*", " * ")),
        recipients=Source(", ".join(GO.quoted(each) for each in dialogue.recipients)),
        uses=used,
    )


def _seconds(seconds: float) -> Source:
    if seconds == int(seconds):
        return Source(f"{int(seconds)}*time.Second")
    return Source(f"{max(1, round(seconds * 1000))}*time.Millisecond")


def _headers(dialogue: Dialogue, draft: Draft) -> list[tuple[Source, Source]]:
    """Return the header fields, each with the expression of its value."""
    date = GO.quoted(format_datetime(draft.date)) if draft.date else (
        "time.Now().Format(time.RFC1123Z)"
    )  # fmt: skip
    made = 'fmt.Sprintf("<%d.%d@%s>", time.Now().UnixNano(), os.Getpid(), '
    message_id = (
        GO.quoted(draft.message_id) if draft.message_id
        else f"{made}{GO.quoted(domain_of(dialogue))})"
    )  # fmt: skip
    found = [("Date", date), ("Message-ID", message_id)]
    people = (
        ("From", (draft.sender,) if draft.sender else ()),
        ("Reply-To", draft.reply_to),
        ("To", draft.to),
        ("Cc", draft.cc),
    )
    found += [
        (name, f"mailboxes({', '.join(map(_mailbox, many))})") for name, many in people if many
    ]
    if not (draft.to or draft.cc):
        found.append(("To", '"undisclosed-recipients:;"'))
    own = ((("Subject", draft.subject),) if draft.subject else ()) + draft.headers
    found += [(name, f'mime.QEncoding.Encode("utf-8", {GO.quoted(value)})') for name, value in own]
    return [(GO.text(name), Source(value)) for name, value in found]


def _mailbox(mailbox: Address) -> str:
    if not mailbox.name:
        return f"mail.Address{{Address: {GO.quoted(mailbox.address)}}}"
    return f"mail.Address{{Name: {GO.quoted(mailbox.name)}, Address: {GO.quoted(mailbox.address)}}}"


class _Body:
    """The statements that write the body, multipart inside multipart."""

    def __init__(self, draft: Draft, files: tuple[CodeAttachment, ...]) -> None:
        self._draft = draft
        self._related = [file for file in files if file.related]
        self._files = [file for file in files if not file.related]
        self._made: list[str] = []

    def lines(self) -> list[str]:
        """Return the statements."""
        draft = self._draft
        both = draft.text is not None and draft.html is not None
        if not (self._files or self._related or both):
            subtype = "html" if draft.html is not None else "plain"
            text = draft.html if draft.html is not None else draft.text or ""
            return [f'writeText(&message, "text/{subtype}", {_block(text)})']
        self._write(None)
        return self._made

    def _write(self, outer: str | None) -> None:
        if self._files:
            name = self._begin("mixed", outer)
            self._alternatives(name)
            for file in self._files:
                self._file(name, file)
            self._end(name)
        else:
            self._alternatives(outer)

    def _alternatives(self, outer: str | None) -> None:
        draft = self._draft
        if draft.text is not None and draft.html is not None:
            name = self._begin("alternative", outer)
            self._text(name, "plain", draft.text)
            self._html(name, draft.html)
            self._end(name)
        elif draft.html is not None:
            self._html(outer, draft.html)
        elif outer is not None:
            self._text(outer, "plain", draft.text or "")

    def _html(self, outer: str | None, html: str) -> None:
        if not self._related:
            assert outer is not None  # noqa: S101 - a single text has no multipart
            self._text(outer, "html", html)
            return
        name = self._begin("related", outer)
        self._text(name, "html", html)
        for file in self._related:
            self._file(name, file)
        self._end(name)

    def _begin(self, subtype: str, outer: str | None) -> str:
        call = f'inside({outer}, "{subtype}")' if outer else f'begin(&message, "{subtype}")'
        self._made.append(f"{subtype} := {call}")
        return subtype

    def _end(self, name: str) -> None:
        self._made.append(f"check({name}.Close())")

    def _text(self, to: str, subtype: str, text: str) -> None:
        self._made.append(f'addText({to}, "text/{subtype}", {_block(text)})')

    def _file(self, to: str, file: CodeAttachment) -> None:
        if file.path is not None:
            content = f"read({GO.quoted(file.path)})"
        else:
            content = f"fromBase64({_block(base64.b64encode(file.data).decode())})"
        words = (file.disposition, file.filename, file.content_type, file.content_id or "")
        quoted = ", ".join(map(GO.quoted, words))
        self._made.append(f"addFile({to}, {quoted}, {content})")


def _block(text: str) -> str:
    return GO.block(text, 1).replace(" +\n", "+\n")  # as gofmt has it among arguments


class _Used:
    """Which parts of the program are needed: Go takes no unused one."""

    def __init__(
        self, dialogue: Dialogue, mechanism: str, body: str, files: tuple[CodeAttachment, ...]
    ) -> None:
        self.multipart = "begin(" in body
        self.nested = "inside(" in body
        self.text = "addText(" in body
        self.single = body.startswith("writeText(")
        self.files = bool(files)
        self.from_base64 = any(file.path is None for file in files)
        self.read = dialogue.file is not None or any(file.path is not None for file in files)
        self.pool = dialogue.tls_ca is not None and dialogue.tls_verify
        self.made = dialogue.draft is not None
        self.login = mechanism in {"LOGIN", "XOAUTH2"} and dialogue.user is not None
        self._dialogue = dialogue

    def imports(self, draft: Draft | None) -> list[str]:
        """Return the packages in the order that gofmt gives them."""
        dialogue = self._dialogue
        has_id = draft is not None and draft.message_id is not None
        own = bool(draft and (draft.subject or draft.headers))
        wanted = {
            "bytes": self.made,
            "crypto/tls": dialogue.needs_tls,
            "crypto/x509": self.pool,
            "encoding/base64": self.files,
            "fmt": self.made,
            "io": self.nested,
            "log": True,
            "mime": own or self.files,
            "mime/multipart": self.multipart,
            "mime/quotedprintable": self.text or self.single,
            "net": True,
            "net/mail": self.made,
            "net/smtp": True,
            "net/textproto": self.multipart,
            "os": self.read or self.pool or dialogue.variables() or (self.made and not has_id),
            "strings": self.made,
            "time": True,
        }
        return sorted(name for name, needed in wanted.items() if needed)
