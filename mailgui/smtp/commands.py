"""The commands of SMTP as the protocol takes them. Arguments are checked by ``arguments``."""

from mailgui.smtp.protocol import Command
from mailgui.transcript import MASK, Stage

MASK_LINE = MASK.encode() + b"\r\n"

BANNER = Command("the connection", Stage.BANNER)
STARTTLS = Command("STARTTLS", Stage.STARTTLS, b"STARTTLS\r\n", switches=True)
DATA = Command("DATA", Stage.DATA, b"DATA\r\n", accept=(3,))
RSET = Command("RSET", Stage.MAIL, b"RSET\r\n")
QUIT = Command("QUIT", Stage.QUIT, b"QUIT\r\n")


def greet(verb: str, name: str) -> Command:
    """EHLO, HELO or LHLO."""
    return Command(verb, Stage.EHLO, f"{verb} {name}\r\n".encode())


def xclient(words: str) -> Command:
    """XCLIENT (Postfix's XCLIENT_README): the server greets anew (220)."""
    return Command("XCLIENT", Stage.EHLO, f"XCLIENT {words}\r\n".encode())


def mail(sender: str, parameters: tuple[str, ...] = ()) -> Command:
    """MAIL FROM; an empty sender is the null sender."""
    return Command("MAIL", Stage.MAIL, _path("MAIL FROM", sender, parameters))


def rcpt(recipient: str, parameters: tuple[str, ...] = ()) -> Command:
    """RCPT TO."""
    octets = _path("RCPT TO", recipient, parameters)
    return Command("RCPT", Stage.RCPT, octets, recipient=recipient)


def message(recipient: str | None = None) -> Command:
    """The reply after the end of data; LMTP gives one for each recipient."""
    return Command("the message", Stage.MESSAGE, recipient=recipient)


def bdat(length: int, *, last: bool, recipient: str | None = None) -> Command:
    """BDAT (RFC 3030): ``length`` octets follow the line, which this does not hold."""
    octets = b"BDAT %d%s\r\n" % (length, b" LAST" if last else b"")
    stage = Stage.MESSAGE if last else Stage.DATA
    return Command("BDAT", stage, octets, recipient=recipient)


def auth(mechanism: str, initial: str | None) -> Command:
    """AUTH (RFC 4954); ``initial`` is base64, "=" for an empty one, None for none."""
    if initial is None:
        octets, twin = f"AUTH {mechanism}\r\n".encode(), None
    else:
        octets = f"AUTH {mechanism} {initial}\r\n".encode()
        twin = f"AUTH {mechanism} ".encode() + MASK_LINE
    return Command(f"AUTH {mechanism}", Stage.AUTH, octets, accept=(2, 3), twin=twin)


def auth_answer(mechanism: str, answer: bytes) -> Command:
    """An answer to a 334, base64 already; an empty one hides nothing and stays readable."""
    twin = MASK_LINE if answer else None
    return Command(f"AUTH {mechanism}", Stage.AUTH, answer + b"\r\n", accept=(2, 3), twin=twin)


def auth_cancel(mechanism: str) -> Command:
    """Break off an AUTH exchange (RFC 4954, section 4): the server answers 501."""
    return Command(f"AUTH {mechanism}", Stage.AUTH, b"*\r\n", accept=(5,))


def _path(verb: str, address: str, parameters: tuple[str, ...]) -> bytes:
    tail = " ".join(("", *parameters))
    return f"{verb}:<{address}>{tail}\r\n".encode("utf-8", "surrogateescape")
