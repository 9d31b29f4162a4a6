"""Steps as words: what a person types for one, and what one is called in a list.

A word such as ``ehlo`` stands for a step of the engine's; anything else is a line of a person's
own. Its escapes are ``\\r \\n \\t \\0 \\\\ \\xNN``; CRLF is added unless it ends with ``\\r`` or
``\\n`` of its own, or with ``\\c`` for no line end at all.
"""

import re

from mailgui.smtp.plan import Plan
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
    Line,
    Part,
    Quit,
    StartTls,
    Step,
    XClient,
)
from mailgui.transcript import Stage
from mailgui.wrong_input import WrongInput

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_MEANT = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\", "c": ""}
_SHOWN = {"\r": r"\r", "\n": r"\n", "\t": r"\t", "\0": r"\0", "\\": r"\\"}
_STAGES = {
    "MAIL": Stage.MAIL,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    "BDAT": Stage.DATA,
    "AUTH": Stage.AUTH,
    "STARTTLS": Stage.STARTTLS,
    "QUIT": Stage.QUIT,
}

WORDS = (
    "connect",
    "proxy",
    "banner",
    "ehlo",
    "helo",
    "lhlo",
    "starttls",
    "tls",
    "xclient",
    "auth",
    "send",
    "mail",
    "rcpt",
    "data",
    "message",
    "quit",
    "drop",
)
"""What stands for a step of the engine's."""


def unescape(text: str) -> bytes:
    """Return what a person wrote with escapes, as octets. Raises ValueError with a sentence."""

    def meant(match: re.Match[str]) -> str:
        sign = match[1]
        if len(sign) == 3:
            number = int(sign[1:], 16)
            return chr(0xDC00 + number) if number > 127 else chr(number)
        if sign not in _MEANT:
            raise WrongInput(f"“\\{sign}” is no escape; write \\r, \\n, \\t, \\0, \\\\ or \\xNN.")
        return _MEANT[sign]

    if re.search(r"(?<!\\)(?:\\\\)*\\$", text):
        raise WrongInput("A backslash at the end stands for nothing; write it twice.")
    return _ESCAPE.sub(meant, text).encode("utf-8", "surrogateescape")


def escape(octets: bytes) -> str:
    """Return octets as a person would write them; ``unescape`` gives them back."""
    text = octets.decode("utf-8", "surrogateescape")
    return "".join(_SHOWN.get(sign) or _printable(sign) for sign in text)


def _printable(sign: str) -> str:
    number = ord(sign)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return sign if sign.isprintable() else "".join(f"\\x{octet:02x}" for octet in sign.encode())


def line_of(text: str) -> Line:
    """Return the line of a person's own that ``text`` describes. Raises ValueError."""
    octets = unescape(text)
    own_end = octets.endswith((b"\r", b"\n")) or text.endswith("\\c")
    verb = (octets.split(None, 1) or [b""])[0].decode("ascii", "replace").upper()
    return Line(octets if own_end else octets + b"\r\n", _STAGES.get(verb, Stage.EHLO))


def parse(text: str, plan: Plan) -> tuple[Step, ...]:
    """Return the steps that one word or line stands for; ``plan`` gives what a word needs.

    ``proxy`` and ``xclient`` stand for what the plan announces, which may be several steps.
    Raises ValueError with a sentence.
    """
    word = text.strip()
    breaks = plan.breaks
    match word:
        case "proxy":
            if plan.proxy is None:
                raise WrongInput("The step “proxy” needs to be told what to announce.")
            return (AnnounceProxy(plan.proxy),)
        case "xclient":
            if not plan.xclient:
                raise WrongInput("The step “xclient” needs to be told whom to pose as.")
            return plan.xclient
        case "ehlo":
            return (Greet(plan.greeting),)
        case "starttls":
            return (StartTls(although_not_offered=breaks.starttls_not_offered),)
        case "auth":
            return (Authenticate(breaks.auth_not_offered),)
    if word in _PLAIN:
        return (_PLAIN[word],)
    if word in WORDS:
        raise AssertionError(word)  # every word has its step
    return (line_of(text),)


