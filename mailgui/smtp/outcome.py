"""What a dialogue came to, in words and per recipient."""

import re
from collections.abc import Sequence

from mailgui.message.outgoing import Envelope
from mailgui.smtp.faults import OUTCOMES, SessionEnd
from mailgui.smtp.protocol import Verdict
from mailgui.smtp.transaction import Transaction
from mailgui.transcript import Outcome, RecipientResult, Reply, Stage

# What servers call the message once it is theirs; each named for the software that says it.
_QUEUE_IDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"queued as ([\w.\-+/=]+)",  # Postfix and its relatives
        r"\bid=([\w.\-+/=]+)",  # Exim
        r"\[InternalId=(\d+)",  # Exchange
        r"^(?:OK\s+)?([\w.\-]*\d[\w.\-]*) Message accepted",  # Sendmail, OpenSMTPD
        r"^OK\s+(?:\d{9,}\s+)?([\w.\-]*\d[\w.\-]*)(?:\s+-\s+gsmtp)?$",  # Gmail, SES
        r"\bqp (\d+)",  # qmail
    )
)

_UNKNOWN_TAIL = (
    " The whole message had gone out by then: the server may or may not have taken it, so it is "
    "not sent again by itself."
)


def queue_id(reply: Reply) -> str | None:
    """Return the name under which the server says it took the message, if it says one."""
    for pattern in _QUEUE_IDS:
        match = pattern.search(reply.text)
        if match:
            return match[1].rstrip(".")
    return None


def accepted_ending(transaction: Transaction, envelope: Envelope) -> SessionEnd:
    """Return the ending of a message that the server took, for all recipients or some."""
    assert transaction.final is not None  # noqa: S101  # for the type checker
    reply = transaction.final.reply.to_reply()
    taken, wanted = len(transaction.accepted), len(envelope.recipients)
    remote = queue_id(reply)
    under = f" Its queue id there is {remote}." if remote else ""
    if taken == wanted:
        whom = envelope.recipients[0] if wanted == 1 else f"all {wanted} recipients"
        sentence, outcome = f"The server accepted the message for {whom}.", Outcome.ACCEPTED
    else:
        sentence = f"The server accepted the message for {taken} of {wanted} recipients."
        outcome = Outcome.PARTIAL
    return SessionEnd(Stage.MESSAGE, sentence + under, outcome=outcome, reply=reply, usable=True)


def doubtful(ending: SessionEnd) -> SessionEnd:
    """Return an ending after the final dot in which no answer of the server decided."""
    sentence = ending.sentence
    if ending.outcome is Outcome.CANCELLED:
        sentence = "Cancelled before the server answered the message."
    return SessionEnd(
        Stage.MESSAGE,
        sentence + _UNKNOWN_TAIL,
        outcome=Outcome.UNKNOWN,
        slug=ending.slug,
        reply=ending.reply,
    )


def cancelled_ending(stage: Stage) -> SessionEnd:
    """Return the ending of a dialogue that a person broke off at ``stage``."""
    sentence = f"Cancelled at the stage “{stage}”, before the message was sent."
    return SessionEnd(stage, sentence, outcome=Outcome.CANCELLED)


def stopped_ending(
    stop: Stage | None, done: Sequence[Stage] = (), reply: Reply | None = None
) -> SessionEnd:
    """Return the ending of a dialogue that went as far as it was to go.

    ``done``: the stages it went through; ``reply``: the last one it got. Where the stop point
    never came, as TLS on a connection without it, it ended where that would have come, and says so.
    """
    last = done[-1] if done else stop
    skipped = stop is not None and bool(done) and stop not in done and stop is not Stage.QUIT
    if stop is not None and skipped:
        reached = _STOP_WORDS.get(last or stop, "the last step")
        sentence = (
            f"{_NEVER.get(stop, f'The dialogue had no {stop} step')}; ended after {reached}, where "
            "it would have come. No message was sent."
        )
    else:
        where = f" after {_STOP_WORDS[stop]}" if stop else ""
        sentence = f"Everything went well; ended{where}, as asked. No message was sent."
    return SessionEnd(
        last if skipped or stop is None else stop,
        sentence,
        outcome=Outcome.COMPLETED,
        slug="stop_not_reached" if skipped else None,
        reply=reply,
        usable=True,
    )


def recipient_results(
    envelope: Envelope, transaction: Transaction | None, ending: SessionEnd
) -> tuple[RecipientResult, ...]:
    """Return what became of each recipient."""
    verdicts = transaction.verdicts if transaction else {}
    results = []
    for address in envelope.recipients:
        received = verdicts.get(address)
        if received is None:
            asked = ending.outcome is not Outcome.COMPLETED
            reply = ending.reply if asked else None
            results.append(RecipientResult(address, ending.outcome, reply))
            continue
        own = received.reply.to_reply()
        if received.verdict is not Verdict.OK or received.command.stage is Stage.MESSAGE:
            results.append(RecipientResult(address, OUTCOMES[received.verdict], own))
        elif ending.outcome in (Outcome.ACCEPTED, Outcome.PARTIAL):
            results.append(RecipientResult(address, Outcome.ACCEPTED, own))
        elif ending.outcome is Outcome.COMPLETED:
            results.append(RecipientResult(address, Outcome.COMPLETED, own))
        else:
            results.append(RecipientResult(address, ending.outcome, ending.reply or own))
    return tuple(results)


_NEVER = {
    Stage.STARTTLS: "The dialogue had no STARTTLS",
    Stage.TLS: "The connection has no TLS",
    Stage.AUTH: "There was no sign-in, since no user is named",
}
_STOP_WORDS = {
    Stage.DNS: "the name was looked up",
    Stage.CONNECT: "the connection was made",
    Stage.BANNER: "the server's greeting",
    Stage.EHLO: "EHLO",
    Stage.STARTTLS: "STARTTLS",
    Stage.TLS: "the TLS handshake",
    Stage.AUTH: "signing in",
    Stage.MAIL: "MAIL",
    Stage.RCPT: "RCPT",
    Stage.DATA: "DATA",
}
