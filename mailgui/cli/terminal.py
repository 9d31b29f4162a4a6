"""Asking at the terminal."""

import getpass
import sys

from mailgui.cli.usage import UsageProblem


def ask_secret(prompt: str) -> str:
    """Return a secret typed at the terminal, unseen; raises UsageProblem without a terminal."""
    if not sys.stdin.isatty():
        raise UsageProblem("There is no terminal to type the password at; use --password-env VAR.")
    return getpass.getpass(prompt)
