"""One HTTP exchange as it is seen on the wire: its phases, its lines, the size of its bodies."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from mailgui.net.errors import NetworkFault
from mailgui.transcript import Direction, Layer, Phase, Recorder, Stage

_LINE_LIMIT = 65536  # octets of a line that are kept for the record
_MOST_LINES = 2000  # of an answer's head; interim answers (1xx) may come without end


class MessageTap:
    """Reads along with one direction of HTTP/1.1: records each line, counts the body.

    The wire's octets are parsed for the record alone; what they mean, h11 decides.
    """

    def __init__(self, record: Callable[[bytes], object], *, answers: bool) -> None:
        self._record = record
        self._answers = answers  # whether interim answers (1xx) may come first
        self._pending = b""
        self._first_line = b""
        self._in_body = False
        self.opening = b""  # the very first line
        self.lines = 0
        self.body_length = 0
        self._digest = hashlib.sha256()

    @property
    def body_digest(self) -> str:
        """SHA-256 of the body's octets as they travelled, in hex."""
        return self._digest.hexdigest()

    def feed(self, octets: bytes) -> None:
        """Take what was written or read."""
        if not self._in_body:
            octets = self._take_lines(octets)
        self.count(octets)

    def flush(self) -> None:
        """Record what came of an unfinished line."""
        if self._pending:
            self.opening = self.opening or self._pending[:_LINE_LIMIT]
            self._record(self._pending[:_LINE_LIMIT])
            self._pending = b""

    def _take_lines(self, octets: bytes) -> bytes:
        """Record each whole line of the head; return what of the body came with it."""
        octets = self._pending + octets
        self._pending = b""
        while not self._in_body:
            line, newline, rest = octets.partition(b"\n")
            if not newline:
                self._pending = octets
                if len(octets) > _LINE_LIMIT:
                    self.flush()
                return b""
            octets = rest
            self._take_line(line + newline)
        return octets

    def _take_line(self, line: bytes) -> None:
        if line.strip(b"\r\n"):
            self.opening = self.opening or line
            self._first_line = self._first_line or line
            self.lines += 1
            if self.lines <= _MOST_LINES:
                self._record(line)
        elif self._first_line:
            interim = self._first_line.partition(b" ")[2].startswith(b"1")
            self._in_body = not (self._answers and interim)
            self._first_line = b""

    def count(self, octets: bytes) -> None:
        """Count octets of a body, also one that travelled in HTTP/2's frames."""
        self.body_length += len(octets)
        self._digest.update(octets)


