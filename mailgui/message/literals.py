"""Values as literals of a programming language: the only way by which a text gets into code.

What comes out is ``Source``; the templates of ``code_page`` take nothing else, so that a text which
was not quoted is a fault when the code is made, never a surprise when it runs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mailgui.transcript import visible

_WIDE = 76  # characters after which a text without blanks is broken, as base64 is
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Source(str):
    """Text that is code already, and holds nothing of a stranger's that is not quoted."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable, read when the code runs. ``name`` is an identifier."""

    name: str


@dataclass(frozen=True, slots=True)
class FileBase64:
    """A file's content in base64, read when the code runs."""

    path: str


Piece = str | Variable | FileBase64


@dataclass(frozen=True, slots=True)
class Mixed:
    """A text that is put together when the code runs."""

    pieces: tuple[Piece, ...]


Text = str | Mixed


def joined(*texts: Text | Piece) -> Text:
    """Return texts one after another as one; a plain one where all are."""
    pieces: list[Piece] = []
    for text in texts:
        for piece in text.pieces if isinstance(text, Mixed) else (text,):
            if pieces and isinstance(piece, str) and isinstance(pieces[-1], str):
                pieces[-1] += piece
            elif piece != "":
                pieces.append(piece)
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(map(str, pieces))
    return Mixed(tuple(pieces))


def is_identifier(name: str) -> bool:
    """Whether ``name`` can be that of an environment variable in every shell."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None


def escaped(text: str, table: Mapping[str, str], escape: Callable[[int], str]) -> str:
    """Return ``text`` with the characters of ``table`` replaced, and with ``escape`` of its code
    point each that is invisible or would steer a terminal.
    """
    made = []
    for char in text:
        replaced = table.get(char)
        if replaced is None:
            replaced = char if visible(char) == char else escape(ord(char))
        made.append(replaced)
    return "".join(made)


class Dialect:
    """How one language writes values. Derived classes say how; layout is the same for all.

    Attributes:
        indent: one step of it.
        comment: what begins a comment.
        words: how true, false and null are written.
        plus: the operator that joins texts.
        object_, list_: what opens and closes them.
        colon: between a name and its value.
    """

    indent: ClassVar[str] = "    "
    comment: ClassVar[str] = "# "
    words: ClassVar[tuple[str, str, str]] = ("true", "false", "null")
    plus: ClassVar[str] = " + "
    object_: ClassVar[tuple[str, str]] = ("{", "}")
    list_: ClassVar[tuple[str, str]] = ("[", "]")
    empty_object: ClassVar[str] = "{}"
    empty_list: ClassVar[str] = "[]"
    colon: ClassVar[str] = ": "

    def quoted(self, text: str) -> str:
        """Return a text as one literal."""
        raise NotImplementedError

    def variable(self, name: str) -> str:
        """Return what reads an environment variable."""
        raise NotImplementedError

    def file_base64(self, path: str) -> str:
        """Return what reads a file as base64."""
        raise NotImplementedError

    def text(self, text: Text) -> Source:
        """Return a text on one line."""
        if isinstance(text, str):
            return Source(self.quoted(text))
        return self.mixed(text)

    def mixed(self, text: Mixed) -> Source:
        """Return a text that is put together at run time."""
        made = [self._piece(piece) for piece in text.pieces if piece != ""]
        return Source(self.plus.join(made) or self.quoted(""))

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, str):
            return self.quoted(piece)
        if isinstance(piece, Variable):
            return self.variable(piece.name)
        return self.file_base64(piece.path)

    def block(self, text: Text, depth: int = 0) -> Source:
        """Return a text, each of its lines on one of its own; ``depth`` is that of the line that
        it begins on.
        """
        if not isinstance(text, str):
            return self.mixed(text)
        lines = broken(text)
        if len(lines) < 2:
            return self.text(text)
        return Source(self.stacked([self.quoted(line) for line in lines], depth))

    def stacked(self, literals: Sequence[str], depth: int) -> str:
        """Join literals over several lines."""
        margin = "\n" + self.indent * (depth + 1)
        return (self.plus.rstrip() + margin).join(literals)

    def value(self, value: Any, depth: int = 0) -> Source:
        """Return a value of JSON's kinds, its texts perhaps mixed, over as many lines as it needs.

        ``depth`` is that of the line that it begins on.
        """
        if isinstance(value, str | Mixed):
            return self.block(value, depth)
        if value is None or isinstance(value, bool):
            return Source(self.words[2] if value is None else self.words[not value])
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return Source(repr(value))

    def _object(self, value: Mapping[str, Any], depth: int) -> Source:
        if not value:
            return Source(self.empty_object)
        members = [(self.key(name), self.member(each, depth + 1)) for name, each in value.items()]
        return self._enclosed(self.object_, self.lined_up(members), depth)

    def _list(self, value: Sequence[Any], depth: int) -> Source:
        if not value:
            return Source(self.empty_list)
        items = [self.member(each, depth + 1) for each in value]
        short = len(", ".join(items)) < _WIDE and not any("\n" in item for item in items)
        if short and all(isinstance(each, str) for each in value):
            return Source(f"{self.list_[0]}{', '.join(items)}{self.list_[1]}")
        return self._enclosed(self.list_, items, depth)

    def key(self, name: str) -> str:
        """Return the name of a member."""
        return self.quoted(name)

    def member(self, value: Any, depth: int) -> str:
        """Return a value inside a list or an object."""
        return self.value(value, depth)

    def lined_up(self, members: Sequence[tuple[str, str]]) -> list[str]:
        """Return the members of an object."""
        return [f"{name}{self.colon}{value}" for name, value in members]

    def _enclosed(self, marks: tuple[str, str], items: Sequence[str], depth: int) -> Source:
        margin = "\n" + self.indent * (depth + 1)
        inside = "".join(f"{margin}{item}," for item in items)
        return Source(f"{marks[0]}{inside}\n{self.indent * depth}{marks[1]}")

    def remark(self, sentence: str) -> Source:
        """Return a sentence as a comment, in lines of moderate length."""
        return Source("\n".join(self.comment + line for line in wrapped(sentence)))


def wrapped(sentence: str, width: int = 88) -> list[str]:
    """Return a sentence in lines, fit for a comment of any language."""
    import textwrap

    plain = visible(" ".join(sentence.split()))
    # What would end a comment or the program: PHP's mark, those of C, a shell's line.
    plain = plain.replace("?>", "?").replace("*/", "*").replace("\\", "/")
    said, mark, command = plain.partition(": export ")
    if mark and len(plain) > width:  # a command to copy stays on one line
        return [*wrapped(f"{said}:", width), f"export {command}"]
    return textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False) or [""]


def broken(text: str) -> list[str]:
    """Return the pieces in which a text is laid out: its lines; long base64 in lines of its own."""
    lines = _LINES.findall(text)
    if len(lines) == 1 and len(text) > 4 * _WIDE and re.fullmatch(r"[A-Za-z0-9+/=_-]+\n?", text):
        return [text[start : start + _WIDE] for start in range(0, len(text), _WIDE)]
    return lines
