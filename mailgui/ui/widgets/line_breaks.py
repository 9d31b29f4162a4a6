"""Where lines may break: inside words too long for a line, never between a number and its unit."""

import re

_BREAK = "\u200b"
_NO_BREAK = "\u00a0"
_LONG_WORD = re.compile(r"[^\s\u200b]{24,}")
_JOINT = re.compile(r"(?<=[\w)])([.@/_=&?,;:-]+)(?=\w{2})")
_STRETCH = re.compile(r"[^\s\u200b]{8}(?=[^\s\u200b]{4})")
_UNIT = re.compile(r"(?<=\d) (?=(?:%|(?:ms|s|min|h|KB|MB|GB)\b))")


def breakable(text: str) -> str:
    """Return ``text`` with marks nobody sees, where its long words, such as ids, may break."""
    return _LONG_WORD.sub(_broken, text)


def together(text: str) -> str:
    """Return ``text`` with its blanks made such that no line breaks there."""
    return text.replace(" ", _NO_BREAK)


def units_together(text: str) -> str:
    """Return ``text`` so that "34 ms" stays on one line."""
    return _UNIT.sub(_NO_BREAK, text)


def without_breaks(text: str) -> str:
    """Return a text as it was before it was given places to break."""
    return text.replace(_BREAK, "")


def without_marks(text: str) -> str:
    """Return a text of our own, without any mark of this module."""
    return without_breaks(text).replace(_NO_BREAK, " ")


def _broken(found: re.Match[str]) -> str:
    joints = _JOINT.sub(lambda joint: joint.group() + _BREAK, found.group())
    return _STRETCH.sub(lambda stretch: stretch.group() + _BREAK, joints)