class HttpTrace:
    """Records one exchange. Also winds the clock: each step has ``timeout`` seconds.

    Attributes:
        stage: the step it is in.
        sent, received: the two directions' taps.
        http2: whether the octets are HTTP/2's, whose headers are recorded as decoded.
    """

    def __init__(
        self, recorder: Recorder, deadline: asyncio.Timeout, timeout: float, *, secure: bool
    ) -> None:
        self.recorder = recorder
        self.stage = Stage.CONNECT
        self.http2 = False
        self.sent = MessageTap(self._record_sent, answers=False)
        self.received = MessageTap(self._record_received, answers=True)
        self._deadline = deadline
        self._timeout = timeout
        self._secure = secure
        self._phase: AbstractContextManager[Any] | None = None
        self._handle: Any = None  # what the recorder lets the open phase set
        self._connected = False

    def connecting(self) -> None:
        """Note that this exchange opens a connection of its own; connecting has its own limits."""
        self._connected = True
        self._deadline.reschedule(None)

    def wrote(self, octets: bytes) -> None:
        """Take octets of HTTP/1.1 that went out."""
        self.sent.feed(octets)

    def progressed(self) -> None:
        """Wind the clock anew: some of the request was taken."""
        if not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._timeout)

    def read(self, octets: bytes) -> None:
        """Take octets of HTTP/1.1 that came in. Raises NetworkFault where its head has no end."""
        if octets and self.stage is not Stage.RECEIVE:
            self._begin(Stage.RECEIVE)
        self.received.feed(octets)
        if self.received.lines > _MOST_LINES:
            sentence = f"{self.recorder.peer} sends header lines without end."
            raise NetworkFault(Stage.RECEIVE, "http_too_large", sentence)

    def sending(self, *, reused: bool) -> None:
        """Note that the request begins to go out."""
        if reused:
            self._note_reuse()
        self._begin(Stage.SEND)

    def waiting(self) -> None:
        """Note that the whole request has gone out."""
        self._end_of_sending()
        if self.stage is not Stage.RECEIVE:
            self._begin(Stage.WAIT)

    def frame(self, words: str, *, sent: bool) -> None:
        """Note a frame of HTTP/2; what HEADERS and DATA hold is recorded apart, decoded."""
        way = "Sent" if sent else "Received"
        self.recorder.info(f"{way} frame: {words}", layer=Layer.HTTP, stage=self.stage)

    async def on_httpcore(self, name: str, info: Mapping[str, Any]) -> None:
        """Take one of httpcore's trace events, of HTTP/2."""
        self.http2 = True
        match name.partition(".")[2]:
            case "send_request_headers.started":
                self.sending(reused=not self._connected)
                self._record_request(info["request"])
            case "receive_response_headers.started":
                self.waiting()
            case "receive_response_headers.complete":
                self._begin(Stage.RECEIVE)
                status, headers = info["return_value"]
                self._record_fields(self._record_received, [(b":status", str(status).encode())])
                self._record_fields(self._record_received, headers)

    def finish(self, *, failed: bool) -> None:
        """End the last phase and record the answer's body."""
        self.received.flush()
        self._end(failed=failed)
        if self.received.body_length:
            self._record_body(Direction.RECEIVED, self.received)

    def _begin(self, stage: Stage) -> None:
        self._end()
        self.stage = stage
        self._phase = self.recorder.phase(stage.value)
        self._handle = self._phase.__enter__()
        self.progressed()

    def _end(self, *, failed: bool = False) -> None:
        if self._phase is None:
            return
        phase, self._phase = self._phase, None
        self._handle.failed = failed
        phase.__exit__(None, None, None)

    def _note_reuse(self) -> None:
        self.recorder.tls = self._secure
        for name in ("connect", "tls") if self._secure else ("connect",):
            self.recorder.add_phase(Phase(name, self.recorder.now(), 0.0, "reused"))
        self.recorder.info("Using the connection that is open already", layer=Layer.TCP)

    def _end_of_sending(self) -> None:
        if self.sent.body_length:
            self._record_body(Direction.SENT, self.sent)

    def _record_request(self, request: Any) -> None:
        url = request.url
        host = next((v for n, v in request.headers if n.lower() == b"host"), url.host)
        pseudo = [
            (b":method", request.method),
            (b":authority", host),
            (b":scheme", url.scheme),
            (b":path", url.target),
        ]
        rest = [(n.lower(), v) for n, v in request.headers if n.lower() != b"host"]
        self._record_fields(self._record_sent, pseudo + rest)

    def _record_fields(
        self, record: Callable[[bytes], object], fields: list[tuple[bytes, bytes]]
    ) -> None:
        for name, value in fields:
            record(name + b": " + value)

    def _record_body(self, direction: Direction, tap: MessageTap) -> None:
        text = f"[body: {tap.body_length} octets]"
        self.recorder.data(
            direction,
            text,
            layer=Layer.HTTP,
            length=tap.body_length,
            digest=tap.body_digest,
            stage=self.stage,
        )

    def _record_sent(self, line: bytes) -> None:
        self.recorder.sent(line, layer=Layer.HTTP, stage=Stage.SEND)

    def _record_received(self, line: bytes) -> None:
        self.recorder.received(line, layer=Layer.HTTP, stage=Stage.RECEIVE)


# httpcore calls its backend within the task that makes the request: this is how the backend's
# streams, which outlive a request, find whose octets they carry.
current_trace: ContextVar[HttpTrace] = ContextVar("current_trace")
