"""What to do in an SMTP dialogue, as data: a plan is options and the steps they come to.

A normal send, "test connection", a stop point, a probe and an expert's own order of commands are
all plans, walked by the same engine (``session``).
"""

from dataclasses import dataclass
from enum import StrEnum

from mailgui.smtp.settings import TlsMode
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
_DELIVERY = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.MESSAGE)


class Greeting(StrEnum):
    """How to introduce oneself. AUTO: EHLO, and HELO where that is refused."""

    AUTO = "auto"
    EHLO = "EHLO"
    HELO = "HELO"
    LHLO = "LHLO"  # LMTP (RFC 2033): one reply for each recipient after the message


@dataclass(frozen=True, slots=True)
class Connect:
    """Resolve the name and connect."""

    stage: Stage = Stage.CONNECT


@dataclass(frozen=True, slots=True)
class Handshake:
    """Begin TLS: at once, or (``agreed``) only after a positive answer to STARTTLS."""

    agreed: bool = False
    stage: Stage = Stage.TLS


@dataclass(frozen=True, slots=True)
class Banner:
    """Wait for the server's greeting."""

    stage: Stage = Stage.BANNER


@dataclass(frozen=True, slots=True)
class Greet:
    """Introduce oneself; ``again``: only once TLS has begun since the last time."""

    greeting: Greeting = Greeting.AUTO
    again: bool = False
    stage: Stage = Stage.EHLO


@dataclass(frozen=True, slots=True)
class StartTls:
    """Ask for TLS. Not ``required``: go on without, where it is not to be had."""

    required: bool = True
    although_not_offered: bool = False
    stage: Stage = Stage.STARTTLS


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Sign in with the settings' user name and mechanism."""

    although_not_offered: bool = False
    stage: Stage = Stage.AUTH


@dataclass(frozen=True, slots=True)
class Deliver:
    """Carry the message as far as ``until``: MAIL, RCPT, DATA (354 has come) or MESSAGE."""

    until: Stage = Stage.MESSAGE
    stage: Stage = Stage.MAIL


@dataclass(frozen=True, slots=True)
class Line:
    """A command of a person's own: ``octets`` as they go out, CRLF included."""

    octets: bytes
    stage: Stage = Stage.EHLO
    accept: tuple[int, ...] = (2, 3)


@dataclass(frozen=True, slots=True)
class Quit:
    """Say goodbye and wait for the answer, within a bound."""

    stage: Stage = Stage.QUIT


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without a word."""

    stage: Stage = Stage.QUIT


Step = Connect | Handshake | Banner | Greet | StartTls | Authenticate | Deliver | Line | Quit | Drop


@dataclass(frozen=True, slots=True)
class DsnRequest:
    """Delivery status notifications wanted (RFC 3461).

    ``notify``: any of SUCCESS, FAILURE, DELAY, or NEVER alone. ``ret``: FULL or HDRS.
    """

    notify: tuple[str, ...] = ()
    ret: str | None = None
    envid: str | None = None
    orcpt: bool = False


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
        mail_parameters, rcpt_parameters: further parameters, as they go out.
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
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[str, ...] = ()
    steps: tuple[Step, ...] | None = None

    def __post_init__(self) -> None:
        if self.stop_after is not None and self.stop_after not in ORDER:
            raise ValueError(f"“{self.stop_after}” is no stage of an SMTP dialogue.")

    def walk(self, tls: TlsMode, *, sign_in: bool, deliver: bool) -> tuple[Step, ...]:
        """Return the steps to take. ``sign_in`` and ``deliver``: whether there is what it takes."""
        if self.steps is not None:
            return self.steps
        steps = self._opening(tls)
        if sign_in and self.sign_in:
            steps.append(Authenticate())
        if deliver:
            steps.append(Deliver())
        stop = self.stop_after
        if stop is not None and stop is not Stage.QUIT:
            steps = _cut(steps, stop)
        steps.append(Drop() if self.drop or not _can_quit(steps) else Quit())
        return tuple(steps)

    def _opening(self, tls: TlsMode) -> list[Step]:
        greet = Greet(self.greeting)
        if tls is TlsMode.IMPLICIT:
            return [Connect(), Handshake(), Banner(), greet]
        steps: list[Step] = [Connect(), Banner(), greet]
        if tls is not TlsMode.NONE:
            steps.append(StartTls(required=tls is TlsMode.STARTTLS))
            steps.append(Handshake(agreed=True))
            steps.append(Greet(self.greeting, again=True))
        return steps


def connection_test() -> Plan:
    """Return the plan of "test connection": everything up to and with the sign-in."""
    return Plan(stop_after=Stage.AUTH)


def _cut(steps: list[Step], stop: Stage) -> list[Step]:
    """Return the steps up to ``stop``, or to the last one before it where it does not occur."""
    if stop is Stage.DNS:
        return [Connect(stage=Stage.DNS)]
    if stop in _DELIVERY and isinstance(steps[-1], Deliver):
        return [*steps[:-1], Deliver(until=stop)]
    for index, step in enumerate(steps):
        if step.stage is stop:
            return steps[: index + 1]
    rank = ORDER.index(stop)
    last = max(i for i, step in enumerate(steps) if ORDER.index(step.stage) <= rank)
    return steps[: last + 1]


def _can_quit(steps: list[Step]) -> bool:
    """Whether the server would understand QUIT after the last of ``steps``."""
    last = steps[-1]
    if isinstance(last, Deliver):
        return last.until is not Stage.DATA
    if isinstance(last, Handshake):
        return last.agreed
    return not isinstance(last, Connect | StartTls)
