"""Printing results: one JSON document, or text that cannot steer the terminal."""

import json
import os
import re
import sys
from pathlib import Path

from mailgui.cli.usage import UsageProblem
from mailgui.findings.as_text import findings_text
from mailgui.transcript import visible

__all__ = ["findings_text", "json_text", "print_json", "print_text"]

_NOT_ASCII = re.compile(r"[\x7f-\U0010ffff]")


def json_text(document: object) -> str:
    """Return a document as JSON. What a terminal would obey or cannot print is escaped, which JSON
    allows and leaves unescaped: C1 controls, characters that turn or hide text, lone surrogates.
    """
    return _NOT_ASCII.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2))


def _escaped(match: re.Match[str]) -> str:
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


def print_text(text: str) -> None:
    """Print lines of text on stdout, whatever strangers wrote into them."""
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


def abandon_stdout() -> None:
    """Let the rest of stdout go nowhere, so that the interpreter's last flush does not fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _write(text: str) -> None:
    """Write to stdout. A reader that has gone, as ``head``, changes nothing of the outcome."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
    except OSError as problem:
        abandon_stdout()
        reason = (problem.strerror or str(problem)).lower()
        raise UsageProblem(f"The result cannot be written: {reason}.") from None
