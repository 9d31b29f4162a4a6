"""Reads a received message into something light enough to list and show.

The standard library's parser does the work; what it cannot read is shown as well as it can be,
for a sandbox must show above all the messages that are broken.
"""

import email.policy
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

MAX_OCTETS = 64 * 1024 * 1024
MAX_PARTS = 1000
MAX_HEADERS = 1000
MAX_HEADER = 20_000  # characters of one
MAX_TEXT = 4 * 1024 * 1024  # characters shown of a body


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
    try:
        message = BytesHeaderParser(policy=email.policy.default).parsebytes(octets)
    except Exception:  # noqa: BLE001 - whatever the parser stumbles over, the rest is shown
        return ()
    return _headers(message)


def parse_message(source: bytes | Path, *, limit: int = MAX_OCTETS) -> ParsedMessage:
    """Return what is in a message. Never raises on its content; OSError for an unreadable path."""
    octets, truncated = _load(source, limit)
    try:
        message = BytesParser(policy=email.policy.default).parsebytes(octets)
        return _read(message, truncated)
    except Exception as error:  # noqa: BLE001 - e.g. RecursionError from parts within parts
        reason = f"The message could not be parsed as MIME: {type(error).__name__}."
        body = octets.decode("utf-8", "backslashreplace")[:MAX_TEXT]
        return ParsedMessage(parse_headers(octets), body, None, (), (reason,), truncated)


def part_octets(source: bytes | Path, index: int, *, limit: int = MAX_OCTETS) -> bytes:
    """Return the decoded content of the part with ``index``.

    Raises LookupError when there is no such part, OSError for an unreadable path.
    """
    octets, _ = _load(source, limit)
    try:
        message = BytesParser(policy=email.policy.default).parsebytes(octets)
        parts = list(message.walk())
    except Exception as error:
        raise LookupError("The message could not be parsed.") from error
    if not 0 <= index < len(parts):
        raise LookupError(f"The message has no part {index}.")
    return _content(parts[index])


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
        if index == MAX_PARTS:
            truncated = True
            break
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
        if len(raw) > MAX_HEADER:  # the registry's parsers take quadratic time
            found.append((name, str(raw)[:MAX_HEADER]))
            continue
        try:
            value = str(message.policy.header_fetch_parse(name, raw))
        except Exception:  # noqa: BLE001 - the registry's parsers fail on some garbage
            value = str(raw)
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
        return (
            b"".join(each.as_bytes() for each in inner if isinstance(each, Message))
            if isinstance(inner, list)
            else b""
        )
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    octets = _content(part)
    charset = part.get_content_charset() or "utf-8"
    try:
        text = octets.decode(charset, "replace")
    except (LookupError, ValueError):
        text = octets.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")[:MAX_TEXT]
