"""A connection in a person's own hands: each line goes out as it was typed.

It runs on the engine of every other dialogue (``connection``, ``wire``), so that recording,
masking, TLS and the refusal of octets injected before a handshake are the same. Two things differ:
a reply that nobody asked for is shown and forgiven, and what an error means is for the person to
judge.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from mailgui.message.outgoing import Outgoing
from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.tls import SessionCache
from mailgui.smtp.checks import check_before
from mailgui.smtp.connection import Connection
from mailgui.smtp.console_lines import (
    lines_of,
    verb_of,
)
from mailgui.smtp.console_state import ConsoleState, Lenient, Mode
from mailgui.smtp.console_typing import Typing
from mailgui.smtp.delivery import PartwiseTransaction
from mailgui.smtp.faults import SessionEnd, SmtpFault
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.signing_in import authenticator_for
from mailgui.smtp.steps import (
    Authenticate,
    Banner,
    Connect,
    Drop,
    Greet,
    Greeting,
    Quit,
    Step,
)
from mailgui.smtp.wire import Wire
from mailgui.transcript import Layer, Outcome, Recorder, Stage, Transcript

PATIENCE = 600.0  # seconds for a reply: RFC 5321, section 4.5.3.2.6; the person can drop before
_DIRECT = ConnectSettings()
_NORMAL = Plan()
_FAREWELL = 1.0
_FOR_EVER = 365 * 24 * 3600.0
_DEPTHS = (Stage.BANNER, Stage.EHLO, Stage.TLS, Stage.AUTH)
_NOT_SENT = (
    "The server did not take DATA, so what was pasted behind it, up to the lone dot, is not sent."
)
_LAYERS = {Stage.DNS: Layer.DNS, Stage.CONNECT: Layer.TCP, Stage.TLS: Layer.TLS}


class Console:
    """One connection; its operations are called one after the other, from one task.

    Attributes:
        over: how it ended; None while there is a connection.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        password: str | None,
        recorder: Recorder,
        resolver: Resolver | None = None,
        connect: ConnectSettings = _DIRECT,
        tell: Callable[[ConsoleState], None] = lambda _state: None,
    ) -> None:
        """``tell`` is called whenever the state is another."""
        self.over: SessionEnd | None = None
        self._settings = settings
        self._password = password
        self._recorder = recorder
        self._connect = connect
        self._tell = tell
        self._waiting = ""
        self._parts: PartwiseTransaction | None = None
        self._known = ConsoleState()
        self._connection = Connection(
            settings,
            password,
            recorder,
            connect=connect,
            resolver=resolver,
            sessions=SessionCache(),
        )
        greeting = Greeting.LHLO if settings.lmtp else Greeting.AUTO
        self._typing = Typing(self._connection, recorder, greeting)
        if password:
            recorder.masker.add(password)

    @property
    def state(self) -> ConsoleState:
        """How it stands."""
        offers = self._recorder.masker.masked(self._connection.offers.answer)
        is_open = self._connection.wire is not None and self.over is None
        tls = is_open and self._recorder.tls
        typing = self._typing
        return ConsoleState(is_open, typing.mode, tls, self._waiting, typing.left, offers)

    async def open(self, until: Stage = Stage.AUTH) -> None:
        """Connect and go as far as ``until``: BANNER, EHLO, TLS or AUTH, by the account's rules.

        A refusal on the way is no end: the person has the connection as it then is.
        """
        await self._do("the connection", self._open(until))

    async def type(self, text: str) -> None:
        """Send what was typed: one line, or many as they were pasted, each after the other's reply.

        Message text pasted behind a DATA that the server did not take is not sent.
        """
        lines = lines_of(text)
        skipping = False
        for line in lines:
            if self.over is not None:
                return
            if skipping:
                skipping = line != "."
                continue
            asks_for_data = self._typing.mode is Mode.COMMAND and verb_of(line) == "DATA"
            await self._do(self._typing.what(line), self._line(line))
            if asks_for_data and self._typing.mode is Mode.COMMAND and line is not lines[-1]:
                skipping = self.over is None
                if skipping:
                    self._remark(_NOT_SENT)

    async def greet(self) -> None:
        """Say EHLO with the account's name, HELO where that is refused, or LHLO."""
        await self._do("EHLO", self._connection.take(Greet(self._typing.greeting)))
        self._typing.taken, self._parts = 0, None

    async def sign_in(self, mechanism: str) -> None:
        """Sign in with ``mechanism`` and the account's secret, though the server not offer it."""
        await self._do(f"AUTH {mechanism}", self._authenticate(mechanism))

    async def part(self, stage: Stage, message: Outgoing, *, chunked: bool = False) -> None:
        """Say MAIL, RCPT (for each recipient), DATA or (``chunked``) BDAT with ``message``."""
        verb = "BDAT" if chunked else stage.value.upper()
        await self._do(verb, self._message_part(stage, message, chunked))

    async def listen(self) -> None:
        """Show what the server says by itself, until it closes. May be cancelled at any moment."""
        try:
            await self._wire().linger(_FOR_EVER)
        except SessionEnd as end:
            self._end(end)
            await self._connection.close(politely=False)
            self._report()

    async def close(self, *, politely: bool) -> None:
        """Close the connection; not ``politely``: drop it without a word."""
        if self.over is None:
            how = "closed" if politely else "dropped without QUIT"
            self._recorder.info(f"The connection was {how}, as asked.", layer=Layer.SMTP)
            self._end(SessionEnd(Stage.QUIT, self._account(how), outcome=Outcome.COMPLETED))
        await self._connection.close(politely=politely)
        self._report()

    def complain(self, sentence: str) -> None:
        """Show why something asked for was not done."""
        self._recorder.error(sentence, layer=Layer.SMTP)

    def transcript(self) -> Transcript:
        """Return the record of it all, once it is over."""
        end = self.over or SessionEnd(None, "", outcome=Outcome.COMPLETED)
        return self._recorder.finish(
            end.outcome,
            stage=end.stage,
            reply=end.reply,
            summary=end.sentence,
            fault=end.slug,
            tls=self._connection.tls,
            ehlo=tuple(self._connection.answers),
        )

    # Doing one thing

    async def _do(self, what: str, work: Awaitable[None]) -> None:
        self._waiting = what
        self._report()
        try:
            await work
        except NetworkFault as fault:
            layer = _LAYERS.get(fault.stage, Layer.TCP)
            self._recorder.error(fault.sentence, layer=layer, stage=fault.stage)
            self._connection.tls = fault.tls or self._connection.tls
            self._end(SmtpFault(fault.stage, fault.kind, fault.sentence))
        except SessionEnd as end:
            if not end.usable:
                if self._connection.wire is None:  # nobody else has told of it
                    self._recorder.error(end.sentence, layer=Layer.SMTP, stage=end.stage)
                self._end(end)
            elif end.reply is None:
                self._recorder.error(end.sentence, layer=Layer.SMTP, stage=end.stage)
            else:
                self._recorder.info(end.sentence, layer=Layer.SMTP, stage=end.stage)
        finally:
            self._waiting = ""
        if self.over is not None:
            await self._connection.close(politely=self.over.outcome is Outcome.COMPLETED)
        self._report()

    def _end(self, end: SessionEnd) -> None:
        if self.over is None:
            self.over = end
            self._typing.mode, self._typing.left = Mode.COMMAND, 0

    def _report(self) -> None:
        state = self.state
        if state != self._known:
            self._known = state
            self._tell(state)

    def _remark(self, sentence: str) -> None:
        self._recorder.info(sentence, layer=Layer.SMTP, stage=self._wire().protocol.stage)

    def _wire(self) -> Wire:
        return self._connection.open_wire()

    def _account(self, how: str) -> str:
        lines, taken = self._typing.lines, self._typing.accepted
        parts = [f"{lines:,} {'line' if lines == 1 else 'lines'} typed"]
        if taken:
            parts.append(f"{taken:,} {'message' if taken == 1 else 'messages'} accepted")
        return f"Console: {', '.join(parts)}; the connection was {how}."

    # Opening

    async def _open(self, until: Stage) -> None:
        connection = self._connection
        check_before(self._settings, _NORMAL, None)
        try:
            for step in self._opening(until):
                if isinstance(step, Authenticate):
                    await self._authenticate(self._settings.auth)
                    continue
                await connection.take(step)
                if isinstance(step, Connect):
                    self._wire().protocol = Lenient(self._recorder.masker.octets)
        finally:
            if connection.wire is not None:
                connection.wire.timeout = max(PATIENCE, self._settings.timeout)

    def _opening(self, until: Stage) -> list[Step]:
        signs_in = bool(self._settings.username) and until is Stage.AUTH
        plan = Plan(greeting=self._typing.greeting)
        steps = plan.walk(self._settings.tls_mode, sign_in=signs_in, deliver=False)
        depth = _DEPTHS.index(until)
        chosen: list[Step] = []
        for step in steps:
            if isinstance(step, Quit | Drop):
                break
            chosen.append(step)
            if (depth == 0 and isinstance(step, Banner)) or (
                depth == 1 and isinstance(step, Greet)
            ):
                break
        return chosen

    async def _line(self, line: str) -> None:
        typing = self._typing
        await typing.take(line)
        if not typing.taken:
            self._parts = None
        if typing.said_quit:
            with suppress(SessionEnd):
                await self._wire().linger(_FAREWELL)
            account = self._account("ended by QUIT")
            self._end(SessionEnd(Stage.QUIT, account, outcome=Outcome.COMPLETED))

    # Helpers

    async def _authenticate(self, mechanism: str | None) -> None:
        await authenticator_for(
            self._wire(),
            self._settings,
            tls=self._connection.tls,
            offers=self._connection.offers,
            secret=self._password,
            connect=self._connect,
            although_not_offered=mechanism is not None,
        ).run(mechanism)

    async def _message_part(self, stage: Stage, message: Outgoing, chunked: bool) -> None:
        plan = Plan(greeting=self._typing.greeting, chunking=chunked)
        offers = self._connection.offers
        parts = PartwiseTransaction(self._wire(), message, plan, offers)
        if self._parts is not None and stage is not Stage.MAIL:
            parts.verdicts.update(self._parts.verdicts)
        self._parts = parts
        if chunked and "CHUNKING" not in offers:
            sentence = "The server does not offer CHUNKING, so BDAT was not said."
            raise SmtpFault(Stage.DATA, "chunking_not_offered", sentence, usable=True)
        if stage is Stage.DATA:
            if not chunked:
                await parts.part(Stage.DATA)
            await parts.part(Stage.MESSAGE)
            self._typing.accepted += parts.final is not None
            self._parts, self._typing.taken = None, 0
            return
        await parts.part(stage)
        self._typing.taken = len(parts.accepted)
