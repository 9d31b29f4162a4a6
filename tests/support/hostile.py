"""A server that follows a script to the letter, on loopback: one script for each connection.

A script is a list of steps. ``Say`` and ``Hear`` are lock-step; the others misbehave as servers do.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from mailgui.message.outgoing import Envelope
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import send
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Recorder, Transcript


@dataclass(frozen=True)
class Say:
    """Write octets at once; a str gets CRLF."""

    what: str | bytes

    @property
    def octets(self) -> bytes:
        return self.what if isinstance(self.what, bytes) else self.what.encode() + b"\r\n"


@dataclass(frozen=True)
class Drip:
    """Write octets one by one, each in a packet of its own."""

    octets: bytes


@dataclass(frozen=True)
class Pieces:
    """Write octets in pieces of these sizes, each of which arrives before the next one goes."""

    octets: bytes
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Trickle:
    """Write octets over and over, one each 10 ms, until the client goes away."""

    octets: bytes


@dataclass(frozen=True)
class Hear:
    """Read one line, which must match."""

    pattern: str = ""


@dataclass(frozen=True)
class Echo:
    """Say a line with ``{}`` standing for the last word heard."""

    wrapping: str


@dataclass(frozen=True)
class Scram:
    """Answer the first message of SCRAM, just heard, with a salt and a round count."""


@dataclass(frozen=True)
class ScramServer:
    """The server's side of SCRAM, from the AUTH line to 235.

    ``binding`` for the -PLUS form is that of tls-server-end-point; tls-unique's is OpenSSL's.
    """

    password: str
    hash_name: str = "sha256"
    binding: bytes | None = None


@dataclass(frozen=True)
class HearData:
    """Read up to and with the line of a lone dot."""


@dataclass(frozen=True)
class HearOctets:
    """Read exactly so many octets."""

    count: int


@dataclass(frozen=True)
class Flood:
    """Write octets over and over until the client goes away."""

    octets: bytes


@dataclass(frozen=True)
class Tls:
    """Shake hands with the server's certificate."""


@dataclass(frozen=True)
class Hold:
    """Say nothing until the client goes away."""


@dataclass(frozen=True)
class Deaf:
    """Read nothing more, until the client is done."""


@dataclass(frozen=True)
class Signal:
    """Set the script's event: what the client does next may depend on it."""


@dataclass(frozen=True)
class Reset:
    """Break the connection off with RST."""


Step = (
    Say
    | Drip
    | Pieces
    | Trickle
    | Hear
    | Echo
    | Scram
    | HearData
    | HearOctets
    | Flood
    | Tls
    | Hold
    | Deaf
    | Signal
    | Reset
)


@dataclass(frozen=True)
class Octets:
    """A message held in memory."""

    octets: bytes = b"Subject: test\r\n\r\nHello\r\n"
    sender: str = "a@good.example"
    recipients: tuple[str, ...] = ("b@good.example",)
    message_id: str | None = "<1@good.example>"
    needs_smtputf8: bool = False
    needs_8bitmime: bool = False
    chunk: int = 64 * 1024

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.sender, self.recipients)

    @property
    def size(self) -> int:
        return len(self.octets)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.octets), self.chunk):
            yield self.octets[start : start + self.chunk]


