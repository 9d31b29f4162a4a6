"""Reads a received message into something light enough to list and show.

The standard library's parser does the work; what it cannot read is shown as well as it can be,
for a sandbox must show above all the messages that are broken.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage, Message
from pathlib import Path

from mailgui.message.bounded_parser import TooComplex, parse_bounded

MAX_OCTETS = 64 * 1024 * 1024
MAX_HEADERS = 1000
MAX_TEXT = 4 * 1024 * 1024  # characters shown of a body
# Codecs of Python that are no charsets of messages; some take time with the square of the length.
_NO_CHARSETS = ("punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class PartSummary:
    """One attachment or inline file, without its content; see ``part_octets``.

    ``index`` counts all parts of the message in the order of ``EmailMessage.walk``.
    """

    index: int
    filename: str
    content_type: str
    size: int  # octets, decoded
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message as people see it. ``headers`` are decoded, in order; names as written.

    ``defects`` says, in the parser's words, what is wrong with the message; ``truncated`` whether
    it was larger than the limits.
    """

    headers: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    html: str | None = None
    attachments: tuple[PartSummary, ...] = ()
    defects: tuple[str, ...] = ()
    truncated: bool = False

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, in any case, or None."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), None)


def parse_headers(octets: bytes) -> tuple[tuple[str, str], ...]:
    """Return the decoded headers of a message, or of its beginning. Never raises."""
    end = _HEAD_END.search(octets)
    try:
        message = parse_bounded(octets[: end.end()] if end else octets)
    except Exception:  # noqa: BLE001 - whatever the parser stumbles over, the rest is shown
        return ()
    return _headers(message)


def parse_message(source: bytes | Path, *, limit: int = MAX_OCTETS) -> ParsedMessage:
    """Return what is in a message. Never raises on its content; OSError for an unreadable path."""
    octets, truncated = _load(source, limit)
    try:
        return _read(parse_bounded(octets), truncated)
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over
        said = str(error) if isinstance(error, TooComplex) else f"{type(error).__name__}."
        reason = f"The message could not be parsed as MIME: {said}"
        body = octets.decode("utf-8", "backslashreplace")[:MAX_TEXT]
        return ParsedMessage(parse_headers(octets), body, None, (), (reason,), truncated)


def part_octets(source: bytes | Path, index: int, *, limit: int = MAX_OCTETS) -> bytes:
    """Return the decoded content of the part with ``index``.

    Raises LookupError when there is no such part, OSError for an unreadable path.
    """
    (content,) = parts_octets(source, (index,), limit=limit)
    return content


def parts_octets(
    source: bytes | Path, indices: Iterable[int], *, limit: int = MAX_OCTETS
) -> tuple[bytes, ...]:
    """Return the decoded contents of several parts; see ``part_octets``."""
    octets, _ = _load(source, limit)
    try:
        parts = list(parse_bounded(octets).walk())
    except Exception as error:
        raise LookupError("The message could not be parsed.") from error
    wanted = tuple(indices)
    missing = next((index for index in wanted if not 0 <= index < len(parts)), None)
    if missing is not None:
        raise LookupError(f"The message has no part {missing}.")
    return tuple(_content(parts[index]) for index in wanted)


def _load(source: bytes | Path, limit: int) -> tuple[bytes, bool]:
    if isinstance(source, bytes):
        return source[:limit], len(source) > limit
    with source.open("rb") as file:
        octets = file.read(limit + 1)
    return octets[:limit], len(octets) > limit


def _read(message: EmailMessage, truncated: bool) -> ParsedMessage:
    bodies: dict[str, str] = {}
    attachments: list[PartSummary] = []
    defects: list[str] = []
    for index, part in enumerate(message.walk()):
        defects += [type(defect).__name__ for defect in part.defects]
        if part.is_multipart() and part.get_content_maintype() != "message":
            continue
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(part) and kind not in bodies:
            bodies[kind] = _text(part)
        else:
            attachments.append(_summary(index, part))
    return ParsedMessage(
        _headers(message),
        bodies.get("text/plain"),
        bodies.get("text/html"),
        tuple(attachments),
        tuple(dict.fromkeys(defects)),
        truncated,
    )


def _headers(message: Message) -> tuple[tuple[str, str], ...]:
    found = []
    for name, raw in list(message.raw_items())[:MAX_HEADERS]:
        value = str(message.policy.header_fetch_parse(name, raw))
        # Octets that are no UTF-8 come as lone surrogates, which nothing could print.
        found.append((name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
    return tuple(found)


def _is_file(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except Exception:  # noqa: BLE001 - as in _headers
        return False


def _summary(index: int, part: Message) -> PartSummary:
    try:
        name = part.get_filename() or ""
        disposition = part.get_content_disposition()
    except Exception:  # noqa: BLE001 - as in _headers
        name, disposition = "", None
    content_id = str(part.get("Content-ID", "")).strip().removeprefix("<").removesuffix(">")
    return PartSummary(
        index=index,
        filename=name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        content_type=part.get_content_type(),
        size=len(_content(part)),
        content_id=content_id or None,
        inline=disposition == "inline" or (disposition is None and bool(content_id)),
    )


def _content(part: Message) -> bytes:
    if part.is_multipart():
        inner = part.get_payload()
        try:
            return (
                b"".join(each.as_bytes() for each in inner if isinstance(each, Message))
                if isinstance(inner, list)
                else b""
            )
        except Exception:  # noqa: BLE001 - what cannot be read cannot always be written
            return b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    return decode_text(_content(part), part.get_content_charset() or "utf-8")[:MAX_TEXT]


def decode_text(octets: bytes, charset: str, errors: str = "replace") -> str:
    """Return a body as text, with LF line ends; never raises, whatever ``charset`` is called."""
    try:
        odd = codecs.lookup(charset).name in _NO_CHARSETS
        text = octets.decode("utf-8" if odd else charset, errors)
    except (LookupError, ValueError):
        text = octets.decode("utf-8", errors)
    return text.replace("\r\n", "\n")
