"""A dialogue as JavaScript for Node.js, with Nodemailer."""

import base64
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from mailgui.message.code_page import code_page, lines
from mailgui.message.dialects import JAVASCRIPT
from mailgui.message.draft import Address, Draft
from mailgui.message.literals import Source
from mailgui.smtp.code_dialogue import (
    PASSWORD_MECHANISMS,
    CodeAttachment,
    Dialogue,
    attachments,
)

_KNOWN = PASSWORD_MECHANISMS | {"XOAUTH2"}


def nodemailer_code(dialogue: Dialogue) -> str:
    """Return the dialogue as an ECMAScript module."""
    draft = dialogue.draft
    imports = [Source('import nodemailer from "nodemailer";')]
    if dialogue.tls_ca and dialogue.tls_verify:
        imports += [
            Source('import { readFileSync } from "node:fs";'),
            Source('import { rootCertificates } from "node:tls";'),
        ]
    return code_page(
        "smtp-nodemailer",
        JAVASCRIPT,
        dialogue=dialogue,
        remarks=[JAVASCRIPT.remark(each) for each in dialogue.without(_KNOWN, "Nodemailer")],
        imports=lines(imports),
        mechanism=dialogue.mechanism(_KNOWN),
        fields=_fields(draft) if draft else [],
        date=Source(JAVASCRIPT.quoted(draft.date.astimezone(UTC).isoformat()))
        if draft and draft.date
        else None,
        files=[_file(each) for each in attachments(draft)] if draft else [],
        envelope=JAVASCRIPT.value({"from": dialogue.sender, "to": list(dialogue.recipients)}, 1)
        if dialogue.own_envelope
        else None,
    )


def _fields(draft: Draft) -> list[Source]:
    """Return the members of the message that are values."""
    headers: Any = dict(draft.headers)
    if len(headers) < len(draft.headers):
        headers = [{"key": name, "value": value} for name, value in draft.headers]
    members: list[tuple[str, Any]] = [
        ("from", _mailbox(draft.sender) if draft.sender else None),
        ("to", _mailboxes(draft.to)),
        ("cc", _mailboxes(draft.cc)),
        ("bcc", _mailboxes(draft.bcc)),
        ("replyTo", _mailboxes(draft.reply_to)),
        ("subject", draft.subject),
        ("messageId", draft.message_id),
        ("headers", headers),
        ("text", "" if draft.text is None and draft.html is None else draft.text),
        ("html", draft.html),
    ]
    return [
        Source(f"{name}: {JAVASCRIPT.value(value, 1)}")
        for name, value in members
        if value or (name == "text" and value == "")
    ]


def _mailboxes(many: Sequence[Address]) -> list[Any]:
    return [_mailbox(each) for each in many]


def _mailbox(mailbox: Address) -> Any:
    if not mailbox.name:
        return mailbox.address
    return {"name": mailbox.name, "address": mailbox.address}


def _file(file: CodeAttachment) -> list[Source]:
    quoted = JAVASCRIPT.quoted
    members = [f"filename: {quoted(file.filename)}"]
    if file.path is not None:
        members.append(f"path: {quoted(file.path)}")
    else:
        encoded = base64.b64encode(file.data).decode()
        members.append(f'content: Buffer.from({JAVASCRIPT.block(encoded, 3)}, "base64")')
    members.append(f"contentType: {quoted(file.content_type)}")
    if file.content_id:
        members.append(f"cid: {quoted(file.content_id)}")
    return [Source(member) for member in members]
