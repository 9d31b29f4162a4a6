"""What the set-up says to the person in front of it, and the one kind of fault that it raises."""

import os
import sys


class SetupFault(Exception):
    """Something the set-up cannot go on without; its text is the whole sentence for the person."""


def say(text: str) -> None:
    """Print a line on standard error, where it does not mix with what the program itself prints."""
    print(text, file=sys.stderr, flush=True)


def ask(question: str) -> bool:
    """Ask on the terminal; return whether the answer was yes. Nobody there to answer is a no."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("CI"):
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
