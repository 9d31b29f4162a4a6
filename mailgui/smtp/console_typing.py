"""The lines of a console: what each does to the connection, and in which mode the next one is."""

from mailgui.smtp.capabilities import Capabilities, difference, parse_ehlo
from mailgui.smtp.connection import Connection
from mailgui.smtp.console_lines import (
    SignInByHand,
    answer_of,
    chunk_length,
    command_of,
    sign_in_of,
    to_octets,
    verb_of,
)
from mailgui.smtp.console_state import Mode
from mailgui.smtp.protocol import Command, ReplyReceived, Verdict
from mailgui.smtp.reply import ServerReply
from mailgui.smtp.steps import Greeting, Handshake
from mailgui.smtp.wire import Wire
from mailgui.transcript import Layer, Recorder, Stage

_AFRESH = "Inside TLS everything begins afresh: say EHLO again to see what is offered."


class Typing:
    """Takes typed lines, one after the other.

    Attributes:
        mode: what the next line is; ``left``: octets that CHUNK still wants.
        greeting: LHLO once that was said, so that each recipient gets an answer of its own.
        taken: recipients of the transaction under way.
        accepted: messages that the server took.
        lines: how many were typed.
        said_quit: the goodbye was answered.
    """

    def __init__(self, connection: Connection, recorder: Recorder, greeting: Greeting) -> None:
        self.mode = Mode.COMMAND
        self.left = 0
        self.greeting = greeting
        self.taken = 0
        self.accepted = 0
        self.lines = 0
        self.said_quit = False
        self._connection = connection
        self._recorder = recorder
        self._sign_in: SignInByHand | None = None
        self._last_chunk = False

    def what(self, line: str) -> str:
        """Return what will be waited for: never what an answer to a 334 holds."""
        names = {Mode.DATA: "the message", Mode.CHUNK: "BDAT", Mode.ANSWER: "AUTH"}
        return names.get(self.mode) or command_of(line).verb

    async def take(self, line: str) -> None:
        """Send a line, and take note of what its reply changes. Raises SessionEnd, NetworkFault."""
        self.lines += 1
        if self.mode is Mode.DATA:
            await self._data_line(line)
        elif self.mode is Mode.CHUNK:
            await self._chunk_line(line)
        elif self.mode is Mode.ANSWER:
            self._hide(line)
            self._took(await self._wire().exchange(answer_of(line)))
        else:
            await self._command_line(line)

    def _wire(self) -> Wire:
        return self._connection.open_wire()

    async def _command_line(self, line: str) -> None:
        verb, command = verb_of(line), command_of(line)
        if verb == "STARTTLS":
            await self._starttls(command)
            return
        begun = sign_in_of(line)
        if begun is not None:
            self._sign_in, initial = begun
            self._hide(initial)
        length = chunk_length(line)
        if length is None:
            self._took(await self._wire().exchange(command))
            self.said_quit = verb == "QUIT"
            return
        await self._wire().check_quiet()
        await self._wire().send(command)
        self.left, self._last_chunk = length, line.upper().rstrip().endswith("LAST")
        await self._chunk_done()

    def _hide(self, answer: str) -> None:
        if self._sign_in is not None and answer.strip() not in ("", "*", "="):
            for secret in self._sign_in.secrets_in(answer):
                self._recorder.masker.add(secret)

    async def _data_line(self, line: str) -> None:
        wire, octets = self._wire(), to_octets(line)
        if line != ".":
            self._recorder.sent(octets, layer=Layer.SMTP, stage=Stage.DATA)
            await wire.write(octets)
            return
        due = max(1, self.taken) if self.greeting is Greeting.LHLO else 1
        self._recorder.sent(octets, layer=Layer.SMTP, stage=Stage.DATA)
        self.mode = Mode.COMMAND
        ends = [Command("the message", Stage.MESSAGE) for _ in range(due)]
        await wire.send(*ends, payload=octets)
        for _ in ends:
            received = await wire.reply()
            self.accepted += received.verdict is Verdict.OK
        self.taken = 0

    async def _chunk_line(self, line: str) -> None:
        octets = to_octets(line)[: self.left]
        self._recorder.sent(octets, layer=Layer.SMTP, stage=Stage.DATA)
        await self._wire().write(octets)
        self.left -= len(octets)
        await self._chunk_done()

    async def _chunk_done(self) -> None:
        self.mode = Mode.CHUNK if self.left else Mode.COMMAND
        if self.left:
            return
        received = await self._wire().reply()
        if self._last_chunk:
            self.accepted += received.verdict is Verdict.OK
            self.taken = 0

    async def _starttls(self, command: Command) -> None:
        received = await self._wire().exchange(command)
        if received.verdict is not Verdict.OK:
            return
        await self._wire().check_quiet()
        await self._connection.take(Handshake())
        self.taken = 0
        self._recorder.info(_AFRESH, layer=Layer.SMTP, stage=Stage.TLS)

    def _took(self, received: ReplyReceived) -> None:
        """Take note of what a reply changes."""
        code, yes = received.reply.code, received.verdict is Verdict.OK
        if code == 334:
            self.mode = Mode.ANSWER
            return
        self.mode = Mode.COMMAND
        verb = received.command.verb
        if verb == "DATA" and yes:
            self.mode = Mode.DATA
        elif verb in ("EHLO", "HELO", "LHLO") and yes:
            self._greeted(verb, received.reply)
        elif verb in ("MAIL", "RSET") and yes:
            self.taken = 0
        elif verb == "RCPT" and yes:
            self.taken += 1

    def _greeted(self, verb: str, reply: ServerReply) -> None:
        connection = self._connection
        answer = parse_ehlo(reply, tls=self._recorder.tls)
        if connection.answers and (change := difference(connection.answers[-1], answer)):
            self._recorder.info(change, layer=Layer.SMTP, stage=Stage.EHLO)
        connection.answers.append(answer)
        connection.offers = Capabilities(answer)
        self.greeting = Greeting.LHLO if verb == "LHLO" else Greeting.AUTO
        self.taken = 0
