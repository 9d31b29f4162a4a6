"""A transcript as text, readable as swaks writes its own.

``===`` is a remark, ``***`` a fault; `` ->`` went out and ``<-`` came in, `` ~>`` and ``<~`` the
same inside TLS, ``<**`` and ``<~*`` came in and was not what was due.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from mailgui.transcript.model import Event, RecipientResult, Transcript
from mailgui.transcript.text import visible
from mailgui.transcript.vocabulary import Direction, Kind

_LONGEST_BODY = 256 * 1024  # octets of an HTTP body that are written out
_LONGEST_INDENTED = 1024 * 1024  # characters: deep nesting makes hundreds of megabytes of blanks


class Told(Protocol):
    """What a finding must have to be written below a transcript."""

    @property
    def title(self) -> str: ...
    @property
    def explanation(self) -> str: ...
    @property
    def fix(self) -> str: ...


def to_text(transcript: Transcript, *, findings: Sequence[Told] = ()) -> str:
    """Return the whole transcript as lines of text, ending in a line end."""
    lines = list(event_lines(transcript))
    lines += [f"=== {line}" for line in _ending(transcript)]
    for finding in findings:
        lines.append(f"=== {visible(finding.title)}")
        lines += [f"===   {visible(part)}" for part in (finding.explanation, finding.fix) if part]
    return "\n".join([*lines, ""])


def event_lines(transcript: Transcript) -> Iterator[str]:
    """Yield the lines for all events, HTTP bodies written out where their event stands."""
    sent = iter([e.request_body for e in transcript.exchanges if e.request_body])
    received = iter([e.response_body for e in transcript.exchanges if e.response_body])
    for event in transcript.events:
        yield line_of(event)
        if transcript.kind is Kind.HTTP and event.data_length:
            bodies = sent if event.direction is Direction.SENT else received
            for line in _body_lines(next(bodies, b"")):
                yield f"{_mark(event)}{line}"


def line_of(event: Event) -> str:
    """Return the line for one event."""
    text = event.text
    if event.data_length is not None and event.data_digest:
        text += f" [{event.data_length} octets, SHA-256 {event.data_digest}]"
    return f"{_mark(event)}{text}"


def _mark(event: Event) -> str:
    if event.direction is Direction.INFO:
        return "=== "
    if event.direction is Direction.ERROR:
        return "*** "
    if event.direction is Direction.SENT:
        return " ~> " if event.tls else " -> "
    if event.expected is False:
        return "<~* " if event.tls else "<** "
    return "<~  " if event.tls else "<-  "


def _body_lines(body: bytes) -> list[str]:
    text = body[:_LONGEST_BODY].decode("utf-8", "backslashreplace")
    with suppress(ValueError, RecursionError):
        text = _indented(json.loads(text)) or text
    lines = [visible(line) for line in text.replace("\r\n", "\n").split("\n")]
    if len(body) > _LONGEST_BODY:
        lines.append(f"[… {len(body) - _LONGEST_BODY} more octets …]")
    return lines


def _indented(value: object) -> str:
    """Return JSON with a line for each member, or "" where that would grow out of all measure."""
    parts: list[str] = []
    size = 0
    for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        size += len(part)
        if size > _LONGEST_INDENTED:
            return ""
        parts.append(part)
    return "".join(parts)


def _ending(transcript: Transcript) -> Iterator[str]:
    where = f" at {transcript.stage}" if transcript.stage else ""
    yield f"Outcome: {transcript.outcome}{where}, after {transcript.duration * 1000:.3f} ms"
    if transcript.summary:
        yield visible(transcript.summary)
    if len(transcript.recipients) > 1:
        yield from map(_recipient, transcript.recipients)
    if transcript.message_id:
        yield f"Message-ID: {visible(transcript.message_id)}"
    if transcript.remote_id:
        yield f"Id at the server: {visible(transcript.remote_id)}"


def _recipient(result: RecipientResult) -> str:
    reply = result.reply
    because = f": {reply.code} {visible(reply.text)}".rstrip() if reply else ""
    return f"{visible(result.address)}: {result.outcome}{because}"
