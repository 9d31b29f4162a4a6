"""HTTP/2's frames, read along for the record: what kind, which stream, how long (RFC 9113)."""

from dataclasses import dataclass, replace

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_KINDS = (
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY",
    "WINDOW_UPDATE", "CONTINUATION",
)  # fmt: skip
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING = 0, 1, 3, 4, 6
_END_STREAM, _ACK, _END_HEADERS = 0x1, 0x1, 0x4


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, or several of DATA that followed one another.

    Attributes:
        stream: 0 is the connection itself.
        length: octets of the payload, all together.
        count: how many frames.
    """

    kind: int
    flags: int
    stream: int
    length: int
    count: int = 1

    @property
    def opens(self) -> bool:
        """Whether it begins a message on its stream."""
        return self.kind == _HEADERS

    @property
    def closes(self) -> bool:
        """Whether its stream is over: it was ended or reset."""
        return self.ends or self.kind == _RST_STREAM

    @property
    def ends(self) -> bool:
        """Whether nothing follows on its stream in this direction."""
        return self.kind in (_DATA, _HEADERS) and bool(self.flags & _END_STREAM)

    def __str__(self) -> str:
        known = self.kind < len(_KINDS)
        name = _KINDS[self.kind] if known else f"frame of type {self.kind}"
        if self.count > 1:
            name = f"{self.count} × {name}"
        where = f"stream {self.stream}" if self.stream else "connection"
        flags = []
        if self.ends:
            flags.append("END_STREAM")
        if self.kind == _HEADERS and self.flags & _END_HEADERS:
            flags.append("END_HEADERS")
        if self.kind in (_SETTINGS, _PING) and self.flags & _ACK:
            flags.append("ACK")
        return ", ".join((name, where, f"{self.length:,} octets", *flags))


class FrameReader:
    """Finds the frames in one direction's octets; runs of DATA become one."""

    def __init__(self) -> None:
        self._head = b""
        self._skip = 0  # octets of a payload that are still to come
        self._run: Frame | None = None
        self._begun = False

    def feed(self, octets: bytes) -> list[Frame]:
        """Return the frames whose beginning these octets complete."""
        found: list[Frame] = []
        place = 0
        while place < len(octets):
            if self._skip:
                step = min(self._skip, len(octets) - place)
                self._skip -= step
                place += step
                continue
            wanted = len(_PREFACE) if self._is_preface(octets, place) else 9
            step = min(wanted - len(self._head), len(octets) - place)
            self._head += octets[place : place + step]
            place += step
            if len(self._head) == wanted:
                head, self._head, self._begun = self._head, b"", True
                if wanted == 9:
                    found += self._take(head)
        return found

    def flush(self) -> list[Frame]:
        """Return a run of DATA that nothing has ended yet."""
        run, self._run = self._run, None
        return [run] if run else []

    def _is_preface(self, octets: bytes, place: int) -> bool:
        if self._begun:
            return False
        start = (self._head + octets[place : place + 3])[:3]
        return (_PREFACE.startswith(start) and len(start) == 3) or self._head[:3] == _PREFACE[:3]

    def _take(self, head: bytes) -> list[Frame]:
        length = int.from_bytes(head[:3], "big")
        stream = int.from_bytes(head[5:9], "big") & 0x7FFFFFFF
        frame = Frame(head[3], head[4], stream, length)
        self._skip = length
        run = self._run
        if frame.kind == _DATA and run is not None and run.stream == stream:
            frame = replace(frame, length=run.length + length, count=run.count + 1)
            run = None
        if frame.kind == _DATA and not frame.ends:
            self._run = frame
            return [run] if run else []
        self._run = None
        return [run, frame] if run else [frame]
