"""A dialogue as PHP, with PHPMailer."""

import base64
from email.utils import format_datetime

from mailgui.message.code_page import code_page
from mailgui.message.dialects import PHP
from mailgui.message.draft import Address, Attachment, Draft
from mailgui.message.literals import Source
from mailgui.smtp.code_dialogue import (
    PASSWORD_MECHANISMS,
    CodeAttachment,
    Dialogue,
    attachments,
)

_KNOWN = PASSWORD_MECHANISMS | {"XOAUTH2"}
_NO_NULL_SENDER = "PHPMailer cannot send with the null sender; it takes From's address instead."
_NO_UTF8 = "PHPMailer refuses addresses with characters other than ASCII before the @."

_ESCAPED = "PHPMailer writes a backslash before quotes in file names that are not ASCII."


def php_code(dialogue: Dialogue) -> str:
    """Return the dialogue as a PHP program; a message in a file goes by PHPMailer's SMTP class."""
    remarks = list(dialogue.without(_KNOWN, "PHPMailer"))
    draft = dialogue.draft
    if draft and not dialogue.sender:
        remarks.append(_NO_NULL_SENDER)
    if any(not address.isascii() for address in (dialogue.sender, *dialogue.recipients)):
        remarks.append(_NO_UTF8)
    if draft and any(map(_would_be_escaped, draft.attachments)):
        remarks.append(_ESCAPED)
    return code_page(
        "smtp-phpmailer" if draft else "smtp-phpmailer-file",
        PHP,
        dialogue=dialogue,
        draft=draft,
        remarks=[PHP.remark(sentence) for sentence in remarks],
        mechanism=dialogue.mechanism(_KNOWN),
        calls=_calls(dialogue, draft) if draft else [],
        files=[_file(each) for each in attachments(draft)] if draft else [],
        recipients=PHP.value(list(dialogue.recipients)),
    )


def _would_be_escaped(attachment: Attachment) -> bool:
    name = attachment.filename
    return not name.isascii() and any(char in name for char in '"\\')


def _calls(dialogue: Dialogue, draft: Draft) -> list[Source]:
    """Return the statements that say who writes to whom, and the header's other fields."""
    made = []
    if draft.sender:
        made.append(f"setFrom({_mailbox(draft.sender)})")
    fields = (
        ("addAddress", draft.to),
        ("addCC", draft.cc),
        ("addBCC", draft.bcc),
        ("addReplyTo", draft.reply_to),
    )
    made += [f"{call}({_mailbox(each)})" for call, many in fields for each in many]
    made = [f"$mail->{call};" for call in made]
    if draft.sender and dialogue.sender not in ("", draft.sender.address):
        made.append(f"$mail->Sender = {PHP.quoted(dialogue.sender)};")
    made.append(f"$mail->Subject = {PHP.quoted(draft.subject)};")
    if draft.message_id:
        made.append(f"$mail->MessageID = {PHP.quoted(draft.message_id)};")
    if draft.date:
        made.append(f"$mail->MessageDate = {PHP.quoted(format_datetime(draft.date))};")
    made += [
        f"$mail->addCustomHeader({PHP.quoted(name)}, {PHP.quoted(value)});"
        for name, value in draft.headers
    ]
    return [Source(each) for each in made]


def _mailbox(mailbox: Address) -> str:
    quoted = [PHP.quoted(mailbox.address)]
    return ", ".join([*quoted, PHP.quoted(mailbox.name)] if mailbox.name else quoted)


def _file(file: CodeAttachment) -> Source:
    """Return the statement that attaches a file."""
    name, kind = PHP.quoted(file.filename), PHP.quoted(file.content_type)
    encoding = "PHPMailer::ENCODING_BASE64"
    if file.path is not None:
        content, call = PHP.quoted(file.path), ""
    else:
        encoded = base64.b64encode(file.data).decode()
        content, call = f"base64_decode({PHP.block(encoded, 1)})", "String"
    if file.related and file.content_id:
        cid = PHP.quoted(file.content_id)
        image = "Embedded" if not call else "StringEmbedded"
        return Source(f"$mail->add{image}Image({content}, {cid}, {name}, {encoding}, {kind});")
    words = [content, name, encoding, kind]
    if file.content_id:
        words.append("'inline'")
    return Source(f"$mail->add{call}Attachment({', '.join(words)});")
