"""One connection to a server, taken through the opening steps of a plan."""

from mailgui.net.addresses import Resolver, addresses_of
from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.stream import Endpoint
from mailgui.net.tls import PeerCheck, SessionCache, start_tls
from mailgui.smtp import commands, opening
from mailgui.smtp.capabilities import Capabilities, difference
from mailgui.smtp.console_lines import SignInByHand, sign_in_of
from mailgui.smtp.faults import Refusal, SessionEnd, SmtpFault
from mailgui.smtp.limits import limit
from mailgui.smtp.protocol import Command, Verdict
from mailgui.smtp.reach import prepare_tls, tls_settings
from mailgui.smtp.settings import SmtpSettings
from mailgui.smtp.signing_in import authenticator_for
from mailgui.smtp.steps import (
    AnnounceProxy,
    Authenticate,
    Banner,
    Connect,
    Greet,
    Handshake,
    Line,
    StartTls,
    Step,
    XClient,
)
from mailgui.smtp.wire import Wire
from mailgui.transcript import EhloAnswer, Layer, Recorder, Reply, Stage, TlsSummary, visible

__all__ = ["Connection", "prepare_tls", "tls_settings"]

_FAREWELL = 3.0  # seconds at most for the answer to QUIT: by then everything is decided
_AFTERWARDS = 1.0  # seconds to see whether something follows an odd answer to QUIT
_GOODBYE = 221