@dataclass
class Server:
    """What the scripted server saw.

    Attributes:
        lines: each line it heard, without CRLF, over all connections.
        data: each message it read, as it came.
        problems: where the client did not follow the script.
    """

    scripts: Sequence[Sequence[Step]]
    context: ssl.SSLContext | None = None
    lines: list[str] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    signal: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[Any] = field(default_factory=set)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            for step in script:
                await self._do(step, reader, writer)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError) as error:
            self.problems.append(f"{type(error).__name__} in {step}")
        finally:
            writer.close()
            # WORKAROUND: after a handshake that broke, asyncio's streams may never be told the end.
            with suppress(OSError, ssl.SSLError):  # TimeoutError is an OSError
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def done(self) -> None:
        """Wait until all connections have ended: a client must not leave one open."""
        self.released.set()
        if self.tasks:
            _, open_still = await asyncio.wait(self.tasks, timeout=5)
            assert not open_still, "The client left its connection open."

    async def _do(  # noqa: C901
        self, step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match step:
            case Say():
                writer.write(step.octets)
                await writer.drain()
            case Drip():
                for octet in step.octets:
                    writer.write(bytes([octet]))
                    await writer.drain()
                    await asyncio.sleep(0)
            case Pieces():
                await self._write_pieces(step, writer)
            case Trickle():
                await self._trickle(step.octets, writer)
            case Hear():
                await self._hear(step, reader)
            case Echo():
                word = self.lines[-1].split()[-1]
                writer.write(step.wrapping.replace("{}", word).encode() + b"\r\n")
            case Scram():
                first = base64.b64decode(self.lines[-1].split()[-1])
                nonce = first.partition(b"r=")[2] + b"server"
                challenge = b"r=%s,s=c2FsdHNhbHQ=,i=4096" % nonce
                writer.write(b"334 " + base64.b64encode(challenge) + b"\r\n")
            case ScramServer():
                await self._scram(step, reader, writer)
            case HearData():
                self.data.append(await self._hear_data(reader))
            case HearOctets():
                self.data.append(await reader.readexactly(step.count))
            case Flood():
                try:
                    while True:
                        writer.write(step.octets)
                        await writer.drain()
                except OSError:
                    return
            case Tls():
                assert self.context is not None
                if writer.transport.is_closing():
                    raise ConnectionResetError
                # Of a client that left at this very moment asyncio may not tell before that.
                await writer.start_tls(self.context, ssl_handshake_timeout=3)
            case Hold():
                try:
                    while await reader.read(65536):
                        pass
                except OSError:
                    return
            case Deaf():
                writer.transport.pause_reading()
                await self.released.wait()
            case Signal():
                self.signal.set()
            case Reset():
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

    async def _write_pieces(self, step: Pieces, writer: asyncio.StreamWriter) -> None:
        start = 0
        for size in (*step.sizes, len(step.octets)):
            writer.write(step.octets[start : start + size])
            start += size
            for _ in range(3):  # the client, in this same loop, reads what came
                await asyncio.sleep(0)

    async def _trickle(self, octets: bytes, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            for octet in itertools.cycle(octets):
                writer.write(bytes([octet]))
                await writer.drain()
                await asyncio.sleep(0.01)

    async def _scram(
        self, step: ScramServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """RFC 5802 seen from the other side, written apart from the client's."""

        def mac(key: bytes, message: bytes) -> bytes:
            return hmac.new(key, message, step.hash_name).digest()

        async def answer(challenge: bytes) -> bytes:
            writer.write(b"334 " + base64.b64encode(challenge) + b"\r\n")
            await self._hear(Hear(), reader)
            return base64.b64decode(self.lines[-1])

        await self._hear(Hear("AUTH SCRAM"), reader)
        first = base64.b64decode(self.lines[-1].split()[-1])
        header, bare = b",".join(first.split(b",")[:2]) + b",", first.split(b",", 2)[2]
        nonce = bare.partition(b",r=")[2] + b"-server"
        challenge = b"r=%s,s=%s,i=4096" % (nonce, base64.b64encode(b"salt"))
        without_proof, _, proof = (await answer(challenge)).partition(b",p=")
        binding = step.binding or b""
        if header.startswith(b"p=tls-unique"):
            binding = writer.get_extra_info("ssl_object").get_channel_binding("tls-unique")
        bound = base64.b64encode(header + binding)
        message = b",".join((bare, challenge, without_proof))
        salted = hashlib.pbkdf2_hmac(step.hash_name, step.password.encode(), b"salt", 4096)
        stored = hashlib.new(step.hash_name, mac(salted, b"Client Key")).digest()
        signature = mac(stored, message)
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
        genuine = hashlib.new(step.hash_name, key).digest() == stored
        if not genuine or without_proof != b"c=%s,r=%s" % (bound, nonce):
            writer.write(b"535 5.7.8 No\r\n")
            return
        await answer(b"v=" + base64.b64encode(mac(mac(salted, b"Server Key"), message)))
        writer.write(b"235 2.7.0 Welcome\r\n")

    async def _hear(self, step: Hear, reader: asyncio.StreamReader) -> None:
        line = await reader.readuntil(b"\n")
        text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
        self.lines.append(text)
        if not re.match(step.pattern, text):
            self.problems.append(f"heard {text!r} in place of {step.pattern!r}")

    async def _hear_data(self, reader: asyncio.StreamReader) -> bytes:
        data = b""
        while True:
            line = await reader.readline()
            if not line:
                raise asyncio.IncompleteReadError(data, None)
            if line == b".\r\n":
                return data
            data += line


@asynccontextmanager
async def serving(
    *scripts: Sequence[Step], context: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Serve the scripts on ``server.port`` as long as the block runs."""
    server = Server(scripts, context)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 24)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.done()


async def play_async(
    scripts: Sequence[Sequence[Step]],
    message: Any = None,
    *,
    plan: Plan | None = None,
    password: str | None = None,
    context: ssl.SSLContext | None = None,
    cancel_on_signal: bool = False,
    recorder: Recorder | None = None,
    host: str = "127.0.0.1",
    **settings: Any,
) -> tuple[Transcript, Server]:
    """Serve the scripts, send one message, and return transcript and server."""
    server = Server(scripts, context)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 24)
    server.port = listener.sockets[0].getsockname()[1]
    settings.setdefault("tls", TlsMode.NONE)
    settings.setdefault("timeout", 10.0)
    settings.setdefault("helo", "me.good.example")
    recorder = recorder or Recorder(Kind.SMTP)
    try:
        transcript = await send(
            SmtpSettings(host, server.port, **settings),
            message,
            plan=plan or Plan(),
            password=password,
            recorder=recorder,
            cancel=server.signal if cancel_on_signal else None,
        )
    finally:
        listener.close()
        await server.done()
    return transcript, server


def play(
    script: Sequence[Step], message: Any = Octets(), **options: Any
) -> tuple[Transcript, Server]:
    """Run ``play_async`` with one script, the same for each connection."""
    return asyncio.run(play_async([script], message, **options))


def play_many(
    scripts: Sequence[Sequence[Step]], message: Any = Octets(), **options: Any
) -> tuple[Transcript, Server]:
    """Run ``play_async`` with a script for each connection in turn."""
    return asyncio.run(play_async(scripts, message, **options))


def hello(*capabilities: str) -> list[Step]:
    """Return the steps of an ordinary greeting with these capabilities."""
    lines = ["mx.good.example", *capabilities]
    answer = "".join(f"250{'-' if i < len(lines) - 1 else ' '}{x}\r\n" for i, x in enumerate(lines))
    return [Say("220 mx.good.example ESMTP"), Hear("EHLO "), Say(answer.encode())]


def envelope(recipients: int = 1) -> list[Step]:
    """Return the steps of MAIL and RCPT, all accepted, one by one."""
    steps: list[Step] = [Hear("MAIL FROM:"), Say("250 2.1.0 Ok")]
    for _ in range(recipients):
        steps += [Hear("RCPT TO:"), Say("250 2.1.5 Ok")]
    return steps


GOODBYE: list[Step] = [Hear("QUIT"), Say("221 2.0.0 Bye")]
TAKEN: list[Step] = [
    Hear("DATA"),
    Say("354 End data with <CR><LF>.<CR><LF>"),
    HearData(),
    Say("250 2.0.0 Ok: queued as 4Xyz12"),
]
