"""Message data on its way out: read, dot-stuffed, counted and digested.

What may block is read off the event loop; what lies in memory is not worth the hop.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from mailgui.message.outgoing import Outgoing
from mailgui.smtp.wanted import Breaks

_NO_BREAKS = Breaks()
BATCH = 256 * 1024  # octets read at a time: enough to keep a fast network busy
END_OF_DATA = b".\r\n"
_LARGE = 4096  # octets from which on it pays to look whether they are the same as before


class DotStuffer:
    """Doubles a dot at the start of a line (RFC 5321, section 4.5.2), across any chunk borders.

    A line begins after CRLF. A dot behind a bare LF stays as it is: such octets are no standard
    mail, and adding to them would change what a correct server stores.
    """

    def __init__(self) -> None:
        self.tail = b"\r\n"  # the last two octets so far; a message begins a line

    def feed(self, chunk: bytes) -> bytes:
        """Return the next chunk as it goes out."""
        if not chunk:
            return b""
        tail = self.tail
        self.tail = (tail + chunk[-2:])[-2:]
        if b"." not in chunk:  # as in base64: much faster than to look for the whole pattern
            return chunk
        stuffed = chunk.replace(b"\r\n.", b"\r\n..")
        if chunk[:1] == b"." and tail == b"\r\n":
            return b"." + stuffed
        if chunk[:2] == b"\n." and tail[1:] == b"\r":
            return b"\n." + stuffed[1:]
        return stuffed

    def end(self) -> bytes:
        """Return what completes the last line."""
        return b"" if self.tail == b"\r\n" else b"\r\n"


class Unstuffed(DotStuffer):
    """Leaves dots as they are: a rule broken on purpose. The last line is still completed."""

    def feed(self, chunk: bytes) -> bytes:
        self.tail = (self.tail + chunk[-2:])[-2:]
        return chunk


class Rewriter:
    """Changes line ends and the end of data on purpose; fed with octets that are stuffed already.

    It keeps back the last octets, since the end of data is to replace the last line's end too.
    """

    def __init__(self, *, bare_lf: bool) -> None:
        self._bare_lf = bare_lf
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """Return the next octets as they go out."""
        octets = self._held + chunk
        keep = 3 if octets[-3:-1] == b"\r\n" else 2
        cut = max(len(octets) - keep, 0)
        self._held = octets[cut:]
        return self._ended(octets[:cut])

    def end(self) -> bytes:
        """Return the last octets, without the last line's end."""
        held, self._held = self._held, b""
        return self._ended(held.removesuffix(b"\r\n"))

    def _ended(self, octets: bytes) -> bytes:
        return octets.replace(b"\r\n", b"\n") if self._bare_lf else octets


class Shared:
    """What the messages of a row have in common is stuffed and counted once.

    It knows the last large chunk by identity: copies of one message share all but their head.
    """

    def __init__(self) -> None:
        self._chunk = b""
        self._before = b""
        self._after = b""
        self._stuffed = b""
        self._lines = 0

    def feed(self, stuffer: DotStuffer, chunk: bytes) -> tuple[bytes, int]:
        """Return the chunk as ``stuffer`` makes it, and its line ends."""
        if chunk is self._chunk and stuffer.tail == self._before:
            stuffer.tail = self._after
            return self._stuffed, self._lines
        before = stuffer.tail
        stuffed, lines = stuffer.feed(chunk), chunk.count(b"\n")
        if len(chunk) >= _LARGE:
            self._chunk, self._before, self._after = chunk, before, stuffer.tail
            self._stuffed, self._lines = stuffed, lines
        return stuffed, lines


class Parcel(Struct, frozen=True):
    """A whole message as it goes out, its end included, and what is recorded of it."""

    octets: bytes
    length: int
    lines: int
    digest: str


def parcel(message: Outgoing, shared: Shared) -> Parcel:
    """Return a message that lies in memory, ready to be written. Raises OSError as ``Content``."""
    digest, stuffer = hashlib.sha256(), DotStuffer()
    parts: list[bytes] = []
    length = lines = 0
    chunks = message.chunks()
    for chunk in chunks if message.size >= _LARGE else (b"".join(chunks),):
        digest.update(chunk)
        length += len(chunk)
        stuffed, more = shared.feed(stuffer, chunk)
        parts.append(stuffed)
        lines += more
    if length != message.size:
        raise _changed(length, message.size)
    parts += (stuffer.end(), END_OF_DATA)
    return Parcel(b"".join(parts), length, lines, digest.hexdigest())


