"""Small lexers that cut a line of HTML, JSON, HTTP or SMTP into coloured pieces. No Qt.

A lexer takes a line and the state that the line before left, and returns the pieces
``(start, length, kind)`` and the state for the next line. State 0 is the beginning.
"""

import re
from collections.abc import Callable

from mailgui.ui.widgets.code_lexers import CODE_LEXERS
from mailgui.ui.widgets.lexer_pieces import Kind, Lexer, Piece

__all__ = ["LEXERS", "Kind", "Lexer", "Piece"]


_TEXT, _TAG, _COMMENT, _DOUBLE, _SINGLE = range(5)
_TAG_START = re.compile(r"</?[A-Za-z][^\s>/]*|<![A-Za-z][^>]*>?|<\?[^>]*>?")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_IN_TAG = re.compile(
    r"(?P<end>/?>)|(?P<name>[^\s\"'<>/=]+)|(?P<quote>[\"'])|(?P<bare>(?<==)[^\s\"'>]+)"
)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")


def html(line: str, state: int) -> tuple[list[Piece], int]:
    """HTML: tags, attributes, values, comments, entities and template marks."""
    pieces: list[Piece] = []
    place = 0
    while place < len(line) or (place == 0 and not line):
        if not line:
            break
        place, state = _HTML_STEPS[state](line, place, pieces)
    pieces += [
        (match.start(), len(match.group()), Kind.TEMPLATE) for match in _TEMPLATE.finditer(line)
    ]
    return pieces, state


def _html_text(line: str, place: int, pieces: list[Piece]) -> tuple[int, int]:
    opening = line.find("<", place)
    end = len(line) if opening < 0 else opening
    pieces += [
        (match.start(), len(match.group()), Kind.ATTRIBUTE)
        for match in _ENTITY.finditer(line, place, end)
    ]
    if opening < 0:
        return len(line), _TEXT
    if line.startswith("<!--", opening):
        pieces.append((opening, 4, Kind.COMMENT))
        return opening + 4, _COMMENT
    match = _TAG_START.match(line, opening)
    if not match:
        return opening + 1, _TEXT
    pieces.append((opening, len(match.group()), Kind.NAME))
    return match.end(), _TEXT if match.group()[1] in "!?" else _TAG


def _html_comment(line: str, place: int, pieces: list[Piece]) -> tuple[int, int]:
    end = line.find("-->", place)
    stop = len(line) if end < 0 else end + 3
    pieces.append((place, stop - place, Kind.COMMENT))
    return stop, _COMMENT if end < 0 else _TEXT


def _html_tag(line: str, place: int, pieces: list[Piece]) -> tuple[int, int]:
    match = _IN_TAG.search(line, place)
    if not match:
        return len(line), _TAG
    start, length = match.start(), len(match.group())
    if match["end"]:
        pieces.append((start, length, Kind.NAME))
        return match.end(), _TEXT
    if match["quote"]:
        pieces.append((start, length, Kind.STRING))
        return match.end(), _DOUBLE if match["quote"] == '"' else _SINGLE
    bare = bool(match["bare"]) or line[start - 1 : start] == "="
    pieces.append((start, length, Kind.STRING if bare else Kind.ATTRIBUTE))
    return match.end(), _TAG


def _html_value(quote: str, state: int) -> Callable[[str, int, list[Piece]], tuple[int, int]]:
    def step(line: str, place: int, pieces: list[Piece]) -> tuple[int, int]:
        end = line.find(quote, place)
        stop = len(line) if end < 0 else end + 1
        pieces.append((place, stop - place, Kind.STRING))
        return stop, state if end < 0 else _TAG

    return step


_HTML_STEPS = (
    _html_text,
    _html_tag,
    _html_comment,
    _html_value('"', _DOUBLE),
    _html_value("'", _SINGLE),
)

_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>\b(?:true|false|null)\b)"
)
_JSON_KINDS = {
    "key": Kind.NAME,
    "string": Kind.STRING,
    "number": Kind.ATTRIBUTE,
    "word": Kind.ATTRIBUTE,
}


def json(line: str, state: int) -> tuple[list[Piece], int]:
    """JSON: keys, strings, numbers and words."""
    pieces = [
        (match.start(), len(match.group()), _JSON_KINDS[match.lastgroup or "string"])
        for match in _JSON.finditer(line)
    ]
    return pieces, state


_REQUEST = re.compile(r"([A-Z]+) (\S+)(?: (HTTP/[\d.]+))?$")
_STATUS = re.compile(r"(HTTP/[\d.]+) (\d{3})\b")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+|:[a-z]+):(?=\s|$)")
_HEAD, _BODY = 0, 1


def http(line: str, state: int) -> tuple[list[Piece], int]:
    """HTTP: request or status line, headers, and a body coloured as JSON."""
    if state == _BODY:
        pieces, _state = json(line, 0)
        return pieces, _BODY
    if not line.strip():
        return [], _BODY
    if match := _STATUS.match(line):
        kind = Kind.WRONG if match[2][0] in "45" else Kind.STRING
        return [(0, len(match[1]), Kind.COMMENT), (match.start(2), 3, kind)], _HEAD
    if match := _REQUEST.match(line):
        return [(0, len(match[1]), Kind.ATTRIBUTE), (match.start(2), len(match[2]), Kind.NAME)], 0
    if match := _HEADER.match(line):
        return [(0, match.end(), Kind.NAME)], _HEAD
    return [], _HEAD


_MARK = re.compile(r"(===|\*\*\*|<-|<~|<\*\*|<~\*| ->| ~>) +|(===|\*\*\*)$")
_REPLY = re.compile(r"(\d{3})([ -]|$)(\d\.\d{1,3}\.\d{1,3})?")
_VERB = re.compile(r"[A-Za-z]{4,8}(?= |$)")


def smtp(line: str, state: int) -> tuple[list[Piece], int]:
    """SMTP: replies by their code, commands by their verb, with or without transcript marks."""
    mark = _MARK.match(line)
    place = mark.end() if mark else 0
    if mark and mark.group().startswith("==="):
        return [(0, len(line), Kind.COMMENT)], state
    if mark and mark.group().startswith("***"):
        return [(0, len(line), Kind.WRONG)], state
    if reply := _REPLY.match(line, place):
        kind = Kind.WRONG if reply[1][0] in "45" else Kind.STRING
        return [(place, reply.end() - place, kind)], state
    if verb := _VERB.match(line, place):
        return [(place, len(verb.group()), Kind.NAME)], state
    return [], state


LEXERS: dict[str, Lexer] = {"html": html, "json": json, "http": http, "smtp": smtp, **CODE_LEXERS}
