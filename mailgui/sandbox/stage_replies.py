"""Replies on order: what the embedded SMTP server says at a stage, in place of its own reply."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailgui.transcript import visible
from mailgui.wrong_input import WrongInput

MAX_TEXT = 2_000  # characters: several lines of what RFC 5321, section 4.5.3.1.5, allows for one
MAX_LINES = 20
_CODE = re.compile(r"[0-9]{3}")
_USUAL_TEXT = "On order"


class Stage(StrEnum):
    """Where in a dialogue, in the words of ``--stop-after``; MESSAGE is the reply after the dot."""

    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    QUIT = "quit"


EXPECTED: Mapping[Stage, str] = {
    **dict.fromkeys(Stage, "2"),
    Stage.DATA: "3",
}
"""The first digit of the code with which the dialogue goes on as usual."""


@dataclass(frozen=True, slots=True)
class StageReply:
    """One reply: a code of three digits, and its lines without the code."""

    code: str
    lines: tuple[str, ...]

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after it (RFC 5321, section 3.8)."""
        return self.code == "421"

    @property
    def wire(self) -> str:
        """The reply as it is sent, without the last CRLF."""
        *first, last = self.lines
        return "\r\n".join((*(f"{self.code}-{line}" for line in first), f"{self.code} {last}"))

    @property
    def text(self) -> str:
        """What a person enters for it: ``\\n`` stands where a line ends."""
        return r"\n".join(self.lines)

    def goes_on(self, stage: Stage) -> bool:
        """Return whether the dialogue goes on as after the usual reply of ``stage``."""
        return self.code.startswith(EXPECTED[stage])


def make_reply(code: str, text: str = "") -> StageReply:
    """Return the reply of a code and a text in which ``\\n`` ends lines.

    Raises WrongInput with a sentence for what is no code, and for text that no reply can hold.
    """
    code, text = code.strip(), text.strip()
    if not _CODE.fullmatch(code):
        raise WrongInput(f"“{visible(code)}” is not a reply code: it is three digits, such as 451.")
    if any(ord(char) < 32 or ord(char) == 127 for char in text) or not _writable(text):
        raise WrongInput(
            "A reply's text holds no control characters; \\n in it begins another line."
        )
    lines = tuple(text.split(r"\n")) if text else (_USUAL_TEXT,)
    if len(text) > MAX_TEXT or len(lines) > MAX_LINES:
        raise WrongInput(
            f"A reply's text has at most {MAX_TEXT:,} characters in {MAX_LINES} lines."
        )
    return StageReply(code, lines)


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def parse_stage_reply(text: str) -> tuple[Stage, StageReply]:
    """Return what ``STAGE=CODE[ TEXT]`` says, such as ``rcpt=450 4.2.1 Try again later``.

    Raises WrongInput with a sentence.
    """
    name, equals, rest = text.partition("=")
    try:
        stage = Stage(name.strip().lower())
    except ValueError:
        equals = ""
    if not equals:
        raise WrongInput(
            f"“{visible(text)}” is not a reply on order: write STAGE=CODE or STAGE=CODE TEXT, "
            f"where STAGE is one of {', '.join(Stage)}."
        )
    code, _, words = rest.strip().partition(" ")
    return stage, make_reply(code, words)


def parse_stage_replies(texts: Iterable[str]) -> dict[Stage, StageReply]:
    """Return several; of two for one stage, raises WrongInput."""
    found: dict[Stage, StageReply] = {}
    for text in texts:
        stage, reply = parse_stage_reply(text)
        if stage in found:
            raise WrongInput(f"There are two replies on order for {stage}: give one.")
        found[stage] = reply
    return found
