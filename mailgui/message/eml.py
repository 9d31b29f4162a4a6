"""A message file as it lies on the disk, ready to be sent octet for octet.

Only what would betray or break is changed, and nothing at all with ``raw``: Bcc is taken out,
and a bare LF becomes CRLF (RFC 5321 section 2.3.8).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from mailgui.message.addresses import ascii_domain, check_address, is_ascii
from mailgui.message.attachments import FileChanged
from mailgui.message.draft import DraftProblem
from mailgui.message.loose_addresses import loose_addresses
from mailgui.message.outgoing import Envelope
from mailgui.transcript import visible

_CHUNK = 32 * 1024  # may double when every LF gets a CR
_LONGEST_HEAD = 1024 * 1024
_BARE_LF = re.compile(rb"(?<!\r)\n")
_FIELD = re.compile(rb"(?m)^[^\r\n].*(?:\r?\n[ \t].*)*(?:\r?\n|\Z)")
_HIDDEN = re.compile(rb"(?i)(?:Resent-)?Bcc[ \t]*:")
_LINE_END = re.compile(r"[\r\n]+")
_HEAD_END = re.compile(rb"(?:\A|\r?\n)(\r?\n)")


@dataclass(frozen=True, slots=True)
class EmlMessage:
    """A stored message; an ``Outgoing``. ``head`` is sent as it is, then ``source`` from ``start``.

    Attributes:
        source: a path, or the octets themselves.
        start: where the body begins in the source, its blank line first.
        raw: whether line ends are left alone.
    """

    source: Path | bytes
    head: bytes
    start: int
    raw: bool
    envelope: Envelope
    size: int
    message_id: str | None
    needs_smtputf8: bool
    needs_8bitmime: bool

    @property
    def in_memory(self) -> bool:
        """Whether it is no file but octets; see ``Outgoing``."""
        return isinstance(self.source, bytes)

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets to send; see ``Outgoing``. Raises FileChanged or another OSError."""
        left = self.size - len(self.head)
        for start in range(0, len(self.head), _CHUNK):
            yield self.head[start : start + _CHUNK]
        with _open(self.source) as file:
            file.seek(self.start)
            for chunk in _body(file, self.raw):
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
        if left:
            shown = visible(str(self.source)) if isinstance(self.source, Path) else "message"
            raise FileChanged(f"The file {shown} changed while it was being sent; send it again.")


def read_eml(
    source: str | os.PathLike[str] | bytes,
    *,
    sender: str | None = None,
    recipients: tuple[str, ...] | None = None,
    raw: bool = False,
) -> EmlMessage:
    """Return the message in a file (a path) or in octets, ready to be sent.

    The envelope comes from ``sender`` ("" is the null sender) and ``recipients``, else from From
    (Sender where there is one) and from To, Cc and Bcc. The file is read through once, to know
    its exact size, and again when it is sent. With ``raw`` it goes as it is, whatever it is: also
    to a server that takes no header in UTF-8.
    Raises DraftProblem, or OSError when it cannot be read.
    """
    where = source if isinstance(source, bytes) else Path(source)
    with _open(where) as file:
        beginning = file.read(_LONGEST_HEAD)
        original, start = _split(beginning)
        head = original if raw else _BARE_LF.sub(b"\r\n", _without_bcc(original))
        file.seek(start)
        size, eight_bit = len(head), False
        for chunk in _body(file, raw):
            size += len(chunk)
            eight_bit = eight_bit or not chunk.isascii()
    envelope = Envelope(
        _checked(_sender(original) if sender is None else sender, "from"),
        tuple(
            dict.fromkeys(
                _checked(address, "to")
                for address in (_recipients(original) if recipients is None else recipients)
            )
        ),
    )
    if not envelope.recipients:
        raise DraftProblem(
            "to", "There is nobody to send to: the message names no recipient; give one."
        )
    message_ids = _values(original, "Message-ID")
    utf8_head = not raw and _is_utf8_beyond_ascii(head)
    return EmlMessage(
        source=where,
        head=head,
        start=start,
        raw=raw,
        envelope=envelope,
        size=size,
        message_id=visible(message_ids[0]) if message_ids else None,
        needs_smtputf8=utf8_head or not all(map(is_ascii, (envelope.sender, *envelope.recipients))),
        needs_8bitmime=eight_bit or not (utf8_head or head.isascii()),
    )


def _open(source: Path | bytes) -> BinaryIO:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _body(file: BinaryIO, raw: bool) -> Iterator[bytes]:
    """Yield what is left of ``file``; a bare LF becomes CRLF, also across two chunks."""
    before = b""
    while chunk := file.read(_CHUNK):
        if raw:
            yield chunk
            continue
        yield _BARE_LF.sub(b"\r\n", before + chunk)[len(before) :]
        before = b"\r" if chunk.endswith(b"\r") else b""


def _split(beginning: bytes) -> tuple[bytes, int]:
    """Return the header section with its last line end, and where the blank line begins."""
    end = _HEAD_END.search(beginning)
    start = end.start(1) if end else len(beginning)
    if end is None and len(beginning) == _LONGEST_HEAD:
        raise DraftProblem(
            "message", "This is not a message: its first megabyte has no end of headers."
        )
    return beginning[:start], start


def _without_bcc(head: bytes) -> bytes:
    return _FIELD.sub(lambda field: b"" if _HIDDEN.match(field.group()) else field.group(), head)


def _checked(address: str, field: str) -> str:
    return ascii_domain(check_address(address, field)) if address else ""


def _values(head: bytes, *names: str) -> list[str]:
    """Return the unfolded values of the fields called ``names``, blanks before the colon or not.

    The standard library's parser ends the headers at a field that has such blanks.
    """
    values: dict[str, list[str]] = {name.lower(): [] for name in names}
    for field in _FIELD.finditer(head):
        name, _, value = field.group().decode("utf-8", "replace").partition(":")
        if name.strip().lower() in values:
            values[name.strip().lower()].append(_LINE_END.sub("", value).strip())
    return [value for name in values for value in values[name]]


def _addresses(head: bytes, *names: str) -> list[str]:
    return loose_addresses(_values(head, *names), _LONGEST_HEAD)


def _sender(head: bytes) -> str:
    found = _addresses(head, "Sender") or _addresses(head, "From")
    if not found:
        raise DraftProblem("from", "The message has no From header; give the sender.")
    return found[0]


def _recipients(head: bytes) -> list[str]:
    return _addresses(head, "To", "Cc", "Bcc")


def _is_utf8_beyond_ascii(head: bytes) -> bool:
    """Whether headers are RFC 6532's; octets that are not UTF-8 are a fault of another kind."""
    if head.isascii():
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
