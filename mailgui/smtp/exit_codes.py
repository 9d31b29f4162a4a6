"""What a transcript means to a script: the exit codes that swaks made known."""

from mailgui.transcript import Outcome, Stage, Transcript

WRONG_USAGE = 64
CANCELLED = 130  # as a shell reports an interrupt
CONNECTION_LOST = 6
EHLO_AFTER_TLS = 32
XCLIENT = 33
EHLO_AFTER_XCLIENT = 34
PROXY_OPTIONS = 35  # wrong usage elsewhere; swaks has a code of its own for it
PROXY = 36

_BY_STAGE = {
    Stage.DNS: 2,
    Stage.CONNECT: 2,
    Stage.BANNER: 21,
    Stage.EHLO: 22,
    Stage.MAIL: 23,
    Stage.RCPT: 24,
    Stage.DATA: 25,
    Stage.MESSAGE: 26,
    Stage.QUIT: 27,
    Stage.AUTH: 28,
    Stage.STARTTLS: 29,
    Stage.TLS: 29,
    # Of HTTP: what came of the message, once the request was on its way.
    Stage.SEND: 26,
    Stage.WAIT: 26,
    Stage.RECEIVE: 26,
}
_BY_FAULT = {"api.authentication": _BY_STAGE[Stage.AUTH]}
_GREETED_AGAIN = {"starttls": EHLO_AFTER_TLS, "xclient": EHLO_AFTER_XCLIENT}
_GOOD = (Outcome.ACCEPTED, Outcome.PARTIAL, Outcome.COMPLETED)
_LOST = ("lost", "reset")
_BAD_INPUT = ("unsafe_argument", "malformed_argument", "malformed_address", "no_recipients")


def exit_code(transcript: Transcript) -> int:
    """Return the exit code for a transcript: 0 where at least one recipient was accepted.

    swaks knows SMTP only; a refusal by an e-mail API has the code of the message's, and one of its
    key that of AUTH.
    """
    if transcript.outcome in _GOOD:
        return 0
    if transcript.outcome is Outcome.CANCELLED:
        return CANCELLED
    if transcript.fault in _BAD_INPUT:
        return WRONG_USAGE
    stage = transcript.stage or Stage.CONNECT
    failed = {phase.name for phase in transcript.phases if phase.failed}
    if "proxy" in failed:
        return PROXY
    code = _BY_FAULT.get(transcript.fault or "", _BY_STAGE.get(stage, 2))
    if transcript.fault in _LOST and stage not in (Stage.DNS, Stage.CONNECT, Stage.TLS):
        return CONNECTION_LOST
    if stage is Stage.EHLO:
        if "xclient" in failed:
            return XCLIENT
        before = [p.name for p in transcript.phases if p.name in ("starttls", "xclient")]
        return _GREETED_AGAIN[before[-1]] if before else code
    return code
