"""SMTP's client side without I/O: commands go out, octets come in, events come of them.

Commands wait for their replies in a queue, the flight; one after the other (lock-step) is merely a
flight of one, so PIPELINING (RFC 2920) needs nothing of its own. A reply is judged by its first
digit and by what its command accepts, never by a list of known codes.

What a server must not do ends in a ``ProtocolFault`` event: a reply nobody asked for, two codes
in one reply, an endless reply, octets sent ahead of the TLS handshake. After it nothing is read.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

import msgspec
from msgspec import Struct

from mailgui.smtp.reply import ProtocolFault, Remark, ReplyLine, ReplyParser, ServerReply
from mailgui.transcript import Stage, octets_to_text

SERVICE_CLOSING = 421  # the one code with a meaning of its own at every stage (RFC 5321, 3.8)


class Verdict(StrEnum):
    """What a reply means for its command."""

    OK = "ok"
    TEMPORARY = "temporary"  # 4yz
    REFUSED = "refused"  # 5yz
    UNEXPECTED = "unexpected"  # a digit that is no answer to this command


class Command(Struct, frozen=True):
    """One thing that will be answered by one reply.

    Attributes:
        verb: what to call it in a sentence, such as ``MAIL``.
        stage: where in the dialogue it stands.
        octets: what to write, CRLF included; empty where only a reply is due (the greeting).
        accept: the first digits that mean "go on".
        twin: what to record in place of the octets where these are secret.
        recipient: the address of a RCPT.
        switches: after a positive reply the octets that follow are no longer SMTP (STARTTLS).
    """

    verb: str
    stage: Stage
    octets: bytes = b""
    accept: tuple[int, ...] = (2,)
    twin: bytes | None = None
    recipient: str | None = None
    switches: bool = False

    def judge(self, code: int) -> Verdict:
        """Return what a reply with ``code`` means for this command."""
        digit = code // 100
        if digit in self.accept:
            return Verdict.OK
        if digit == 4:
            return Verdict.TEMPORARY
        return Verdict.REFUSED if digit == 5 else Verdict.UNEXPECTED

    def __repr__(self) -> str:
        """Name it without its octets, which may be secret."""
        return f"Command({self.verb!r}, {self.stage!r})"


class LineReceived(Struct, frozen=True):
    """A line of a reply came, for the record. ``expected``: its code is one that was due."""

    octets: bytes
    stage: Stage | None
    expected: bool


class ReplyReceived(Struct, frozen=True):
    """A command got its reply."""

    command: Command
    reply: ServerReply
    verdict: Verdict

    @property
    def closing(self) -> bool:
        """Whether the server said that it is about to close the connection."""
        return self.reply.code == SERVICE_CLOSING


class ServiceClosing(Struct, frozen=True):
    """The server gave notice (421) while no command was waiting for a reply."""

    reply: ServerReply
    stage: Stage | None


class ConnectionLost(Struct, frozen=True):
    """The server closed. ``unanswered`` are the commands still in flight."""

    unanswered: tuple[Command, ...]
    stage: Stage | None
    partial: bytes = b""


ProtocolEvent = (
    LineReceived | ReplyReceived | ServiceClosing | ConnectionLost | Remark | ProtocolFault
)


class Protocol:
    """One connection's dialogue. ``mask`` removes secrets from what a fault's sentence quotes.

    Attributes:
        flight: the commands that wait for their replies, the oldest first.
        stage: that of the last command sent.
        last: the last reply since a command was sent.
        dead: nothing more is read or may be sent.
    """

    def __init__(self, mask: Callable[[bytes], bytes] = bytes) -> None:
        self._mask = mask
        self.flight: deque[Command] = deque()
        self.stage: Stage | None = None
        self.last: ReplyReceived | None = None
        self.dead = False
        self._parser = ReplyParser(self._mask)
        self._batch: list[Command] = []  # the commands sent since the flight was last empty
        self._awaiting_tls = False

    @property
    def inside_reply(self) -> bool:
        """Whether the beginning of a reply has come and its end has not."""
        return self._parser.inside_reply

    @property
    def awaiting_tls(self) -> bool:
        """Whether the server expects the TLS handshake and nothing else."""
        return self._awaiting_tls

    @property
    def batch(self) -> tuple[Command, ...]:
        """The commands that went out since the line was last quiet."""
        return tuple(self._batch)

    def send(self, *commands: Command) -> bytes:
        """Put commands into flight and return the octets to write for them.

        Raises RuntimeError when the connection is dead or between STARTTLS and the handshake:
        that is a fault of the caller.
        """
        if self.dead or self._awaiting_tls:
            raise RuntimeError("A command was sent on a connection that cannot carry it.")
        if not self.flight:
            self._batch.clear()
        self.flight.extend(commands)
        self._batch.extend(commands)
        self.stage = commands[-1].stage
        self.last = None
        if len(commands) == 1:
            return commands[0].octets
        return b"".join([command.octets for command in commands])

    def receive(self, data: bytes) -> list[ProtocolEvent]:
        """Take octets from the server; return what they mean, in order."""
        events: list[ProtocolEvent] = []
        if any(command.switches for command in self.flight):
            while data and not (self._awaiting_tls or self.dead):
                cut = data.find(b"\n") + 1 or len(data)
                self._take(data[:cut], events)
                data = data[cut:]
        if self._awaiting_tls:
            if data and not self.dead:
                events.append(self._injected(data))
        elif not self.dead:
            self._take(data, events)
        return events

    def all_answered(self) -> None:
        """Note that everything in flight was answered, by octets that ``receive`` never saw."""
        self.flight.clear()

    def receive_eof(self) -> list[ProtocolEvent]:
        """Note that the server closed its side."""
        if self.dead:
            return []
        self.dead = True
        stage = self.flight[0].stage if self.flight else self.stage
        return [ConnectionLost(tuple(self.flight), stage, self._parser.waiting)]

    def give_up(self) -> None:
        """Read no more: after a time-out a late reply must not be taken for the next one's."""
        self.dead = True

    def tls_started(self) -> None:
        """Begin afresh inside TLS: nothing from before the handshake counts any more."""
        self._parser = ReplyParser(self._mask)
        self._awaiting_tls = False
        self._batch.clear()

    def _take(self, data: bytes, events: list[ProtocolEvent]) -> None:
        for item in self._parser.feed(data):
            if isinstance(item, ReplyLine):
                events.append(self._line(item))
            elif isinstance(item, ServerReply):
                events.append(self._reply(item))
                if self.dead:
                    return
            elif isinstance(item, ProtocolFault):
                self.dead = True
                stage = self.flight[0].stage if self.flight else self.stage
                events.append(msgspec.structs.replace(item, stage=stage))
            else:
                events.append(item)

    def _line(self, line: ReplyLine) -> LineReceived:
        if not self.flight:
            return LineReceived(line.octets, self.stage, False)
        command = self.flight[0]
        return LineReceived(line.octets, command.stage, line.code // 100 in command.accept)

    def _reply(self, reply: ServerReply) -> ProtocolEvent:
        if self.flight:
            command = self.flight.popleft()
            verdict = command.judge(reply.code)
            self._awaiting_tls = command.switches and verdict is Verdict.OK
            self.last = received = ReplyReceived(command, reply, verdict)
            return received
        if reply.code == SERVICE_CLOSING:
            return ServiceClosing(reply, self.stage)
        self.dead = True
        return ProtocolFault(
            "unsolicited_reply",
            self._describe_unsolicited(reply),
            stage=self.stage,
            reply=reply,
        )

    def _injected(self, data: bytes) -> ProtocolFault:
        self.dead = True
        return ProtocolFault(
            "starttls_injection",
            "Octets were waiting in plaintext behind the server's answer to STARTTLS, before the "
            "TLS handshake: someone on the way may have put them there (command injection), so "
            "MailGUI closed the connection.",
            data,
            Stage.STARTTLS,
        )

    def _describe_unsolicited(self, reply: ServerReply) -> str:
        batch = self._batch
        shown = octets_to_text(
            self._mask(b"%d %s" % (reply.code, b" ".join(reply.texts)))[:80]
        ).strip()
        if not batch:
            place = ""
        elif len(batch) > 1:
            verbs = ", ".join(dict.fromkeys(command.verb for command in batch))
            place = f" after {len(batch)} commands sent together ({verbs})"
        elif batch[0].stage is Stage.BANNER:
            place = " after its greeting"
        else:
            place = f" after its answer to {batch[0].verb}"
        return (
            f"The server sent an extra reply that no command had asked for (“{shown}”){place}; its "
            "replies can no longer be matched to commands, so MailGUI went no further."
        )
