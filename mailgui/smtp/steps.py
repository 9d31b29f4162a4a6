"""The steps of an SMTP dialogue, as data. What they do is the business of ``connection`` and
``delivery``; which of them a plan takes, of ``plan``.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.transcript import Stage


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
class AnnounceProxy:
    """Say who the client is, by the PROXY protocol. Only sensible at once after Connect."""

    header: ProxyHeader
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
class XClient:
    """Pose as another client (Postfix's XCLIENT_README), where the server allows it.

    ``attributes`` are names with values as a person writes them; ``raw`` is sent in their place,
    as it is. The server begins afresh after it: Greet must follow.
    """

    attributes: tuple[tuple[str, str], ...] = ()
    raw: str = ""
    although_not_offered: bool = False
    stage: Stage = Stage.EHLO


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
class Part:
    """One part of a delivery by itself: MAIL, RCPT (for each recipient), DATA, or the MESSAGE with
    its end. In whatever order: the server is to say what it thinks of that.
    """

    stage: Stage


@dataclass(frozen=True, slots=True)
class Line:
    """A command of a person's own: ``octets`` as they go out, line end included."""

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


Step = (
    Connect
    | AnnounceProxy
    | Handshake
    | Banner
    | Greet
    | StartTls
    | XClient
    | Authenticate
    | Deliver
    | Part
    | Line
    | Quit
    | Drop
)
