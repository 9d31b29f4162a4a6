"""A message that the sandbox took, read for showing: by SMTP as MIME, by an API as its request."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailgui.api.definition import Provider
from mailgui.api.fields import FilesPlace, Place, places
from mailgui.jobs.captured_problems import defects_sentence, salvage, unreadable_sentence
from mailgui.message.bounded_parser import TooComplex, parse_bounded
from mailgui.message.parse import decode_text
from mailgui.sandbox.api_request import ApiRequest, ReadMessage, Unreadable
from mailgui.sandbox.faults import RECIPIENT_FAULTS, SENDER_FAULTS
from mailgui.sandbox.mailbox import CapturedMessage, Mailbox
from mailgui.transcript import visible

_MOST_TEXT = 1_000_000  # characters of a body that are shown
_MOST_SOURCE = 2 * 1024 * 1024  # octets
_MOST_PARTS = 200
_MOST_ADDRESS = 400  # characters
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|]')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in range(10)}
)  # of Windows, also with a suffix
_BIGGEST_READ = 64 * 1024 * 1024  # octets; what is bigger is shown as its source only


@dataclass(frozen=True, slots=True)
class CapturedFile:
    """An attachment. ``octets`` are decoded; ``content_id`` is what HTML names it by, or ""."""

    name: str
    content_type: str
    octets: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class CapturedView:
    """A message as it is shown; every text is visible, none is trusted.

    Attributes:
        headers: in their order, decoded.
        text, html: the bodies as they came, "" where there is none; ``html_text`` what the HTML
            says, without its markup.
        source: the octets as text; ``language`` how to colour them.
        session: how it came, as label and value.
        problem: why it could not be read as what it claims to be, or "".
    """

    message: CapturedMessage
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    html_text: str = ""
    files: tuple[CapturedFile, ...] = ()
    source: str = ""
    language: str = ""
    session: tuple[tuple[str, str], ...] = ()
    problem: str = ""


class MessageGone(ValueError):
    """The message has been dropped; the text is a sentence."""


def read_captured(mailbox: Mailbox, message_id: str) -> CapturedView:
    """Return a message for showing. Blocks while it is decoded. Raises MessageGone."""
    message, octets = mailbox.get(message_id), mailbox.body(message_id)
    if message is None or octets is None:
        raise MessageGone("The message is not there any more: the sandbox keeps a bounded number.")
    source = octets[:_MOST_SOURCE].decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    base = CapturedView(
        message, source=visible(source, keep_newlines=True), session=tuple(_session(message))
    )
    if len(octets) > _BIGGEST_READ:
        return _with(
            base,
            headers=tuple(message.headers.items()),
            problem="It is too big to be shown as anything but its source.",
        )
    if message.road == "api":
        return _api(base, octets)
    return _mime(base, octets)


def listed(addresses: Sequence[str], most: int = 100) -> str:
    """Return addresses side by side; of a thousand long ones the first, and how many more."""
    shown = ", ".join(address[:_MOST_ADDRESS] for address in addresses[:most])
    more = len(addresses) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


async def open_captured(mailbox: Mailbox, message_id: str) -> CapturedView:
    """Return a message for showing; see ``read_captured``."""
    import asyncio

    return await asyncio.to_thread(read_captured, mailbox, message_id)


async def save_octets(path: Path, octets: bytes) -> Path:
    """Write a file that a person asked for."""
    import asyncio

    from mailgui.store.files import atomic_write

    await asyncio.to_thread(atomic_write, path, octets)
    return path


def _with(view: CapturedView, **changes: Any) -> CapturedView:
    from dataclasses import replace

    return replace(view, **changes)


def _session(message: CapturedMessage) -> Iterator[tuple[str, str]]:
    yield "Received", message.received.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    yield "From", message.envelope_from or "<> (the null sender)"
    yield "Recipients", listed(message.recipients)
    if message.road == "smtp":
        yield "Road", "SMTP over TLS" if message.tls else "SMTP, not encrypted"
        yield "Signed in", message.user or "no"
        yield "EHLO name", message.greeting
    else:
        yield "Road", f"API of {message.provider}"
        yield "Id given out", message.remote_id
    yield "Client", message.peer
    yield "Size", f"{message.size:,} octets"
    known = {**RECIPIENT_FAULTS, **SENDER_FAULTS}
    for name in message.faults:
        explanation = known[name].explanation if name in known else ""
        yield "Fault", f"{name}: {explanation}".rstrip(": ")


def _mime(view: CapturedView, octets: bytes) -> CapturedView:
    try:
        parsed = parse_bounded(octets)
        headers = tuple((visible(n), visible(_unfolded(v))) for n, v in parsed.items())
    except TooComplex as problem:
        return _salvaged(view, octets, str(problem))
    except Exception:  # noqa: BLE001 - the parser trips over hostile headers in many ways
        return _salvaged(view, octets, "Its headers cannot be read.")
    texts: dict[str, str] = {}
    files: list[CapturedFile] = []
    parts = tuple(_parts(parsed))
    for part in parts:
        kind = part.get_content_type()
        attached = part.get_content_disposition() == "attachment" or part.get_filename()
        if kind in {"text/plain", "text/html"} and not attached and kind not in texts:
            texts[kind] = _text(part)
        elif kind.startswith("multipart/"):  # which says so and has no parts
            texts.setdefault("text/plain", _text(part))
        else:
            files.append(_file(part, len(files)))
    html = texts.get("text/html", "")
    return _with(
        view,
        headers=headers,
        text=visible(texts.get("text/plain", "")[:_MOST_TEXT], keep_newlines=True),
        html=visible(html[:_MOST_TEXT], keep_newlines=True),
        html_text=_html_text(html),
        files=tuple(files),
        problem=defects_sentence(parsed.walk()),
    )


def _salvaged(view: CapturedView, octets: bytes, reason: str) -> CapturedView:
    headers, text = salvage(octets)
    shown = visible(text[:_MOST_TEXT], keep_newlines=True)
    return _with(view, headers=headers, text=shown, problem=unreadable_sentence(reason))


def _unfolded(value: object) -> str:
    return " ".join(str(value).split())


def _parts(parsed: Any) -> Iterator[EmailMessage]:
    for number, part in enumerate(parsed.walk()):
        if number >= _MOST_PARTS:
            return
        if not part.is_multipart():
            yield part


def _text(part: EmailMessage) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return ""
    return decode_text(octets, part.get_content_charset() or "utf-8", "backslashreplace")


def _file(part: EmailMessage, number: int) -> CapturedFile:
    octets = part.get_payload(decode=True)
    try:
        name = part.get_filename() or ""
    except Exception:  # noqa: BLE001 - as above
        name = ""
    return CapturedFile(
        safe_name(name, number),
        visible(part.get_content_type()),
        octets if isinstance(octets, bytes) else b"",
        part.get_content_disposition() == "inline" or bool(part.get("content-id")),
        visible(str(part.get("content-id", "")).strip().strip("<>")),
    )


def safe_name(name: str, number: int) -> str:
    """Return a file's name as it may be proposed for saving: without a folder in it, whichever
    system's, nor what a system takes for something else than a file.
    """
    bare = visible(name.replace("\\", "/").rpartition("/")[2])
    bare = _NOT_IN_NAMES.sub("_", bare)[:200].lstrip(". ~-").rstrip(". ")
    if bare.partition(".")[0].strip().lower() in _DEVICES:
        bare = f"file-{bare}"[:200]
    return bare or f"part-{number + 1}"


def _html_text(html: str) -> str:
    if not html.strip():
        return ""
    from mailgui.jobs.html_text import html_to_text

    return visible(html_to_text(html[:_MOST_TEXT]), keep_newlines=True)


def _api(view: CapturedView, octets: bytes) -> CapturedView:
    from mailgui.jobs.request import UnknownProvider, find_provider

    message = view.message
    try:
        provider = find_provider(message.provider or "")
        read = ReadMessage(ApiRequest(provider, {"content-type": _content_type(octets)}, octets))
    except (UnknownProvider, Unreadable):
        return _with(
            view,
            headers=tuple(message.headers.items()),
            problem=unreadable_sentence("The request cannot be read."),
        )
    html = read.text("html")
    try:
        pretty = json.dumps(json.loads(octets), indent=2, ensure_ascii=False)[:_MOST_SOURCE]
    except (ValueError, RecursionError):
        pretty = view.source
    return _with(
        view,
        headers=tuple(message.headers.items()),
        text=visible(read.text("text")[:_MOST_TEXT], keep_newlines=True),
        html=visible(html[:_MOST_TEXT], keep_newlines=True),
        html_text=_html_text(html),
        files=tuple(_api_files(provider, read)),
        source=visible(pretty, keep_newlines=True),
        language="json",
    )


def _content_type(octets: bytes) -> str:
    """Return what a request's body is: the sandbox keeps its octets and not its headers."""
    if octets[:1] in b"{[":
        return "application/json"
    if octets.startswith(b"--"):
        boundary = octets[2:200].partition(b"\r\n")[0].decode("ascii", "replace")
        return f'multipart/form-data; boundary="{boundary}"'
    return "application/x-www-form-urlencoded"


