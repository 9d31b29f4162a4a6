"""How a console stands between two lines, and the protocol's forgiving side that it speaks with."""

from dataclasses import dataclass
from enum import StrEnum

from mailgui.smtp.protocol import SERVICE_CLOSING, Protocol, ProtocolEvent
from mailgui.smtp.reply import Remark, ServerReply
from mailgui.transcript import EhloAnswer


class Mode(StrEnum):
    """What the server takes the next line for."""

    COMMAND = "command"
    ANSWER = "answer"  # to a 334: it is never shown
    DATA = "data"  # message text, up to a lone dot
    CHUNK = "chunk"  # the octets that a BDAT announced


@dataclass(frozen=True, slots=True)
class ConsoleState:
    """What there is to know of a console between two lines.

    Attributes:
        open: whether there is a connection.
        waiting: what the server has not answered yet, such as ``EHLO``; empty for nothing.
        left: octets that are still due in CHUNK.
        ehlo: the last answer to EHLO that still counts.
    """

    open: bool = False
    mode: Mode = Mode.COMMAND
    tls: bool = False
    waiting: str = ""
    left: int = 0
    ehlo: EhloAnswer | None = None


class Lenient(Protocol):
    """Forgives a reply that no command had asked for: a person sees it, and judges."""

    def _reply(self, reply: ServerReply) -> ProtocolEvent:
        if self.flight or reply.code == SERVICE_CLOSING:
            return super()._reply(reply)
        return Remark("unsolicited_reply", "The server said that without having been asked.")
