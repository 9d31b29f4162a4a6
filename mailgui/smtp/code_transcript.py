"""A recorded SMTP dialogue, held again by code: the same commands, a message from a file."""

import re
from collections.abc import Iterator

from mailgui.message.literals import Mixed, Variable
from mailgui.smtp.code_dialogue import Dialogue
from mailgui.smtp.settings import TlsMode
from mailgui.transcript import Direction, Layer, Transcript

FILE = "message.eml"
USER = "SMTP_USER"
_SENDER = re.compile(r"(?i)MAIL FROM:\s*<([^>]*)>")
_RECIPIENT = re.compile(r"(?i)RCPT TO:\s*<([^>]*)>")
_GREETING = re.compile(r"(?i)(?:EHLO|HELO|LHLO) (\S+)")
_SIGN_IN = re.compile(r"(?i)AUTH (\S+)")
_STAGES = "The message itself is not in the record: put it into message.eml."
_AGAIN = "Made from a recorded dialogue: running it sends a message again."


class NothingToRepeat(ValueError):
    """The dialogue ended before it named whom the message is for; the text is a sentence."""


def dialogue_of(transcript: Transcript, password: str) -> Dialogue:
    """Return the dialogue of a transcript; ``password`` is the variable for the password.

    Raises NothingToRepeat where no sender and recipient were named.
    """
    sent = list(_commands(transcript))
    senders = [found[1] for line, _ in sent if (found := _SENDER.match(line))]
    recipients = [found[1] for line, _ in sent if (found := _RECIPIENT.match(line))]
    if not senders or not recipients:
        raise NothingToRepeat(
            "This dialogue ended before it named sender and recipients, so there is no sending to "
            "repeat; raw has its commands."
        )
    greetings = [found[1] for line, _ in sent if (found := _GREETING.match(line))]
    mechanisms = [found[1].upper() for line, _ in sent if (found := _SIGN_IN.match(line))]
    host, _, port = transcript.peer.rpartition(":")
    tls = _mode(sent)
    remarks = [_AGAIN, _STAGES]
    return Dialogue(
        host.strip("[]") or "localhost",
        int(port) if port.isdigit() else 25,
        tls,
        tls_verify=True,
        tls_ca=None,
        user=Mixed((Variable(USER),)) if mechanisms else None,
        password=Mixed((Variable(password),)) if mechanisms else None,
        auth=mechanisms[-1] if mechanisms else None,
        helo=greetings[-1] if greetings else None,
        timeout=30.0,
        sender=senders[-1],
        recipients=tuple(dict.fromkeys(recipients)),
        file=FILE,
        remarks=tuple(remarks),
    )


def commands(transcript: Transcript) -> str:
    """Return the client's side of a dialogue, a line each, as it is in the record."""
    lines = []
    for event in transcript.with_direction(Direction.SENT, Layer.SMTP):
        if event.data_length is not None:
            lines.append(f"[message: {event.data_length:,} octets, SHA-256 {event.data_digest}]")
        else:
            lines.append(event.text)
    return "".join(f"{line}\r\n" for line in lines)


def _commands(transcript: Transcript) -> Iterator[tuple[str, bool]]:
    for event in transcript.with_direction(Direction.SENT, Layer.SMTP):
        if event.data_length is None:
            yield event.text, event.tls


def _mode(sent: list[tuple[str, bool]]) -> TlsMode:
    if any(line.upper() == "STARTTLS" for line, _ in sent):
        return TlsMode.STARTTLS
    return TlsMode.IMPLICIT if sent and sent[0][1] else TlsMode.NONE
