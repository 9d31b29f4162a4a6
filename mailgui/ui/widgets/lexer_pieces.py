"""What the lexers return: pieces of a line, each of a kind."""

from collections.abc import Callable
from enum import IntEnum


class Kind(IntEnum):
    """What a piece is; the highlighter gives each a colour."""

    NAME = 1  # tags, keywords, header names, commands
    ATTRIBUTE = 2  # attributes, numbers, status codes
    STRING = 3
    COMMENT = 4
    TEMPLATE = 5  # {{ … }}
    WRONG = 6  # 4xx and 5xx


Piece = tuple[int, int, Kind]
Lexer = Callable[[str, int], tuple[list[Piece], int]]
