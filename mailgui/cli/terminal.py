"""Asking at the terminal."""

import asyncio
import getpass
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mailgui.cli.usage import UsageProblem

_T = TypeVar("_T")
_ENDING = (signal.SIGINT, signal.SIGTERM)


def at_terminal() -> bool:
    """Return whether somebody can type something."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask_secret(prompt: str) -> str:
    """Return a secret typed at the terminal, unseen; raises UsageProblem without a terminal."""
    if not at_terminal():
        raise UsageProblem("There is no terminal to type the password at; use --password-env VAR.")
    return getpass.getpass(prompt)


def on_interrupt(stop: Callable[[], None]) -> None:
    """Let the first Ctrl+C or SIGTERM call ``stop`` in the running loop; the next acts as ever.

    Where the loop cannot listen for signals (Windows, another thread) nothing changes.
    """
    loop = asyncio.get_running_loop()

    def first() -> None:
        for each in _ENDING:
            loop.remove_signal_handler(each)
        stop()

    try:
        for each in _ENDING:
            loop.add_signal_handler(each, first)
    except (NotImplementedError, RuntimeError, ValueError):
        return


async def until_interrupted(work: Coroutine[Any, Any, _T]) -> _T | None:
    """Return what ``work`` comes to; None where Ctrl+C or SIGTERM came first and ended it."""
    interrupted = asyncio.Event()
    on_interrupt(interrupted.set)
    working, waiting = asyncio.ensure_future(work), asyncio.ensure_future(interrupted.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        return None
    finally:
        working.cancel()
        waiting.cancel()
        await asyncio.gather(working, waiting, return_exceptions=True)


def read_text() -> str:
    """Return the UTF-8 text on standard input; raises UsageProblem where there is none."""
    if sys.stdin is None:
        raise UsageProblem("Standard input is closed, so there is no text to read there.")
    try:
        octets = sys.stdin.buffer.read()
        return octets.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UsageProblem("The text on standard input is not UTF-8.") from None
