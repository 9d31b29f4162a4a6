"""A dialogue as Python, with smtplib or aiosmtplib."""

from email.utils import format_datetime

from mailgui.message.code_page import code_page, lines
from mailgui.message.dialects import PYTHON
from mailgui.message.draft import Address, Draft
from mailgui.message.literals import Source
from mailgui.smtp.code_dialogue import (
    PASSWORD_MECHANISMS,
    CodeAttachment,
    Dialogue,
    attachments,
)
from mailgui.smtp.settings import TlsMode

_SMTPLIB = PASSWORD_MECHANISMS | {"XOAUTH2"}


def smtplib_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a program with smtplib, which is Python's own."""
    return _code(dialogue, "smtplib", dialogue.without(_SMTPLIB, "smtplib"))


def aiosmtplib_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a program with aiosmtplib. It chooses the mechanism by itself."""
    return _code(dialogue, "aiosmtplib", dialogue.without(PASSWORD_MECHANISMS, "aiosmtplib"))


def _code(dialogue: Dialogue, library: str, remarks: tuple[str, ...]) -> str:
    files = attachments(dialogue.draft) if dialogue.draft else ()
    draft = dialogue.draft
    headers = [] if draft is None else _headers(dialogue)
    return code_page(
        f"smtp-{library}",
        PYTHON,
        dialogue=dialogue,
        draft=draft,
        remarks=[PYTHON.remark(sentence) for sentence in remarks],
        imports=lines(_imports(dialogue, library, files, headers)),
        headers=headers,
        bodies=_bodies(draft) if draft else [],
        related=any(file.related for file in files),
        files=[_file(each) for each in sorted(files, key=lambda file: not file.related)],
        opening=_opening(dialogue),
        mechanism=dialogue.mechanism(_SMTPLIB),
        recipients=PYTHON.value(list(dialogue.recipients), 1),
        mangled=library == "smtplib" and _would_be_mangled(dialogue),
        method=Source("auth_" + dialogue.mechanism(_SMTPLIB).lower().replace("-", "_")),
    )


def _would_be_mangled(dialogue: Dialogue) -> bool:
    """Whether send_message would write “>From ” where a line begins with “From ”."""
    draft = dialogue.draft
    texts = [text for text in (draft.text, draft.html) if text] if draft else []
    return any(line.startswith("From ") for text in texts for line in text.splitlines())


def _headers(dialogue: Dialogue) -> list[tuple[Source, Source]]:
    """Return the header fields in their order, each with the expression of its value."""
    draft = dialogue.draft
    assert draft is not None  # noqa: S101 - narrows the type
    date = format_datetime(draft.date) if draft.date else None
    found: list[tuple[str, str]] = [
        ("Date", PYTHON.quoted(date) if date else "formatdate(localtime=True)"),
        ("Message-ID", PYTHON.quoted(draft.message_id) if draft.message_id else "make_msgid()"),
    ]
    people = (
        ("From", (draft.sender,) if draft.sender else ()),
        ("Reply-To", draft.reply_to),
        ("To", draft.to),
        ("Cc", draft.cc),
    )
    found += [(name, _mailboxes(many)) for name, many in people if many]
    if not (draft.to or draft.cc):
        found.append(("To", PYTHON.quoted("undisclosed-recipients:;")))
    if draft.subject:
        found.append(("Subject", PYTHON.quoted(draft.subject)))
    found += [(name, PYTHON.quoted(value)) for name, value in draft.headers]
    return [(PYTHON.text(name), Source(value)) for name, value in found]


def _mailboxes(many: tuple[Address, ...]) -> str:
    if not any(each.name for each in many):
        return PYTHON.quoted(", ".join(each.address for each in many))
    made = [_mailbox(each) for each in many]
    if len(made) == 1:
        return made[0]
    return "[\n" + "".join(f"    {each},\n" for each in made) + "]"


def _mailbox(mailbox: Address) -> str:
    local, _, domain = mailbox.address.rpartition("@")
    if local.startswith('"'):
        local = local[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return f"Address({', '.join(map(PYTHON.quoted, (mailbox.name, local, domain)))})"


def _bodies(draft: Draft) -> list[Source]:
    """Return the statements that set text and HTML."""
    as_html = Source('subtype="html"')
    if draft.html is None:
        return [PYTHON.call(Source("message.set_content"), draft.text or "")]
    if draft.text is None:
        return [PYTHON.call(Source("message.set_content"), draft.html, as_html)]
    return [
        PYTHON.call(Source("message.set_content"), draft.text),
        PYTHON.call(Source("message.add_alternative"), draft.html, as_html),
    ]


def _opening(dialogue: Dialogue) -> Source:
    """Return the expression that connects with smtplib."""
    implicit = dialogue.tls is TlsMode.IMPLICIT
    arguments = [PYTHON.quoted(dialogue.host), str(dialogue.port)]
    if dialogue.helo:
        arguments.append(f"local_hostname={PYTHON.quoted(dialogue.helo)}")
    if implicit:
        arguments.append("context=context")
    arguments.append(f"timeout={dialogue.timeout:g}")
    return PYTHON.arguments(Source(f"smtplib.SMTP{'_SSL' if implicit else ''}"), arguments)


def _file(file: CodeAttachment) -> Source:
    """Return the statement that attaches a file."""
    arguments = [
        content(file),
        f"maintype={PYTHON.quoted(file.maintype)}",
        f"subtype={PYTHON.quoted(file.subtype)}",
    ]
    if file.parameters:
        shown = ", ".join(f"{PYTHON.quoted(n)}: {PYTHON.quoted(v)}" for n, v in file.parameters)
        arguments.append(f"params={{{shown}}}")
    arguments.append(f"filename={PYTHON.quoted(file.filename)}")
    if file.content_id:
        arguments.append('disposition="inline"')
        arguments.append(f"cid={PYTHON.quoted(f'<{file.content_id}>')}")
    function = "html.add_related" if file.related else "message.add_attachment"
    return PYTHON.arguments(Source(function), arguments)


def content(file: CodeAttachment) -> str:
    """Return the expression of a file's octets."""
    import base64

    if file.path is not None:
        return f"Path({PYTHON.quoted(file.path)}).read_bytes()"
    encoded = base64.b64encode(file.data).decode()
    return PYTHON.call(Source("base64.b64decode"), encoded, depth=1)


def _imports(
    dialogue: Dialogue,
    library: str,
    files: tuple[CodeAttachment, ...],
    headers: list[tuple[Source, Source]],
) -> list[Source]:
    made = dialogue.draft is not None
    named = any("Address(" in value for _, value in headers)
    utils = [f for f in ("formatdate", "make_msgid") if any(f"{f}(" in v for _, v in headers)]
    by_path = not made or any(file.path is not None for file in files)
    wanted = (
        ("import asyncio", library == "aiosmtplib"),
        ("import base64", any(file.path is None for file in files)),
        ("import os", dialogue.variables()),
        ("import smtplib", library == "smtplib"),
        ("import ssl", dialogue.needs_tls),
        ("from email import policy", library == "smtplib" and _would_be_mangled(dialogue)),
        ("from email.headerregistry import Address", named),
        ("from email.message import EmailMessage", made),
        (f"from email.utils import {', '.join(utils)}", bool(utils)),
        ("from pathlib import Path", by_path),
    )
    found = [Source(line) for line, needed in wanted if needed]
    if library != "smtplib":
        found += [Source(""), Source(f"import {library}")]
    return found
