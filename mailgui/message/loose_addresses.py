"""Addresses found in fields that anybody may have written: never raising, and bounded."""

from collections.abc import Sequence
from email.utils import getaddresses

MOST_CHARACTERS = 64 * 1024  # of all fields together; a thousand addresses and more
_DEEPEST = 20  # comments within comments


def loose_addresses(texts: Sequence[str], most: int = MOST_CHARACTERS) -> list[str]:
    """Return the addresses in the values of fields, in order.

    None at all where they cannot be told: fields longer than ``most`` characters, or nested so that
    the standard library's parser, which calls itself, would not come back.
    """
    if sum(map(len, texts)) > most or any(_too_deep(text) for text in texts):
        return []
    try:
        return [address for _, address in getaddresses(texts) if address]
    except (RecursionError, ValueError, IndexError):
        return []


def _too_deep(text: str) -> bool:
    depth = deepest = 0
    for char in text:
        if char == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif char == ")":
            depth -= 1
    return deepest > _DEEPEST
