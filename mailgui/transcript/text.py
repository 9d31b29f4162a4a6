"""Foreign octets and text made fit to be shown: nothing invisible or terminal-steering is left."""

import re

# C0 and C1 controls, the soft hyphen, bidirectional marks, overrides and isolates, zero-width
# characters and fillers, line separators, lone surrogates (no terminal or file can take one),
# interlinear annotation, tags and noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, *, keep_newlines: bool = False) -> str:
    """Return ``text`` with control and direction characters written as ``\\xNN`` or ``\\uNNNN``.

    With ``keep_newlines`` line feeds and tabs stay as they are.
    """
    if text.isprintable() and text.isascii():
        return text
    if keep_newlines:
        return _INVISIBLE.sub(lambda m: m.group() if m.group() in "\n\t" else _escape(m), text)
    return _INVISIBLE.sub(_escape, text)


def octets_to_text(octets: bytes) -> str:
    """Return octets as text: UTF-8 where they are, ``\\xNN`` where not, controls made visible.

    One trailing line ending is dropped, since an event is a line.
    """
    if octets.endswith(b"\n"):
        octets = octets[:-2] if octets.endswith(b"\r\n") else octets[:-1]
    return visible(octets.decode("utf-8", "backslashreplace"))