class Content:
    """The octets of one message, in batches; the next is read while the last is written.

    Attributes:
        length: octets of the message taken so far, before stuffing.
        lines: line ends among them.
        end: what is to be written after the last batch of DATA.
    """

    def __init__(self, message: Outgoing, *, stuff: bool, breaks: Breaks = _NO_BREAKS) -> None:
        """``stuff``: for DATA, in place of BDAT; ``breaks`` are for DATA too."""
        self.length = 0
        self.lines = 0
        self._message = message
        self._inline = bool(getattr(message, "in_memory", False))
        self._chunks: Iterator[bytes] | None = None
        self._size = message.size
        self._stuffer = _stuffer(breaks) if stuff else None
        self._rewriter: Rewriter | None = None
        self.end = END_OF_DATA
        if stuff and (breaks.bare_lf or breaks.end_of_data is not None):
            self._rewriter = Rewriter(bare_lf=breaks.bare_lf)
            whole = b"\r\n" + END_OF_DATA
            self.end = whole if breaks.end_of_data is None else breaks.end_of_data
        self._hash = hashlib.sha256()
        self._ahead: asyncio.Future[tuple[bytes, bool]] | None = None
        self._first: tuple[bytes, bool] | None = None
        self.complete = False

    @property
    def digest(self) -> str:
        """SHA-256 of the message, hexadecimal."""
        return self._hash.hexdigest()

    async def prefetch(self) -> None:
        """Read the first batch, so that an unreadable file shows before anything is sent.

        Raises OSError.
        """
        if self._inline:
            if self._first is None:
                self._first = self._batch()
            return
        ahead = self._read_ahead()
        await asyncio.wait((ahead,))
        if error := ahead.exception():
            raise error

    async def next(self) -> bytes:
        """Return the next batch; ``complete`` tells whether it is the last. Raises OSError."""
        if self._inline:
            batch, self.complete = self._first or self._batch()
            self._first = None
            return batch
        batch, self.complete = await self._read_ahead()
        self._ahead = None
        if not self.complete:
            self._read_ahead()
        return batch

    def close(self) -> None:
        """Give up the rest of the message and its open file."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            self._end_reading()
        else:
            ahead.add_done_callback(self._discard)

    def _read_ahead(self) -> asyncio.Future[tuple[bytes, bool]]:
        if self._ahead is None:
            self._ahead = asyncio.get_running_loop().run_in_executor(None, self._batch)
        return self._ahead

    def _batch(self) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        gathered = 0
        if self._chunks is None:
            self._chunks = iter(self._message.chunks())
        for chunk in self._chunks:
            self._hash.update(chunk)
            self.length += len(chunk)
            self.lines += chunk.count(b"\n")
            parts.append(self._stuffer.feed(chunk) if self._stuffer else chunk)
            gathered += len(chunk)
            if gathered >= BATCH:
                return self._rewritten(parts), False
        if self.length != self._size:
            raise _changed(self.length, self._size)
        if self._stuffer:
            parts.append(self._stuffer.end())
        batch = self._rewritten(parts)
        return batch + self._rewriter.end() if self._rewriter else batch, True

    def _rewritten(self, parts: list[bytes]) -> bytes:
        batch = b"".join(parts)
        return self._rewriter.feed(batch) if self._rewriter else batch

    def _discard(self, ahead: asyncio.Future[tuple[bytes, bool]]) -> None:
        if not ahead.cancelled():
            ahead.exception()
        self._end_reading()

    def _end_reading(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close:
            close()


def _stuffer(breaks: Breaks) -> DotStuffer:
    return Unstuffed() if breaks.no_dot_stuffing else DotStuffer()


def _changed(length: int, size: int) -> OSError:
    return OSError(
        f"The message changed while it was read: {length:,} octets in place of {size:,}."
    )


@lru_cache(maxsize=8)
def describe(length: int, lines: int) -> str:
    """Return what stands for message data in a transcript: ``[message: 271 KB, 3,612 lines]``."""
    return f"[message: {_size(length)}, {lines:,} {'line' if lines == 1 else 'lines'}]"


def _size(octets: int) -> str:
    if octets < 1000:
        return f"{octets} octets"
    if octets < 1_000_000:
        kilo = octets / 1000
        return f"{kilo:.1f} KB" if kilo < 10 else f"{kilo:.0f} KB"
    return f"{octets / 1_000_000:.1f} MB"
