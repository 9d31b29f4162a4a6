"""How a dialogue ends before its end: the server said no, or something went wrong.

These exceptions never leave the SMTP room: the session turns each into a transcript.
"""

from mailgui.smtp.protocol import Command, ReplyReceived, Verdict
from mailgui.transcript import Outcome, Reply, Stage


class SessionEnd(Exception):
    """The dialogue cannot go on.

    Attributes:
        stage: where that was decided.
        outcome: what it means for the message.
        reply: the server's answer that decided it, if one did.
        slug: machine-readable name of the fault; None where a plain refusal decided.
        sentence: what happened, for a person.
        usable: whether the connection can still carry a polite QUIT.
    """

    def __init__(
        self,
        stage: Stage | None,
        sentence: str,
        *,
        outcome: Outcome = Outcome.FAILED,
        slug: str | None = None,
        reply: Reply | None = None,
        usable: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.stage = stage
        self.sentence = sentence
        self.outcome = outcome
        self.slug = slug
        self.reply = reply
        self.usable = usable


class SmtpFault(SessionEnd):
    """No answer of the server decided: broken protocol, lost connection, or a local reason."""

    def __init__(
        self,
        stage: Stage | None,
        slug: str,
        sentence: str,
        *,
        reply: Reply | None = None,
        usable: bool = False,
    ) -> None:
        super().__init__(stage, sentence, slug=slug, reply=reply, usable=usable)


class Refusal(SessionEnd):
    """The server answered, and the answer was not yes."""

    def __init__(self, received: ReplyReceived, sentence: str) -> None:
        reply = received.reply.to_reply()
        command = received.command
        unexpected = received.verdict is Verdict.UNEXPECTED
        super().__init__(
            command.stage,
            unexpected_sentence(command, reply) if unexpected else f"{sentence}: {show(reply)}",
            outcome=OUTCOMES[received.verdict],
            slug="unexpected_reply" if unexpected else None,
            reply=reply,
            usable=not received.closing,
        )


OUTCOMES = {
    Verdict.OK: Outcome.ACCEPTED,
    Verdict.TEMPORARY: Outcome.TEMPORARY,
    Verdict.REFUSED: Outcome.REFUSED,
    Verdict.UNEXPECTED: Outcome.FAILED,
}


def show(reply: Reply) -> str:
    """Return a reply as a person knows it, with a full stop: ``550 5.1.1 No such user.``"""
    words = " ".join(part for part in (f"{reply.code:03d}", reply.enhanced, reply.text) if part)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def unexpected_sentence(command: Command, reply: Reply) -> str:
    """Return what to say of a reply whose first digit is no answer to its command."""
    due = " or ".join(f"{digit}xx" for digit in command.accept)
    given = f"with {reply.code:03d}, where {due} was due"
    return f"The server answered {command.verb} {given}: {show(reply)}"
