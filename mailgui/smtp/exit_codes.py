"""What a transcript means to a script: the exit codes that swaks made known."""

from mailgui.transcript import Outcome, Stage, Transcript

WRONG_USAGE = 64
CANCELLED = 130  # as a shell reports an interrupt
CONNECTION_LOST = 6
EHLO_AFTER_TLS = 32

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
}
_GOOD = (Outcome.ACCEPTED, Outcome.PARTIAL, Outcome.COMPLETED)
_LOST = ("lost", "reset")
_BAD_INPUT = ("unsafe_argument", "malformed_argument", "malformed_address", "no_recipients")


def exit_code(transcript: Transcript) -> int:
    """Return the exit code for an SMTP transcript: 0 where at least one recipient was accepted."""
    if transcript.outcome in _GOOD:
        return 0
    if transcript.outcome is Outcome.CANCELLED:
        return CANCELLED
    if transcript.fault in _BAD_INPUT:
        return WRONG_USAGE
    stage = transcript.stage or Stage.CONNECT
    code = _BY_STAGE.get(stage, 2)
    if transcript.fault in _LOST and stage not in (Stage.DNS, Stage.CONNECT, Stage.TLS):
        return CONNECTION_LOST
    if stage is Stage.EHLO and any(phase.name == "starttls" for phase in transcript.phases):
        return EHLO_AFTER_TLS
    return code
