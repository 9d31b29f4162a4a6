"""Which recipients of a finished SMTP dialogue may be tried again, without anyone getting two
copies.
"""

from mailgui.transcript import Outcome, Transcript

# Faults of the network that time may mend. A refused certificate or sign-in is none of them.
_PASSING = frozenset(
    {
        "name_timeout",
        "name_failed",
        "refused",
        "timed_out",
        "unreachable",
        "lost",
        "reset",
        "proxy",
    }
)


def undecided(transcript: Transcript) -> tuple[str, ...]:
    """Return the recipients whom the server refused for now, or could not be asked about.

    Never one whose outcome is ``unknown``: the server may have the message for it already.
    """
    if transcript.outcome is Outcome.UNKNOWN:
        return ()
    passing = transcript.fault in _PASSING
    return tuple(
        result.address
        for result in transcript.recipients
        if result.outcome is Outcome.TEMPORARY or (result.outcome is Outcome.FAILED and passing)
    )


def why_settled(transcript: Transcript) -> str:
    """Return why there is nothing to try again, in a sentence."""
    if transcript.outcome is Outcome.UNKNOWN:
        return "The server may have taken the message: trying again could send it twice."
    if transcript.outcome is Outcome.FAILED:
        return "Trying again would not help."
    return "The outcome is settled."
