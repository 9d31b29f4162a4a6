"""Printing results: one JSON document, or text that cannot steer the terminal."""

import json
import sys

from mailgui.findings.as_text import findings_text

__all__ = ["findings_text", "print_json"]


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()
