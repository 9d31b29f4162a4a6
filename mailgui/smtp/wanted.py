"""What a person asks for beyond the ordinary: extensions for one message, rules to break.

Nothing here is used unless it was asked for. Where a server does not offer it, ``parameters``
decides whether the message must not go (it would be treated otherwise than was asked) or may go
without, which is then said.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from mailgui.wrong_input import WrongInput


@dataclass(frozen=True, slots=True)
class DsnRequest:
    """Delivery status notifications wanted (RFC 3461).

    ``notify``: any of SUCCESS, FAILURE, DELAY, or NEVER alone. ``ret``: FULL or HDRS.
    """

    notify: tuple[str, ...] = ()
    ret: str | None = None
    envid: str | None = None
    orcpt: bool = False


@dataclass(frozen=True, slots=True)
class DeliverBy:
    """A time limit for delivery (RFC 2852).

    ``seconds`` from now; ``give_back``: return the message when it has passed (mode R), in place
    of telling the sender that it is late (mode N). ``trace``: report each relay's hand-over.
    """

    seconds: int
    give_back: bool = False
    trace: bool = False

    def __post_init__(self) -> None:
        if abs(self.seconds) > 999_999_999:
            raise WrongInput("A time limit for delivery has nine digits at most.")
        if self.give_back and self.seconds <= 0:
            raise WrongInput("A message that is to be returned needs more than 0 seconds.")

    @property
    def parameter(self) -> str:
        """``BY=120;RT``: section 4 of the RFC."""
        mode = "R" if self.give_back else "N"
        return f"BY={self.seconds};{mode}{'T' if self.trace else ''}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Extensions asked for, for each message.

    Attributes:
        require_tls: every hop must use verified TLS (RFC 8689).
        priority: from -9 to 9 (RFC 6710); higher is more urgent.
        deliver_by: a time limit (RFC 2852).
        hold_for: seconds that the server is to keep the message back (RFC 4865).
        hold_until: the moment until which it is to; with a time zone.
        binary: send the octets as they are, without lines (BINARYMIME, RFC 3030); needs BDAT.
    """

    require_tls: bool = False
    priority: int | None = None
    deliver_by: DeliverBy | None = None
    hold_for: int | None = None
    hold_until: datetime | None = None
    binary: bool = False

    def __post_init__(self) -> None:
        if self.priority is not None and not -9 <= self.priority <= 9:
            raise WrongInput("A priority goes from -9 to 9 (RFC 6710).")
        if self.hold_for is not None and not 0 < self.hold_for <= 999_999_999:
            raise WrongInput("A message is held for 1 to 999999999 seconds (RFC 4865).")
        if self.hold_for is not None and self.hold_until is not None:
            raise WrongInput("A message is held either for a time or until a moment.")
        if self.hold_until is not None and self.hold_until.tzinfo is None:
            raise WrongInput("The moment until which a message is held needs a time zone.")

    def __bool__(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Breaks:
    """Rules to break on purpose, to see what a server makes of it.

    Attributes:
        auth_not_offered, starttls_not_offered: use them although the server does not offer them.
        extensions_not_offered: parameters, XCLIENT and BDAT though not offered.
        pipelining_not_offered: send commands together although that is not offered.
        bare_lf: end the message's lines with LF alone.
        no_dot_stuffing: leave dots at the start of lines as they are.
        end_of_data: in place of CRLF, dot, CRLF.
        go_on: take a refusal for no reason to stop.
    """

    auth_not_offered: bool = False
    starttls_not_offered: bool = False
    extensions_not_offered: bool = False
    pipelining_not_offered: bool = False
    bare_lf: bool = False
    no_dot_stuffing: bool = False
    end_of_data: bytes | None = None
    go_on: bool = False

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) not in (False, None) for field in fields(self))
