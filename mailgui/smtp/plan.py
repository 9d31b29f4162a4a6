"""What to do in an SMTP dialogue, as data: a plan is options and the steps they come to.

A normal send, "test connection", a stop point, a probe and an expert's own order of commands are
all plans, walked by the same engine (``session``).
"""

from dataclasses import dataclass

from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.smtp.settings import TlsMode
from mailgui.smtp.steps import (
    AnnounceProxy,
    Authenticate,
    Banner,
    Connect,
    Deliver,
    Drop,
    Greet,
    Greeting,
    Handshake,
    Part,
    Quit,
    StartTls,
    Step,
    XClient,
)
from mailgui.smtp.wanted import Breaks, DsnRequest, Wanted
from mailgui.transcript import Stage

# The order that stop points count in; the same words as ``--stop-after``.
ORDER = (
    Stage.DNS,
    Stage.CONNECT,
    Stage.BANNER,
    Stage.EHLO,
    Stage.STARTTLS,
    Stage.TLS,
    Stage.AUTH,
    Stage.MAIL,
    Stage.RCPT,
    Stage.DATA,
    Stage.MESSAGE,
    Stage.QUIT,
)
_NOTHING = Wanted()
_NO_BREAKS = Breaks()
_DELIVERY = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.MESSAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way through the dialogue.

    Attributes:
        stop_after: the last stage to reach; None for all of them.
        drop: close without QUIT at the end.
        greeting: which word to greet with.
        sign_in: whether to authenticate where the settings name a user.
        pipelining: send groups of commands together where the server offers it.
        chunking: use BDAT (RFC 3030) in place of DATA where the server offers it.
        use: the extensions whose MAIL parameters are used where offered.
        dsn: notifications to ask for where offered.
        wanted: further extensions asked for.
        mail_parameters, rcpt_parameters: further parameters, as they go out.
        proxy: what to announce by the PROXY protocol once connected.
        xclient: whom to pose as, each a command of its own.
        xclient_before_tls: before STARTTLS, in place of after it.
        reset_between: say RSET before each further message on a connection.
        breaks: rules to break on purpose.
        steps: an expert's own order of steps, in place of the usual one.
    """

    stop_after: Stage | None = None
    drop: bool = False
    greeting: Greeting = Greeting.AUTO
    sign_in: bool = True
    pipelining: bool = True
    chunking: bool = False
    use: frozenset[str] = frozenset({"SIZE", "8BITMIME", "SMTPUTF8"})
    dsn: DsnRequest | None = None
    wanted: Wanted = _NOTHING
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[str, ...] = ()
    proxy: ProxyHeader | None = None
    xclient: tuple[XClient, ...] = ()
    xclient_before_tls: bool = False
    reset_between: bool = False
    breaks: Breaks = _NO_BREAKS
    steps: tuple[Step, ...] | None = None

    def __post_init__(self) -> None:
        if self.stop_after is not None and self.stop_after not in ORDER:
            raise ValueError(f"“{self.stop_after}” is no stage of an SMTP dialogue.")

    def walk(self, tls: TlsMode, *, sign_in: bool, deliver: bool) -> tuple[Step, ...]:
        """Return the steps to take. ``sign_in`` and ``deliver``: whether there is what it takes."""
        stop = self.stop_after
        cut = stop is not None and stop is not Stage.QUIT
        if self.steps is not None:
            if not cut:
                return self.steps
            steps: list[Step] = [step for step in self.steps if not isinstance(step, Quit | Drop)]
        else:
            steps = self._opening(tls)
            if sign_in and self.sign_in:
                steps.append(Authenticate(self.breaks.auth_not_offered))
            if deliver:
                steps.append(Deliver())
        if stop is not None and cut:
            steps = _cut(steps, stop)
        steps.append(Drop() if self.drop or not _can_quit(steps) else Quit())
        return tuple(steps)

    def _opening(self, tls: TlsMode) -> list[Step]:
        greet = Greet(self.greeting)
        steps: list[Step] = [Connect()]
        if self.proxy is not None:
            steps.append(AnnounceProxy(self.proxy))
        if tls is TlsMode.IMPLICIT:
            return [*steps, Handshake(), Banner(), greet, *self._posing()]
        steps += [Banner(), greet]
        if self.xclient_before_tls or tls is TlsMode.NONE:
            steps += self._posing()
        if tls is not TlsMode.NONE:
            required = tls is TlsMode.STARTTLS
            steps.append(StartTls(required, self.breaks.starttls_not_offered))
            steps.append(Handshake(agreed=True))
            steps.append(Greet(self.greeting, again=True))
            if not self.xclient_before_tls:
                steps += self._posing()
        return steps

    def _posing(self) -> list[Step]:
        """XCLIENT, after each of which the server wants to be greeted anew."""
        steps: list[Step] = []
        for pose in self.xclient:
            steps += [pose, Greet(self.greeting)]
        return steps


def connection_test() -> Plan:
    """Return the plan of "test connection": everything up to and with the sign-in."""
    return Plan(stop_after=Stage.AUTH)


def _cut(steps: list[Step], stop: Stage) -> list[Step]:
    """Return the steps up to ``stop``, or to the last one before it where it does not occur."""
    if stop is Stage.DNS:
        return [Connect(stage=Stage.DNS)]
    if stop in _DELIVERY and steps and isinstance(steps[-1], Deliver):
        return [*steps[:-1], Deliver(until=stop)]
    for index, step in enumerate(steps):
        if step.stage is stop:
            return steps[: index + 1]
    rank = ORDER.index(stop)
    before = (i for i, step in enumerate(steps) if ORDER.index(step.stage) <= rank)
    last = max(before, default=-1)
    return steps[: last + 1]


def _can_quit(steps: list[Step]) -> bool:
    """Whether the server would understand QUIT after the last of ``steps``."""
    if not steps:
        return False
    last = steps[-1]
    if isinstance(last, Part):
        return last.stage is not Stage.DATA
    if isinstance(last, Deliver):
        return last.until is not Stage.DATA
    if isinstance(last, Handshake):
        return last.agreed
    return not isinstance(last, Connect | AnnounceProxy | StartTls)
