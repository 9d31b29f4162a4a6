"""Those who send the same message n times over one connection: each returns the seconds it took."""

import asyncio
import email
import email.policy
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Self

from mailgui.message.compose import Composed, compose
from mailgui.message.copies import copies
from mailgui.message.draft import Address, Draft
from mailgui.smtp.bulk import send_bulk
from mailgui.smtp.plan import Plan
from mailgui.smtp.session import Session
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.transcript import Kind, Outcome, Recorder

HOST = "127.0.0.1"
SENDER, RECIPIENT = "a@good.example", "b@good.example"
_GROUP = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
_LINE = "The quick brown fox jumps over the lazy dog, again and again and ag\n"

Contender = Callable[[int, Composed, int], float]


def message_of(size: int) -> Composed:
    """Return a plain message of about ``size`` octets."""

    def made(lines: int) -> Composed:
        people = {"sender": Address(SENDER), "to": (Address(RECIPIENT),)}
        return compose(Draft(subject="Benchmark", text=_LINE * lines, **people))

    return made(max(1, (size - made(0).size) // (len(_LINE) + 1)))


def by_smtplib_message(port: int, message: Composed, count: int) -> float:
    """The standard library as its documentation has it: ``send_message()`` of a message object."""
    made = email.message_from_bytes(b"".join(message.chunks()), policy=email.policy.default)
    with smtplib.SMTP(HOST, port) as server:
        server.ehlo()
        began = time.perf_counter()
        for _ in range(count):
            server.send_message(made, SENDER, [RECIPIENT])
        return time.perf_counter() - began


def by_smtplib_text(port: int, message: Composed, count: int) -> float:
    """The standard library given the finished message as text, whose line ends it looks after."""
    return _sendmail(port, b"".join(message.chunks()).decode("ascii"), count)


def by_smtplib_octets(port: int, message: Composed, count: int) -> float:
    """The standard library at its fastest: the finished octets, for which it doubles dots only."""
    return _sendmail(port, b"".join(message.chunks()), count)


def _sendmail(port: int, content: str | bytes, count: int) -> float:
    with smtplib.SMTP(HOST, port) as server:
        server.ehlo()
        began = time.perf_counter()
        for _ in range(count):
            server.sendmail(SENDER, [RECIPIENT], content)
        return time.perf_counter() - began


def by_smtp_source(port: int, message: Composed, count: int) -> float:
    """Postfix's own load generator, in C, without PIPELINING; starting it included."""
    words = ["-d", "-s", "1", "-m", count, "-l", message.size, "-f", SENDER, "-t", RECIPIENT]
    began = time.perf_counter()
    subprocess.run(["smtp-source", *map(str, words), f"{HOST}:{port}"], check=True)
    return time.perf_counter() - began


def by_bare_loop(port: int, message: Composed, count: int) -> float:
    """A blocking socket: MAIL, RCPT and DATA together, then the message; nothing is looked at."""
    octets = _payload(message)
    with _Bare(port) as bare:
        began = time.perf_counter()
        for _ in range(count):
            bare.say(_GROUP, 3)
            bare.say(octets, 1)
        return time.perf_counter() - began


def by_bare_overlap(port: int, message: Composed, count: int) -> float:
    """The same with the next commands behind the message: the least that the protocol allows."""
    octets = _payload(message)
    with _Bare(port) as bare:
        began = time.perf_counter()
        bare.say(_GROUP, 3)
        for _ in range(count - 1):
            bare.say(octets + _GROUP, 4)
        bare.say(octets, 1)
        return time.perf_counter() - began


def by_mailgui(port: int, message: Composed, count: int) -> float:
    """MailGUI's bulk run: everything recorded, checked, and an own Message-ID for each."""

    async def run() -> float:
        result = await send_bulk(
            SmtpSettings(HOST, port, tls=TlsMode.NONE),
            copies(message, own_id=True),
            count=count,
            plan=Plan(),
            password=None,
            recorder=Recorder(Kind.SMTP),
        )
        assert result.outcomes == {Outcome.ACCEPTED: count}, result.transcript.summary
        return result.seconds

    return asyncio.run(run())


def by_mailgui_one_by_one(port: int, message: Composed, count: int) -> float:
    """MailGUI sending one message after the other, a whole transcript made of each."""

    async def run() -> float:
        settings = SmtpSettings(HOST, port, tls=TlsMode.NONE)
        async with Session(settings, password=None) as session:
            await session.send(message, recorder=Recorder(Kind.SMTP))
            began = time.perf_counter()
            for _ in range(count):
                transcript = await session.send(message, recorder=Recorder(Kind.SMTP))
                assert transcript.outcome is Outcome.ACCEPTED
            return time.perf_counter() - began

    return asyncio.run(run())


def whole_bare(port: int, message: Composed, count: int) -> float:
    """A dialogue with a connection of its own for each message, lock-step but for the group."""
    octets = _payload(message)
    began = time.perf_counter()
    for _ in range(count):
        with _Bare(port) as bare:
            bare.say(_GROUP, 3)
            bare.say(octets, 1)
            bare.say(b"QUIT\r\n", 1)
    return time.perf_counter() - began


def whole_mailgui(port: int, message: Composed, count: int) -> float:
    """MailGUI with a connection of its own for each message."""

    async def run() -> float:
        from mailgui.smtp.session import send

        settings = SmtpSettings(HOST, port, tls=TlsMode.NONE)
        began = time.perf_counter()
        for number in range(count + 1):
            if number == 1:  # the first one pays for what is loaded when needed
                began = time.perf_counter()
            transcript = await send(settings, message, password=None, recorder=Recorder(Kind.SMTP))
            assert transcript.outcome is Outcome.ACCEPTED
        return time.perf_counter() - began

    return asyncio.run(run())


def _payload(message: Composed) -> bytes:
    return b"".join(message.chunks()).replace(b"\r\n.", b"\r\n..") + b".\r\n"


class _Bare:
    """A blocking connection that has said EHLO."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.recv(4096)
        self.say(b"EHLO me.good.example\r\n", 1)

    def say(self, octets: bytes, lines: int) -> None:
        """Write ``octets`` and read until so many lines have come."""
        self._socket.sendall(octets)
        seen = 0
        while seen < lines:
            seen += self._socket.recv(65536).count(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()
