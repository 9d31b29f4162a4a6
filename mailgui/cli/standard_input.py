"""``-`` in the place of a file's name: what comes on standard input."""

import sys
from pathlib import Path

from mailgui.cli.usage import UsageProblem

MOST_OCTETS = 100 * 1024 * 1024


def file_or_input(name: str) -> Path | bytes:
    """Return the path, or for ``-`` the octets on standard input, which it waits for.

    Raises UsageProblem where there are none, or over 100 MiB of them.
    """
    if name != "-":
        return Path(name)
    if sys.stdin is None:
        raise UsageProblem("Standard input is closed, so there is nothing to read there.")
    octets = sys.stdin.buffer.read(MOST_OCTETS + 1)
    if not octets:
        raise UsageProblem("Standard input is empty.")
    if len(octets) > MOST_OCTETS:
        raise UsageProblem("Standard input holds over 100 MiB, the most that is read.")
    return octets
