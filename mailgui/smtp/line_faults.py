"""What went wrong on the line, in words: no answer in time, an end too soon, a broken protocol."""

from mailgui.smtp import commands
from mailgui.smtp.faults import SessionEnd, SmtpFault, show
from mailgui.smtp.protocol import Command, Protocol, Verdict
from mailgui.smtp.reply import ProtocolFault
from mailgui.transcript import Outcome, Stage

_SILENT_GREETING = (
    " It may hold its greeting back on purpose, or expect TLS from the first octet (implicit TLS)."
)


def before(command: Command, *, tls: bool) -> str:
    """Return when it was that ``command`` got no answer. ``tls``: inside of it."""
    if command.stage is not Stage.BANNER:
        return f"before the server answered {command.verb}"
    if tls:
        return "before any greeting"
    return (
        "before any greeting; a server that expects TLS from the first octet (implicit TLS) does "
        "that too"
    )


def timed_out(
    protocol: Protocol, peer: str, seconds: float, *, tls: bool, writing: bool
) -> SmtpFault:
    """Return the fault of a peer that for so many seconds took nothing or answered nothing."""
    flight, batch = protocol.flight, protocol.batch
    stage = flight[0].stage if flight else protocol.stage
    if writing or not flight:
        sentence = f"{peer} took nothing more within {seconds:g} s."
    elif stage is Stage.BANNER:
        sentence = f"{peer} sent no greeting within {seconds:g} s."
        if not tls:
            sentence += _SILENT_GREETING
    elif protocol.inside_reply:
        sentence = f"{peer} did not end its answer to {flight[0].verb} within {seconds:g} s."
    else:
        sentence = f"{peer} did not answer {flight[0].verb} within {seconds:g} s."
        if len(batch) > len(flight):
            sentence += (
                f" It answered only {len(batch) - len(flight)} of {len(batch)} commands that were "
                "sent together, although it offers PIPELINING; send without it."
            )
    return SmtpFault(stage, "timed_out", sentence)


def handshake_due(command: Command) -> SmtpFault:
    """Return the fault of a command that comes between STARTTLS and the handshake."""
    return SmtpFault(
        command.stage,
        "handshake_due",
        f"The server has agreed to STARTTLS and expects the TLS handshake next, so {command.verb} "
        "was not sent: put TLS right after STARTTLS.",
    )


def fault_of(event: ProtocolFault, protocol: Protocol) -> SessionEnd:
    """Return the ending that a broken protocol means.

    One such reply has a meaning: a no behind 354, before any of the message was sent. Only DATA is
    answered by 354, so it can be about nothing else.
    """
    reply = event.reply.to_reply() if event.reply else None
    last = protocol.last
    asked = last is not None and last.command is commands.DATA and last.verdict is Verdict.OK
    if reply is not None and asked and reply.code // 100 in (4, 5):
        return SessionEnd(
            Stage.MESSAGE,
            f"The server refused the message before any of it was sent: {show(reply)}",
            outcome=Outcome.TEMPORARY if reply.code < 500 else Outcome.REFUSED,
            reply=reply,
        )
    return SmtpFault(event.stage, event.slug, event.sentence, reply=reply)
