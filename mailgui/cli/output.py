"""Printing results: one JSON document, or text that cannot steer the terminal."""

import json
import re
import sys

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
    """Print one JSON document on stdout."""
    sys.stdout.write(json_text(document) + "\n")
    sys.stdout.flush()


def print_text(text: str) -> None:
    """Print lines of text on stdout, whatever strangers wrote into them."""
    sys.stdout.write(visible(text, keep_newlines=True))
    sys.stdout.flush()
