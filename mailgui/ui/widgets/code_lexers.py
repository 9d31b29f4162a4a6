"""Small lexers for the languages that code is exported in: comments, texts, numbers, keywords.

They colour what MailGUI writes, not everything that the languages allow. State 0 is plain code.
"""

import re

from mailgui.ui.widgets.lexer_pieces import Kind, Lexer, Piece

_PYTHON = (
    "and as assert async await class def del elif else except False finally for from if import in "
    "is lambda None not or pass raise return True try while with yield"
)
_JAVASCRIPT = (
    "async await class const else export false for from function if import let new null return "
    "true undefined var while"
)
_PHP = (
    "array catch class echo else exit false fn for foreach function if implements isset new null "
    "public require return throw true try use"
)
_GO = (
    "any break case const else false for func if import map nil package range return struct switch "
    "true type var bool byte error int string"
)
_SHELL = "cat base64 curl swaks printf tr fold sed echo trap mktemp rm export date"

_STRINGS = r"(?P<string>f?\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?)"
_NUMBER = r"(?P<number>\b\d+(?:\.\d+)?\b)"
_COLOURS = {
    "comment": Kind.COMMENT,
    "string": Kind.STRING,
    "number": Kind.ATTRIBUTE,
    "word": Kind.NAME,
    "variable": Kind.TEMPLATE,
}


def _lexer(comment: str, keywords: str, variable: str = "(?!)") -> Lexer:
    words = "|".join(keywords.split())
    pattern = re.compile(
        rf"(?P<comment>{comment}.*)|{_STRINGS}|(?P<variable>{variable})"
        rf"|(?P<word>(?<![\w.>$-])(?:{words})\b(?!-))|{_NUMBER}"
    )

    def lex(line: str, state: int) -> tuple[list[Piece], int]:
        pieces = [
            (match.start(), len(match.group()), _COLOURS[match.lastgroup or "word"])
            for match in pattern.finditer(line)
        ]
        return pieces, state

    return lex


_PLAIN, _SINGLE, _DOCUMENT = range(3)
_IN_SHELL = re.compile(
    r"(?P<comment>(?:^|(?<=\s))#.*)|(?P<variable>\"?\$\{?\w+\}?\"?)|(?P<string>\$'(?:[^'\\]|\\.)*'"
    r"|'[^']*'|\"(?:[^\"\\$]|\\.|\$)*\")|(?P<open>'[^']*$)|(?P<word>(?:(?<=\s)|^)--?[a-z][\w-]*"
    rf"|(?<![\w.-])(?:{'|'.join(_SHELL.split())})\b(?![.-]))"
)
_HERE = re.compile(r"<<'?[A-Z_0-9]+'?")
_END = re.compile(r"(?:EOF|JSON|BASE64)_*")


def shell(line: str, state: int) -> tuple[list[Piece], int]:
    """A shell: options, texts over several lines, documents, variables."""
    if state == _DOCUMENT:
        ended = _END.fullmatch(line) is not None
        return [(0, len(line), Kind.NAME if ended else Kind.STRING)], _PLAIN if ended else state
    pieces: list[Piece] = []
    place = 0
    if state == _SINGLE:
        end = line.find("'")
        if end < 0:
            return [(0, len(line), Kind.STRING)], _SINGLE
        pieces.append((0, end + 1, Kind.STRING))
        place = end + 1
    state = _PLAIN
    for match in _IN_SHELL.finditer(line, place):
        if match.lastgroup == "open":
            pieces.append((match.start(), len(match.group()), Kind.STRING))
            return pieces, _SINGLE
        kind = _COLOURS[match.lastgroup or "word"]
        pieces.append((match.start(), len(match.group()), kind))
    if here := _HERE.search(line):
        pieces.append((here.start(), len(here.group()), Kind.NAME))
        state = _DOCUMENT
    return pieces, state


CODE_LEXERS: dict[str, Lexer] = {
    "python": _lexer("#", _PYTHON, r"os\.environ"),
    "javascript": _lexer("//", _JAVASCRIPT, r"process\.env\.\w+"),
    "php": _lexer("//", _PHP, r"\$\w+"),
    "go": _lexer("//", _GO, r"os\.Getenv"),
    "shell": shell,
}