def _api_files(provider: Provider, read: ReadMessage) -> Iterator[CapturedFile]:
    number = 0
    inline_marks = {
        place.path: _keys(place).get("{cid}")
        for place, _ in read.values("inline")
        if isinstance(place, FilesPlace)
    }
    for field_name in ("attachments", "inline"):
        for place, value in read.values(field_name):
            if not isinstance(place, FilesPlace) or not isinstance(value, list):
                continue
            mark = inline_marks.get(place.path)
            shared = any(p.path == place.path for p in _others(provider, field_name))
            for item in value[:_MOST_PARTS]:
                # Where both kinds stand in one list, the content id tells which is which.
                inline = field_name == "inline"
                if not isinstance(item, dict) or (shared and (mark in item) is not inline):
                    continue
                yield _api_file(item, _keys(place), number, inline=inline)
                number += 1


def _others(provider: Provider, field_name: str) -> tuple[Place, ...]:
    return places(provider.fields, "inline" if field_name == "attachments" else "attachments")


def _keys(place: FilesPlace) -> dict[str, str]:
    """Return which member of an item has which of a file's parts."""
    item = place.item if isinstance(place.item, dict) else {}
    return {text: key for key, text in item.items() if isinstance(text, str)}


def _api_file(
    item: dict[str, Any], names: dict[str, str], number: int, *, inline: bool
) -> CapturedFile:
    content = item.get(names.get("{base64}", ""), "")
    try:
        octets = base64.b64decode(content) if isinstance(content, str) else b""
    except (binascii.Error, ValueError):
        octets = b""
    name = item.get(names.get("{filename}", ""), item.get(names.get("{cid}", ""), ""))
    kind = item.get(names.get("{type}", ""), "application/octet-stream")
    cid = item.get(names.get("{cid}", ""), "") if inline else ""
    cid = visible(str(cid).strip("<>"))
    return CapturedFile(safe_name(str(name), number), visible(str(kind)), octets, inline, cid)
