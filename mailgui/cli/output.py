"""Printing results: one JSON document, or text that cannot steer the terminal."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from mailgui.findings import Finding

EX_IOERR = 74
"""The exit code where the result could not be written (sysexits' EX_IOERR)."""

_NOT_ASCII = re.compile(r"[\x7f-\U0010ffff]")


def json_text(document: object) -> str:
    """Return a document as JSON. What a terminal would obey or cannot print is escaped, which JSON
    allows and leaves unescaped: C1 controls, characters that turn or hide text, lone surrogates.
    """
    return _NOT_ASCII.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2))


def _escaped(match: re.Match[str]) -> str:
    from mailgui.transcript import visible

    char = match[0]
    if visible(char) == char:
        return char
    octets = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{octets[start : start + 4]}" for start in range(0, len(octets), 4))


def print_json(document: object) -> None:
    """Print one JSON document on stdout; in ASCII where that cannot carry all of it."""
    text = json_text(document)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    _write(text + "\n")


def findings_text(findings: "Iterable[Finding]") -> str:
    """Return findings as text: a mark, the title, and below it what it means and what to do."""
    from mailgui.findings.as_text import findings_text as as_text

    return as_text(findings)


def print_text(text: str) -> None:
    """Print lines of text on stdout, whatever strangers wrote into them."""
    from mailgui.transcript import visible

    _write(visible(text, keep_newlines=True))


def ready_streams() -> None:
    """Make stdout and stderr take any text: closed ones swallow it, narrow ones escape it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell, as by >&-
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, nowhere)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write_octets(octets: bytes) -> None:
    """Write to stdout octet for octet, so that it can go into a file. Raises OutputProblem."""
    with _to_stdout():
        sys.stdout.flush()
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()


def flush() -> None:
    """Write what is left of stdout, before the interpreter would. Raises OutputProblem."""
    with _to_stdout():
        sys.stdout.flush()


class OutputProblem(Exception):
    """The result cannot be written; the text is one plain sentence."""


@contextmanager
def _to_stdout() -> Iterator[None]:
    """A reader of stdout that has gone, as ``head``, changes nothing of the outcome."""
    try:
        yield
    except BrokenPipeError:
        abandon(sys.stdout)
    except OSError as problem:
        abandon(sys.stdout)
        reason = (problem.strerror or str(problem)).lower()
        raise OutputProblem(f"The result cannot be written: {reason}.") from None


def abandon(stream: TextIO) -> None:
    """Let the rest of a stream go nowhere, so that the interpreter's last flush does not fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _write(text: str) -> None:
    with _to_stdout():
        sys.stdout.write(text)
        sys.stdout.flush()