class Connection:
    """A connection in the making or in use; ``take`` walks one opening step.

    Attributes:
        wire: None until connected.
        offers: what the server can do, as it said last.
        answers: all it said to EHLO, before and inside TLS.
        tls: what the handshake settled.
        done: the stages that were really gone through, in order.
        remote: the address that took the connection; empty until one has.
        transactions: how many were begun on it.
        ready: whether its opening was gone through to the end, so that messages may follow.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        password: str | None,
        recorder: Recorder,
        *,
        connect: ConnectSettings,
        resolver: Resolver | None,
        sessions: SessionCache,
        check: PeerCheck | None = None,
    ) -> None:
        self.wire: Wire | None = None
        self.offers = Capabilities()
        self.answers: list[EhloAnswer] = []
        self.tls: TlsSummary | None = None
        self.done: list[Stage] = []
        self.remote = ""
        self.transactions = 0
        self.ready = False
        self._settings = settings
        self._password = password
        self._recorder = recorder
        self._connect_settings = connect
        self._resolver = resolver
        self._sessions = sessions
        self._check = check
        self._tls_agreed = False
        self._by_hand: SignInByHand | None = None

    async def take(self, step: Step) -> None:
        """Do one step. Raises SessionEnd or NetworkFault; steps of other kinds are not its own."""
        if isinstance(step, Connect):
            await self._connect(step)
            self.done.append(step.stage)
            return
        if self.wire is None:
            sentence = f"The step “{step.stage}” needs a connection; put Connect before it."
            raise SmtpFault(step.stage, "no_connection", sentence)
        if await self._taken(self.wire, step):
            self.done.append(step.stage)

    async def _taken(self, wire: Wire, step: Step) -> bool:
        """Do a step on a connection that is there; return False where there was nothing to do."""
        match step:
            case Banner():
                await opening.banner(wire)
            case Greet():
                if step.again and not self._tls_agreed:
                    return False
                await self._greet(wire, step)
            case StartTls():
                anyway = step.although_not_offered
                self._tls_agreed = await opening.starttls(
                    wire, self.offers, required=step.required, anyway=anyway
                )
                return self._tls_agreed
            case Handshake():
                if step.agreed and not self._tls_agreed:
                    return False
                await self._handshake(wire)
            case Authenticate():
                await self._authenticate(wire, step)
            case AnnounceProxy():
                await opening.announce_proxy(wire, step.header)
            case XClient():
                await opening.xclient(wire, self.offers, step)
            case Line():
                await self._line(wire, step)
        return True

    @property
    def full(self) -> bool:
        """Whether the server wants no further transaction on it (RFC 9422, MAILMAX)."""
        most = limit(self.offers, "MAILMAX")
        return most is not None and self.transactions >= most

    @property
    def last_reply(self) -> Reply | None:
        """The last reply that was read and had been asked for, if any."""
        last = self.wire.last if self.wire is not None else None
        return last.reply.to_reply() if last is not None else None

    async def reset(self) -> None:
        """End a transaction that is still open. Raises SessionEnd."""
        received = await self.open_wire().exchange(commands.RSET)
        if received.verdict is not Verdict.OK:
            raise Refusal(received, "The server refused RSET")

    async def quit(self) -> tuple[Reply | None, SessionEnd] | None:
        """Say goodbye and close.

        Returns None, or, where the server turns out to have sent a reply too many, the first
        reply that did not fit and the fault.
        """
        wire = self.open_wire()
        wire.timeout = min(wire.timeout, _FAREWELL)
        odd: Reply | None = None
        try:
            with wire.recorder.phase("quit"):
                received = await wire.exchange(commands.QUIT)
                if received.reply.code != _GOODBYE:
                    odd = received.reply.to_reply()
                    await wire.linger(_AFTERWARDS)
        except SessionEnd as end:
            if end.slug == "unsolicited_reply":
                return odd or end.reply, end
        finally:
            await self.close(politely=True)
        return None

    async def close(self, *, politely: bool) -> None:
        """Close the connection, if there is one."""
        wire, self.wire = self.wire, None
        if wire is not None:
            await wire.close(politely=politely)

    def record_with(self, recorder: Recorder) -> None:
        """Record what follows with another recorder: the next message's."""
        self.introduce(recorder)
        self._recorder = recorder
        if self.wire is not None:
            self.wire.recorder = recorder

    def introduce(self, recorder: Recorder) -> None:
        """Tell the next message's recorder what it must know of this connection."""
        recorder.tls = self._recorder.tls
        recorder.peer = recorder.peer or self._recorder.peer

    def open_wire(self) -> Wire:
        """Return the wire; raises RuntimeError where there is none."""
        if self.wire is None:
            raise RuntimeError("The plan has a step that needs a connection before Connect.")
        return self.wire

    async def _connect(self, step: Connect) -> None:
        s = self._settings
        endpoint = Endpoint(s.host, s.port)
        self._recorder.peer = self._recorder.peer or s.place
        if step.stage is Stage.DNS:
            await addresses_of(
                s.host,
                recorder=self._recorder,
                timeout=s.timeout,
                only=self._connect_settings.only,
                resolver=self._resolver,
            )
            return
        self._recorder.tls = False  # it may have recorded an older connection, inside TLS
        stream = await open_stream(
            endpoint,
            recorder=self._recorder,
            timeout=s.timeout,
            settings=self._connect_settings,
            resolver=self._resolver,
        )
        self.remote = stream.peer.host
        self.wire = Wire(stream, self._recorder, s.timeout)

    async def _greet(self, wire: Wire, step: Greet) -> None:
        answer = await opening.greet(wire, step.greeting, self._settings.helo)
        if self.answers and (change := difference(self.answers[-1], answer)):
            wire.recorder.info(change, layer=Layer.SMTP, stage=Stage.EHLO)
        self.answers.append(answer)
        self.offers = Capabilities(answer)

    async def _handshake(self, wire: Wire) -> None:
        s = self._settings
        stream = await start_tls(
            wire.stream,
            tls_settings(s),
            s.host,
            recorder=wire.recorder,
            timeout=s.timeout,
            session_cache=self._sessions if s.tls_resume else None,
            check=self._check,
        )
        wire.tls_started(stream)
        self.tls = stream.tls
        self.offers = Capabilities()

    async def _authenticate(self, wire: Wire, step: Authenticate) -> None:
        authenticator = authenticator_for(
            wire,
            self._settings,
            tls=self.tls,
            offers=self.offers,
            secret=self._password,
            connect=self._connect_settings,
            although_not_offered=step.although_not_offered,
        )
        await authenticator.run(self._settings.auth)

    async def _line(self, wire: Wire, step: Line) -> None:
        word = (step.octets.split(None, 1) or [b""])[0]
        verb = visible(word.decode("ascii", "replace").upper()) or "an empty line"
        twin = _readable(step.octets, wire.last.reply.code if wire.last is not None else 0)
        if twin is not None and not twin.startswith(b"AUTH"):
            verb = "an answer"
        self._hide(wire, step.octets, answers=verb == "an answer")
        received = await wire.exchange(Command(verb, step.stage, step.octets, step.accept, twin))
        if received.verdict is not Verdict.OK:
            raise Refusal(received, f"The server refused {verb}")

    def _hide(self, wire: Wire, octets: bytes, *, answers: bool) -> None:
        """Keep what a line of a person's own holds of a sign-in out of all that follows."""
        line = octets.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if not answers:
            begun = sign_in_of(line)
            self._by_hand, line = begun or (None, "")
        if self._by_hand is not None and line:
            for secret in self._by_hand.secrets_in(line):
                wire.recorder.masker.add(secret)


def _readable(octets: bytes, before: int) -> bytes | None:
    """Return what to record of a line of a person's own that may hold a secret, else None.

    That is all of an answer to a 334, and what stands behind the mechanism of an AUTH.
    """
    if before == 334:
        return commands.MASK_LINE
    words = octets.split(None, 2)
    if len(words) == 3 and words[0].upper() == b"AUTH":
        return b"AUTH %s " % words[1] + commands.MASK_LINE
    return None
