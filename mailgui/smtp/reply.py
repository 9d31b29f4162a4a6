"""Reading a server's replies: octets in, whole lines and replies out, whatever their split.

RFC 5321, section 4.2 says what a reply looks like; servers say otherwise. What is harmless (a bare
code, LF alone as the line's end) is taken and remarked upon; what leaves it open which answer was
given (two codes in one reply, no code at all, no end) is a fault, and nothing after it is read.
"""

import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from mailgui.transcript import Reply, Stage, octets_to_text

MAX_LINE = 8 * 1024  # octets, with the line's end; RFC 5321 allows 512, peers take 8 KiB
MAX_REPLY = 32 * 1024  # octets of all lines of one reply

_ENHANCED = re.compile(rb"([245])\.(\d{1,3})\.(\d{1,3})(?=[ \t]|\Z)[ \t]*")
_TLS_RECORDS = (0x15, 0x16)  # alert, handshake: the first octet of a TLS record (RFC 8446, 5.1)
_TLS_SPOKEN = (
    "tls_on_plain_port",
    (
        "The server answers in TLS although the connection is in plaintext: this port expects TLS "
        "from the first octet (implicit TLS)."
    ),
)
_OTHER_PROTOCOLS = (
    (b"HTTP/", "HTTP"),
    (b"SSH-", "SSH"),
    (b"+OK", "POP3"),
    (b"* OK", "IMAP"),
    (b"* BYE", "IMAP"),
)


class ReplyLine(Struct, frozen=True):
    """One line of a reply as it came, line end included; ``last`` ends the reply."""

    octets: bytes
    code: int
    text: bytes
    last: bool


class ServerReply(Struct, frozen=True):
    """A whole reply: its code and the text of each of its lines."""

    code: int
    texts: tuple[bytes, ...]

    @property
    def digit(self) -> int:
        """The code's first digit, which is all that says yes, go on, not now or no."""
        return self.code // 100

    @property
    def enhanced(self) -> str | None:
        """The first enhanced status code (RFC 3463) whose class fits the reply's code."""
        for text in self.texts:
            match = _ENHANCED.match(text)
            if match and int(match[1]) == self.digit:
                return match[0].strip().decode()
        return None

    def to_reply(self) -> Reply:
        """Return it in the transcript's form: lines joined by blanks, enhanced code apart."""
        enhanced = self.enhanced
        texts = self.texts
        if enhanced:
            prefix = enhanced.encode()
            texts = tuple(
                text[len(prefix) :].lstrip() if _starts_with_word(text, prefix) else text
                for text in texts
            )
        joined = b" ".join(text.strip() for text in texts if text.strip())
        return Reply(self.code, octets_to_text(joined), enhanced)


class Remark(Struct, frozen=True):
    """A harmless deviation, worth a word in the transcript."""

    slug: str
    sentence: str


class ProtocolFault(Struct, frozen=True):
    """The server broke the protocol; the connection is of no more use.

    ``octets`` are the offending ones, as far as they were not handed out as a line. ``stage`` is
    filled in by the protocol, which knows what was being waited for; ``reply`` is the one that
    nobody asked for, where that is the fault.
    """

    slug: str
    sentence: str
    octets: bytes = b""
    stage: Stage | None = None
    reply: ServerReply | None = None


class _State(Enum):
    OPEN = "open"
    DEAD = "dead"


ReplyItem = ReplyLine | ServerReply | Remark | ProtocolFault


