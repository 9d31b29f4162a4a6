"""A reply too many that showed only later: what it does to an answer already taken at its word.

A server that sends one reply too many shifts every later one by a place, so that what looks like
the answer to DATA is the one to RCPT. While the dialogue runs nothing may give that away; QUIT
does: its own answer, 221, is then still to come after another one.
"""

from mailgui.smtp.faults import SessionEnd, SmtpFault
from mailgui.transcript import Outcome, Reply, Stage

_BEFORE = {Stage.RCPT: (Stage.MAIL, "MAIL"), Stage.DATA: (Stage.RCPT, "RCPT")}


def reconsider(ending: SessionEnd, extra: Reply | None, fault: SessionEnd) -> SessionEnd:
    """Return what is left of ``ending`` after the server proved to have sent a reply too many.

    ``extra`` is the first reply that did not fit: what came in place of 221, or the one that
    nobody asked for; ``fault`` says so.
    """
    if ending.stage is Stage.MESSAGE and ending.reply is not None:
        # All of it went out, and two answers came: where these agree it does not matter which of
        # them was meant for it.
        if extra is not None and (extra.code // 100 == 2) == (ending.reply.code // 100 == 2):
            return ending
        return SessionEnd(
            Stage.MESSAGE,
            f"{fault.sentence} Whether it accepted the message is therefore unknown.",
            outcome=Outcome.UNKNOWN,
            slug=fault.slug,
            reply=ending.reply,
        )
    stage, doubt = ending.stage, ""
    if ending.reply is not None and ending.stage in _BEFORE:
        stage, verb = _BEFORE[ending.stage]
        doubt = (
            f" The {ending.reply.code} that came last may be its answer to {verb}, not to what "
            "followed."
        )
    return SmtpFault(stage, fault.slug or "unsolicited_reply", fault.sentence + doubt)
