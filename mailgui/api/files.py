"""Attachments, inline images and attachments by URL, as a provider takes them."""

import base64
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mailgui.api import losses
from mailgui.api.bodies import FilePart, FormBody
from mailgui.api.fields import FilesPlace
from mailgui.api.template import fill, placeholders
from mailgui.findings import Finding, Severity
from mailgui.message.attachments import check_attachment, guess_type, octets_of
from mailgui.message.draft import Attachment, DraftProblem

if TYPE_CHECKING:
    from mailgui.api.layout import Layout


def put_files(layout: "Layout") -> None:
    """Put every file of the draft into the request; raise DraftProblem where one is unreadable.

    Reads whole files: call it off the event loop.
    """
    attachments = layout.draft.attachments
    urls = layout.draft.extras.attachment_urls
    inline = [a for a in attachments if a.inline]
    files = [a for a in attachments if not a.inline]
    if inline and not layout.places("inline", FilesPlace):
        layout.cannot_carry("inline")
        files, inline = [*files, *inline], []
    for name, group in (("attachments", files), ("inline", inline), ("attachment_urls", urls)):
        if not group or layout.template_replaces(name):
            continue
        if not layout.places(name, FilesPlace):
            layout.cannot_carry(name)
        for place in layout.places(name, FilesPlace):
            for item in group:
                one = _linked(item) if isinstance(item, str) else _read(item)
                _note_losses(layout, place, one)
                _put_one(layout, name, place, one)
    _check_limits(layout, len(attachments) + len(urls))


def _note_losses(layout: "Layout", place: FilesPlace, values: dict[str, Any]) -> None:
    """Say what of a file the place has no room for."""
    form = isinstance(layout.body, FormBody)
    named = set(placeholders(place.filename if form else place.item))
    filename, cid, provider = values["filename"], values["cid"], layout.provider.name
    if "filename" not in named and cid not in (None, filename):
        why = f"The image goes by its Content-ID, {cid}, which is its file name there."
        finding = losses.left_out(provider, f"the file name {filename}", why, slug="filename")
        layout.note(replace(finding, severity=Severity.INFO))
    kind = values["type"].partition(";")[0].strip().lower()
    if values["url"] is None and not form and "type" not in named and kind != guess_type(filename):
        why = "Its API has no place for it: the ending of the file's name decides."
        layout.note(
            losses.left_out(provider, f"the type {kind} of {filename}", why, slug="attachment_type")
        )


def _put_one(layout: "Layout", name: str, place: FilesPlace, values: dict[str, Any]) -> None:
    if isinstance(layout.body, FormBody):
        if values["data"] is None:
            layout.put(place, [fill(place.item, values)], name)
            return
        filename = str(fill(place.filename, values))
        layout.put(place, FilePart(filename, values["type"], values["data"]), name)
        return
    if values["data"] is not None:
        values["base64"] = base64.b64encode(values["data"]).decode()
    layout.put(place, [fill(place.item, values)], name)


def _read(attachment: Attachment) -> dict[str, Any]:
    length = check_attachment(attachment)
    try:
        data = b"".join(octets_of(attachment, length))
    except OSError as fault:
        reason = fault.strerror or str(fault)
        sentence = f"{attachment.filename} cannot be read: {reason}."
        raise DraftProblem("attachments", sentence) from None
    return {
        "filename": attachment.filename,
        "type": attachment.content_type,
        "cid": attachment.content_id,
        "url": None,
        "data": data,
    }


def _linked(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed bracket
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        sentence = f"“{url}” is not the address of a file: it must begin with https://."
        raise DraftProblem("attachments", sentence)
    name = unquote(PurePosixPath(parts.path).name) or "attachment"
    return {
        "filename": name,
        "type": guess_type(name),
        "cid": None,
        "url": url,
        "base64": None,
        "data": None,
    }


def _check_limits(layout: "Layout", count: int) -> None:
    limits, provider = layout.provider.limits, layout.provider.name
    if limits.attachments is not None and count > limits.attachments:
        layout.note(
            Finding(
                "api.limit.attachments",
                Severity.BROKEN,
                f"{provider} takes at most {limits.attachments} attachments",
                f"This message has {count}, so the request will be refused.",
                "Take some out, or pack them into one archive.",
            )
        )
    if not limits.attachment_types:
        return
    for attachment in layout.draft.attachments:
        kind = attachment.content_type.partition(";")[0].strip().lower()
        if kind not in limits.attachment_types:
            layout.note(
                Finding(
                    "api.limit.attachment_type",
                    Severity.ATTENTION,
                    f"{provider} may refuse {attachment.filename}",
                    f"{kind} is not on its list of attachment types.",
                    "Send the file in a type on the provider's list, or by SMTP.",
                )
            )
