"""What a person types into the console: its lines, what each of them is, and what must stay hidden.

After a 334 everything is an answer to a challenge (RFC 4954, section 4), and so is what stands
behind the mechanism's name in AUTH: none of it is recorded, and what it holds is kept out of
everything that follows.
"""

import base64
import binascii
import re

from mailgui.smtp.commands import MASK_LINE
from mailgui.smtp.protocol import Command
from mailgui.transcript import Stage, visible

_LINE_END = re.compile(r"\r\n|\n|\r")
_AUTH = re.compile(rb"(\s*AUTH\s+\S+)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_BDAT = re.compile(r"\s*BDAT\s+(\d{1,12})(\s+LAST)?\s*", re.IGNORECASE)
_BEARER = re.compile(rb"auth=Bearer ([^\x01]+)")
_SHORTEST = 4  # octets: hiding less would hit innocent text all over the transcript
_STAGES = {
    "HELO": Stage.EHLO,
    "EHLO": Stage.EHLO,
    "LHLO": Stage.EHLO,
    "XCLIENT": Stage.EHLO,
    "STARTTLS": Stage.STARTTLS,
    "AUTH": Stage.AUTH,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    "BDAT": Stage.DATA,
    "QUIT": Stage.QUIT,
}


def lines_of(text: str) -> list[str]:
    """Return the lines of what was typed or pasted; one line end at the very end ends the last."""
    lines = _LINE_END.split(text)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def to_octets(line: str) -> bytes:
    """Return a line as it goes out."""
    return line.encode("utf-8", "surrogateescape") + b"\r\n"


def verb_of(line: str) -> str:
    """Return the first word of a command, upper case; an empty string where there is none."""
    return (line.split(None, 1) or [""])[0].upper()


def chunk_length(line: str) -> int | None:
    """Return how many octets follow a BDAT line (RFC 3030, section 2), None for any other line."""
    match = _BDAT.fullmatch(line)
    return int(match[1]) if match else None


def command_of(line: str) -> Command:
    """Return a typed line as a command; an initial response behind AUTH is not recorded."""
    octets = to_octets(line)
    verb = verb_of(line)
    stage = _STAGES.get(verb, Stage.MAIL)
    name = visible(verb)[:40] or "an empty line"
    accept = (3,) if verb == "DATA" else (2, 3)
    match = _AUTH.match(octets)
    twin = match[1] + b" " + MASK_LINE if match else None
    return Command(name, stage, octets, accept, twin, switches=verb == "STARTTLS")


def answer_of(line: str) -> Command:
    """Return an answer to a 334. A lone ``*`` breaks off, and hides nothing."""
    octets = to_octets(line)
    open_words = line.strip() in ("", "*")
    return Command("AUTH", Stage.AUTH, octets, (2, 3), None if open_words else MASK_LINE)


class SignInByHand:
    """One AUTH exchange as a person types it: what is secret in it.

    ``mechanism`` is upper case and may be any.
    """

    def __init__(self, mechanism: str) -> None:
        self.mechanism = mechanism
        self._given = 0

    def secrets_in(self, answer: str) -> list[bytes]:
        """Return what must not be shown from here on, of one more answer (base64, as typed)."""
        place, self._given = self._given, self._given + 1
        raw = answer.strip().encode("utf-8", "surrogateescape")
        if self.mechanism == "LOGIN" and place == 0:
            return []  # the user name, which MAIL may name as well
        try:
            said = base64.b64decode(raw, validate=True)
        except binascii.Error:
            said = raw  # typed without base64, by mistake: no less a secret
        found = [raw, said, *self._parts(said)]
        return [secret for secret in found if len(secret) >= _SHORTEST]

    def _parts(self, said: bytes) -> list[bytes]:
        if self.mechanism == "PLAIN":
            return [said.rpartition(b"\0")[2]]
        if self.mechanism == "CRAM-MD5":
            return [said.rpartition(b" ")[2]]
        if self.mechanism.startswith("SCRAM-"):
            return [said.rpartition(b",p=")[2]]
        return [match[1] for match in _BEARER.finditer(said)]


def sign_in_of(line: str) -> tuple[SignInByHand, str] | None:
    """Return the exchange that an AUTH line begins and its initial response ("" for none)."""
    words = line.split(None, 2)
    if len(words) < 2 or words[0].upper() != "AUTH":
        return None
    return SignInByHand(words[1].upper()), words[2].strip() if len(words) > 2 else ""
