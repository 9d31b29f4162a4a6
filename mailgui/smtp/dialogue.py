"""One message's walk along a plan's steps, and how it ends: the base of ``session``."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from mailgui.message.outgoing import Envelope, Outgoing
from mailgui.net.addresses import Resolver
from mailgui.net.connect import ConnectSettings
from mailgui.net.errors import NetworkFault
from mailgui.net.tls import PeerCheck, SessionCache
from mailgui.smtp.cancellation import Cancel, Cancelled, guard
from mailgui.smtp.checks import check_before
from mailgui.smtp.connection import Connection
from mailgui.smtp.delivery import Delivery
from mailgui.smtp.desync import reconsider
from mailgui.smtp.faults import Refusal, SessionEnd, SmtpFault
from mailgui.smtp.outcome import (
    cancelled_ending,
    doubtful,
    queue_id,
    recipient_results,
    stopped_ending,
)
from mailgui.smtp.parameters import on_purpose
from mailgui.smtp.plan import Plan
from mailgui.smtp.reach import connect_settings
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.smtp.steps import Deliver, Drop, Greeting, Handshake, Part, Quit, Step
from mailgui.smtp.transaction import Transaction
from mailgui.transcript import Layer, Outcome, Recorder, Stage, Transcript

_LAYERS = {Stage.DNS: Layer.DNS, Stage.CONNECT: Layer.TCP, Stage.TLS: Layer.TLS}
_SECRETLESS = ("EXTERNAL", "ANONYMOUS")
_UNDECIDED = (Outcome.FAILED, Outcome.CANCELLED)


class Dialogue:
    """What one message and many over one connection have in common.

    Attributes:
        settings, plan: as given; the plan greets by LHLO where the account speaks LMTP.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        plan: Plan,
        password: str | None,
        resolver: Resolver | None = None,
        connect: ConnectSettings | None = None,
        check: PeerCheck | None = None,
    ) -> None:
        """``connect``: how to get there; as the settings say unless given. ``check``: who decides
        on the server's certificates in place of the system's trust, as DANE does.
        """
        if settings.lmtp and plan.greeting is Greeting.AUTO:
            plan = replace(plan, greeting=Greeting.LHLO)
        self.settings = settings
        self.plan = plan
        self._password = password
        self._resolver = resolver
        self._connect = connect or connect_settings(settings)
        self._check_peer = check
        self._sessions = SessionCache()
        self._connection: Connection | None = None
        self._delivery: Delivery | None = None
        self._row: Transaction | None = None  # of a message that went in a row of many
        self._before: Transaction | None = None
        self._checked: Envelope | None = None
        self._step: Step | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection is ready for another message."""
        connection = self._connection
        return (
            connection is not None
            and connection.wire is not None
            and connection.ready
            and not connection.full
        )

    @property
    def remote(self) -> str:
        """The server's address that the last connection went to; empty where none came about."""
        return self._connection.remote if self._connection is not None else ""

    @property
    def _transaction(self) -> Transaction | None:
        return self._delivery.transaction if self._delivery is not None else self._row

    def transcript(
        self, message: Outgoing | None, recorder: Recorder, ending: SessionEnd
    ) -> Transcript:
        """Return the transcript of the message that was carried last, which ended so."""
        connection = self._connection
        envelope = message.envelope if message is not None else Envelope("", ())
        accepted = ending.outcome in (Outcome.ACCEPTED, Outcome.PARTIAL)
        if self._delivery is not None:
            recipients = self._delivery.results(ending)
        else:
            recipients = recipient_results(envelope, self._transaction, ending)
        return recorder.finish(
            ending.outcome,
            stage=ending.stage,
            reply=ending.reply,
            summary=ending.sentence,
            recipients=recipients,
            message_id=message.message_id if message is not None else None,
            remote_id=queue_id(ending.reply) if accepted and ending.reply else None,
            fault=ending.slug,
            tls=connection.tls if connection is not None else None,
            ehlo=tuple(connection.answers) if connection is not None else (),
        )

    async def _until_decided(
        self, work: Callable[[], Awaitable[SessionEnd]], recorder: Recorder, cancel: Cancel
    ) -> SessionEnd:
        try:
            async with guard(cancel):
                ending = await work()
        except Cancelled:
            ending = cancelled_ending(self._stage())
            recorder.error(ending.sentence, layer=Layer.SMTP, stage=ending.stage)
        except NetworkFault as fault:
            recorder.error(
                fault.sentence, layer=_LAYERS.get(fault.stage, Layer.TCP), stage=fault.stage
            )
            ending = SmtpFault(fault.stage, fault.kind, fault.sentence)
            if self._connection is not None and fault.tls is not None:
                self._connection.tls = fault.tls
        except SessionEnd as end:
            ending = end
        undecided = self._transaction is not None and self._transaction.undecided > 0
        if undecided and ending.outcome in _UNDECIDED:
            return doubtful(ending)
        return self._delivery.weigh(ending) if self._delivery is not None else ending

    async def _walk(self, message: Outgoing | None, recorder: Recorder) -> SessionEnd:
        try:
            self._check(message)
        except SmtpFault as fault:
            recorder.error(fault.sentence, layer=Layer.SMTP, stage=fault.stage)
            raise
        mode = self.settings.tls_mode
        try:
            await self._steps(mode, message, recorder)
        except NetworkFault as fault:
            optional = isinstance(self._step, Handshake) and mode is TlsMode.OPPORTUNISTIC
            # In an order of one's own the message may have gone out by then.
            if not optional or self.plan.steps is not None:
                raise
            recorder.error(fault.sentence, layer=Layer.TLS, stage=Stage.TLS)
            recorder.info(
                "TLS was optional: connecting again and going on without it.",
                layer=Layer.SMTP,
                stage=Stage.TLS,
            )
            await self._discard()
            await self._steps(TlsMode.NONE, message, recorder)
        if self._delivery is not None and self._delivery.taken:
            return self._delivery.ending()
        connection = self._current()
        return stopped_ending(self.plan.stop_after, connection.done, connection.last_reply)

    def _check(self, message: Outgoing | None) -> None:
        envelope = message.envelope if message is not None else None
        if envelope is None or envelope is not self._checked:
            check_before(self.settings, self.plan, message)
            self._checked = envelope

    async def _steps(self, mode: TlsMode, message: Outgoing | None, recorder: Recorder) -> None:
        s = self.settings
        sign_in = bool(s.username) or (s.auth or "").upper() in _SECRETLESS
        steps = self.plan.walk(mode, sign_in=sign_in, deliver=message is not None)
        first = next(
            (i for i, step in enumerate(steps) if isinstance(step, Deliver | Part)), len(steps)
        )
        opening = steps[:first]
        if self.is_open and await self._still_usable(recorder):
            steps = steps[first:]
        else:
            await self._hang_up()
            self._connection = self._new_connection(recorder)
        refusal: SessionEnd | None = None
        for step in steps:
            self._step = step
            if isinstance(step, Quit | Drop):
                break
            try:
                await self._take(step, message, opening, recorder)
            except Refusal as end:
                if not (self.plan.breaks.go_on and end.usable):
                    raise
                refusal = refusal or end
                remark = on_purpose("going on after this refusal")
                recorder.info(remark, layer=Layer.SMTP, stage=end.stage)
        self._current().ready = True
        if refusal is not None and not (self._delivery is not None and self._delivery.taken):
            raise refusal

    async def _take(
        self, step: Step, message: Outgoing | None, opening: tuple[Step, ...], recorder: Recorder
    ) -> None:
        connection = self._current()
        if not isinstance(step, Deliver | Part):
            await connection.take(step)
            return
        if connection.wire is None or message is None:
            raise SmtpFault(
                step.stage,
                "nothing_to_deliver",
                "The steps deliver a message, but there is no connection, or no message, by then.",
            )
        connection.ready = True
        if self._delivery is None:
            self._delivery = Delivery(message, self.plan)

        async def renew() -> Connection:
            await self._hang_up()
            self._connection = connection = self._new_connection(recorder)
            for each in opening:
                await connection.take(each)
            connection.ready = True
            return connection

        if isinstance(step, Part):
            await self._delivery.part(connection, step.stage)
        else:
            await self._delivery.run(connection, step.until, renew)

    def _new_connection(self, recorder: Recorder) -> Connection:
        return Connection(
            self.settings,
            self._password,
            recorder,
            connect=self._connect,
            resolver=self._resolver,
            sessions=self._sessions,
            check=self._check_peer,
        )

    async def _still_usable(self, recorder: Recorder) -> bool:
        """Ready the connection for one more message; False where the server gave it up."""
        connection = self._current()
        connection.record_with(recorder)
        try:
            left_open = self._before is not None and self._before.open
            if left_open or self.plan.reset_between:
                await connection.reset()
            elif connection.wire is not None:
                await connection.wire.check_quiet()
        except SessionEnd:
            return False
        return True

    async def _part(self, ending: SessionEnd, cancel: Cancel, *, last: bool) -> SessionEnd:
        """Leave the connection as it should be left after ``ending``, which QUIT may change."""
        connection = self._connection
        if connection is None or connection.wire is None:
            return ending
        if ending.usable and connection.ready and not last:
            return ending
        if not ending.usable or self.plan.drop or isinstance(self._step, Drop):
            await connection.close(politely=ending.reply is not None)
            return ending
        try:
            async with guard(cancel):
                surprise = await connection.quit()
        except Cancelled:
            await connection.close(politely=False)
            return ending
        return reconsider(ending, *surprise) if surprise else ending

    async def _hang_up(self) -> None:
        """Say QUIT where a connection is open; the next message opens another one."""
        connection, self._connection = self._connection, None
        if connection is None or connection.wire is None:
            return
        if self.plan.drop:
            await connection.close(politely=False)
        else:
            await connection.quit()

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close(politely=False)

    def _current(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("There is no connection.")
        return self._connection

    def _stage(self) -> Stage:
        """Return the stage that the dialogue is in."""
        wire = self._connection.wire if self._connection is not None else None
        if wire is None:
            return Stage.CONNECT
        flight = wire.protocol.flight
        if flight:
            return flight[0].stage
        return self._step.stage if self._step is not None else Stage.CONNECT