_PLAIN: dict[str, Step] = {
    "connect": Connect(),
    "banner": Banner(),
    "helo": Greet(Greeting.HELO),
    "lhlo": Greet(Greeting.LHLO),
    "tls": Handshake(),
    "send": Deliver(),
    "mail": Part(Stage.MAIL),
    "rcpt": Part(Stage.RCPT),
    "data": Part(Stage.DATA),
    "message": Part(Stage.MESSAGE),
    "quit": Quit(),
    "drop": Drop(),
}


def title(step: Step) -> str:
    """Return what a step is called in a list."""
    match step:
        case Line():
            return escape(step.octets.removesuffix(b"\r\n")) or "(an empty line)"
        case Greet():
            verb = "EHLO" if step.greeting is Greeting.AUTO else step.greeting.value
            return f"{verb} again, inside TLS" if step.again else verb
        case XClient():
            return " ".join(("XCLIENT", step.raw or " ".join(name for name, _ in step.attributes)))
        case AnnounceProxy():
            return f"PROXY protocol {step.header.version}"
        case Deliver():
            return "MAIL, RCPT, DATA and the message"
        case Part():
            return _PARTS[step.stage]
    return _TITLES[type(step)]


def purpose(step: Step) -> str:
    """Return what a step does, in a few words."""
    match step:
        case Line():
            return "a line of your own" + ("" if step.octets.endswith(b"\r\n") else ", no CRLF")
        case Greet():
            return "say who we are, ask what the server offers"
        case XClient():
            return "pose as another client"
        case AnnounceProxy():
            return f"announce {step.header.words}"
        case Deliver():
            return "the whole message, together where PIPELINING is offered"
        case Part():
            return _PART_PURPOSES[step.stage]
    return _PURPOSES[type(step)]


_TITLES: dict[type, str] = {
    Connect: "Connect",
    Banner: "Greeting",
    StartTls: "STARTTLS",
    Handshake: "TLS handshake",
    Authenticate: "AUTH",
    Quit: "QUIT",
    Drop: "Drop",
}
_PURPOSES: dict[type, str] = {
    Connect: "look the name up and connect",
    Banner: "wait for the server's greeting",
    StartTls: "ask for TLS",
    Handshake: "begin TLS",
    Authenticate: "sign in as the profile says",
    Quit: "say goodbye and wait for the answer",
    Drop: "close without a word",
}
_PARTS = {
    Stage.MAIL: "MAIL FROM",
    Stage.RCPT: "RCPT TO",
    Stage.DATA: "DATA",
    Stage.MESSAGE: "The message",
}
_PART_PURPOSES = {
    Stage.MAIL: "name the sender",
    Stage.RCPT: "name each recipient",
    Stage.DATA: "ask to send the message",
    Stage.MESSAGE: "the content and its end",
}


def misplaced(steps: tuple[Step, ...]) -> dict[int, str]:
    """Return what is unusual about an order of steps, by place. All of it is allowed."""
    found: dict[int, str] = {}
    done: list[Step] = []
    for place, step in enumerate(steps):
        if words := _objection(step, done, last=place == len(steps) - 1):
            found[place] = words
        done.append(step)
    return found


def _objection(step: Step, done: list[Step], *, last: bool) -> str:
    """Return what is unusual about a step after those ``done``; empty where nothing is."""

    def had(*kinds: type) -> bool:
        return any(isinstance(each, kinds) for each in done)

    if isinstance(step, Connect):
        return "already connected" if had(Connect) else ""
    if not had(Connect):
        return "nothing to talk to before Connect"
    match step:
        case Quit() | Drop():
            return "" if last else "nothing is done after this"
        case AnnounceProxy():
            late = had(Banner, Greet, Handshake)
            return "servers expect this at once after Connect" if late else ""
        case Greet():
            return "" if had(Banner) else "before the server's greeting"
        case Banner() | Line() | Handshake():
            return ""
        case Part():
            missing = _NEEDS[step.stage] - {each.stage for each in done if isinstance(each, Part)}
            if missing and had(Greet):
                return f"before {_PARTS[max(missing, key=_RANK)]}"
    return "" if had(Greet) else "before EHLO"


_NEEDS: dict[Stage, set[Stage]] = {
    Stage.MAIL: set(),
    Stage.RCPT: {Stage.MAIL},
    Stage.DATA: {Stage.MAIL, Stage.RCPT},
    Stage.MESSAGE: {Stage.MAIL, Stage.RCPT, Stage.DATA},
}
_RANK = [Stage.DATA, Stage.RCPT, Stage.MAIL].index