class ReplyParser:
    """Turns a stream of octets into lines and replies. After a fault it reads no further.

    ``mask`` removes secrets from what a sentence quotes, before it is cut to length.
    """

    def __init__(self, mask: Callable[[bytes], bytes] = bytes) -> None:
        self._mask = mask
        self._buffer = b""
        self._state = _State.OPEN
        self._code: int | None = None  # of the reply that is under way
        self._texts: list[bytes] = []
        self._size = 0
        self._remarked: set[str] = set()

    @property
    def waiting(self) -> bytes:
        """Octets of a line that has not ended yet."""
        return self._buffer

    @property
    def inside_reply(self) -> bool:
        """Whether part of a reply has come and its end has not."""
        return self._code is not None or bool(self._buffer)

    def feed(self, data: bytes) -> list[ReplyItem]:
        """Take more octets; return what they completed, in order."""
        items: list[ReplyItem] = []
        if self._state is _State.DEAD:
            return items
        buffer = self._buffer + data if self._buffer else data
        start = 0
        while self._state is _State.OPEN:
            end = buffer.find(b"\n", start)
            if end < 0:
                break
            self._line(buffer[start : end + 1], items)
            start = end + 1
        self._buffer = buffer[start:] if start else buffer
        if self._state is _State.OPEN and self._buffer:
            self._unfinished(items)
        return items

    def _line(self, octets: bytes, items: list[ReplyItem]) -> None:
        if len(octets) > MAX_LINE:
            self._line_too_long(octets, items)
            return
        crlf = octets.endswith(b"\r\n")
        content = octets[:-2] if crlf else octets[:-1]
        if octets[0] in _TLS_RECORDS:
            self._die(items, *_TLS_SPOKEN)
            return
        separator = content[3:4]
        if not (content[:3].isdigit() and len(content) >= 3) or separator not in (b"", b" ", b"-"):
            self._die(items, *_describe_stranger(self._mask(content)), octets)
            return
        if not crlf:
            self._remark(items, "bare_lf", "The server ends its lines with LF alone, not CRLF.")
        if not separator:
            self._remark(
                items,
                "bare_code",
                f"The server sent the bare code {content.decode()}, without the blank that belongs "
                "after it (RFC 5321, section 4.2); it was taken as a whole reply.",
            )
        line = ReplyLine(octets, int(content[:3]), content[4:], separator != b"-")
        self._assemble(line, items)

    def _assemble(self, line: ReplyLine, items: list[ReplyItem]) -> None:
        items.append(line)
        if self._code is None:
            if line.last:
                items.append(ServerReply(line.code, (line.text,)))
                return
            self._code = line.code
        elif line.code != self._code:
            self._die(
                items,
                "mixed_reply_codes",
                f"The server began a reply with code {self._code} and went on with {line.code}: "
                "mixed codes, two answers in one reply (RFC 5321, section 4.2.1), of which neither "
                "can be trusted.",
            )
            return
        self._texts.append(line.text)
        self._size += len(line.octets)
        if self._size > MAX_REPLY:
            self._die(
                items,
                "endless_reply",
                f"The server's reply does not end: it is longer than {MAX_REPLY // 1024} KiB and "
                "still goes on, so MailGUI stopped reading.",
            )
        elif line.last:
            items.append(ServerReply(self._code, tuple(self._texts)))
            self._code, self._texts, self._size = None, [], 0

    def _unfinished(self, items: list[ReplyItem]) -> None:
        if self._buffer[0] in _TLS_RECORDS:
            self._die(items, *_TLS_SPOKEN)
        elif len(self._buffer) > MAX_LINE:
            self._line_too_long(self._buffer, items)

    def _line_too_long(self, octets: bytes, items: list[ReplyItem]) -> None:
        self._die(
            items,
            "reply_line_too_long",
            f"The server sent a line longer than {MAX_LINE // 1024} KiB, where RFC 5321 allows 512 "
            "octets.",
            octets[:512],
        )

    def _remark(self, items: list[ReplyItem], slug: str, sentence: str) -> None:
        if slug not in self._remarked:
            self._remarked.add(slug)
            items.append(Remark(slug, sentence))

    def _die(self, items: list[ReplyItem], slug: str, sentence: str, octets: bytes = b"") -> None:
        self._state = _State.DEAD
        items.append(ProtocolFault(slug, sentence, octets))


def _starts_with_word(text: bytes, word: bytes) -> bool:
    return text.startswith(word) and text[len(word) : len(word) + 1] in (b"", b" ", b"\t")


def _describe_stranger(content: bytes) -> tuple[str, str]:
    """Return slug and sentence for a line that is no SMTP reply."""
    for start, name in _OTHER_PROTOCOLS:
        if content.startswith(start):
            return (
                "not_smtp",
                f"What answers on this port speaks {name}, not SMTP; check server name and port.",
            )
    shown = octets_to_text(content[:60])
    if not shown:
        return "malformed_reply", "The server sent an empty line where a reply was due."
    return "malformed_reply", f"The server sent “{shown}”, which is not an SMTP reply."
