"""``--fail-on``: an exit code of 1 for what was found, where a script wants one."""

import argparse
from collections.abc import Iterable

from mailgui.findings import Severity

_ORDER = [Severity.INFO, Severity.ATTENTION, Severity.BROKEN]


def add_fail_on(parser: argparse.ArgumentParser, what: str = "a finding") -> None:
    """Add ``--fail-on``; ``what`` names the thing that is held against it."""
    parser.add_argument(
        "--fail-on",
        choices=[severity.value for severity in _ORDER],
        metavar="SEVERITY",
        help=f"end in 1 when {what} is at least: info, attention or broken",
    )


def fail_code(fail_on: str | None, severities: Iterable[Severity]) -> int:
    """Return the exit code: 1 where ``fail_on`` was given and one of the severities reaches it."""
    if fail_on is None:
        return 0
    bar = _ORDER.index(Severity(fail_on))
    return int(any(_ORDER.index(severity) >= bar for severity in severities))
