"""The languages that code is made in: Python, JavaScript, PHP, Go and the shell."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from mailgui.message.literals import Dialect, Mixed, Source, Text, Variable
from mailgui.transcript import visible

_C = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DOUBLE = {**_C, '"': '\\"'}
_LONGEST = 88  # characters of a line of Python
_SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+:,./][A-Za-z0-9_@%+=:,./-]*")


def _bytewise(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x80 else _unicode(code)


def _unicode(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Python(Dialect):
    """Python, laid out as Black and Ruff do."""

    words: ClassVar[tuple[str, str, str]] = ("True", "False", "None")

    def quoted(self, text: str) -> str:
        return f'"{_escaped_double(text)}"'

    def variable(self, name: str) -> str:
        return f'os.environ["{name}"]'

    def file_base64(self, path: str) -> str:
        return f"base64.b64encode(Path({self.quoted(path)}).read_bytes()).decode()"

    def mixed(self, text: Mixed) -> Source:
        variables = [piece for piece in text.pieces if isinstance(piece, Variable)]
        if len(text.pieces) == 1 or len(variables) + _texts(text) < len(text.pieces):
            return super().mixed(text)
        made = "".join(
            f"{{os.environ['{piece.name}']}}"
            if isinstance(piece, Variable)
            else _escaped_double(str(piece)).replace("{", "{{").replace("}", "}}")
            for piece in text.pieces
        )
        return Source(f'f"{made}"')

    def stacked(self, literals: Sequence[str], depth: int) -> str:
        margin = "\n" + self.indent * (depth + 1)
        return f"({margin}{margin.join(literals)}\n{self.indent * depth})"

    def call(self, function: Source, first: Text, *more: Source, depth: int = 0) -> Source:
        """Return the call of a function, its first argument a text perhaps of many lines."""
        block = self.block(first, depth)
        if "\n" in block:
            inside = block[1:-1].rstrip()
            if not more:
                return Source(f"{function}({inside}\n{self.indent * depth})")
            return self.arguments(function, [inside.lstrip(), *more], depth)
        return self.arguments(function, [block, *more], depth)

    def arguments(self, function: Source, arguments: Sequence[str], depth: int = 0) -> Source:
        """Return a call, on one line where that is not too long."""
        line = f"{function}({', '.join(arguments)})"
        if len(line) + len(self.indent) * depth <= _LONGEST and "\n" not in line:
            return Source(line)
        margin = "\n" + self.indent * (depth + 1)
        inside = "".join(f"{margin}{each}," for each in arguments)
        return Source(f"{function}({inside}\n{self.indent * depth})")


class JavaScript(Dialect):
    """JavaScript, laid out as Prettier does."""

    indent: ClassVar[str] = "  "
    comment: ClassVar[str] = "// "

    def quoted(self, text: str) -> str:
        return '"' + "".join(map(self._char, text)) + '"'

    @staticmethod
    def _char(char: str) -> str:
        if char in _DOUBLE:
            return _DOUBLE[char]
        if visible(char) == char:
            return char
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"

    def key(self, name: str) -> str:
        plain = re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", name) and name != "__proto__"
        return (
            name
            if plain
            else f"[{self.quoted(name)}]"
            if name == "__proto__"
            else self.quoted(name)
        )

    def variable(self, name: str) -> str:
        return f"process.env.{name}"

    def file_base64(self, path: str) -> str:
        return f'readFileSync({self.quoted(path)}, "base64")'


class Php(Dialect):
    """PHP 7.4 and later, laid out as PSR-12 wants."""

    comment: ClassVar[str] = "// "
    plus: ClassVar[str] = " . "
    object_: ClassVar[tuple[str, str]] = ("[", "]")
    empty_object: ClassVar[str] = "new stdClass()"
    colon: ClassVar[str] = " => "

    def quoted(self, text: str) -> str:
        if visible(text) == text:
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        made = "".join(map(self._char, text))
        return f'"{made}"'

    @staticmethod
    def _char(char: str) -> str:
        if char == "$":
            return "\\$"
        if char in _DOUBLE:
            return _DOUBLE[char]
        return char if visible(char) == char else f"\\u{{{ord(char):x}}}"

    def variable(self, name: str) -> str:
        return f"getenv('{name}')"

    def file_base64(self, path: str) -> str:
        return f"base64_encode(file_get_contents({self.quoted(path)}))"

    def stacked(self, literals: Sequence[str], depth: int) -> str:
        margin = "\n" + self.indent * (depth + 1)
        return f"{margin}. ".join(literals)


class Go(Dialect):
    """Go, laid out as gofmt does."""

    indent: ClassVar[str] = "\t"
    comment: ClassVar[str] = "// "
    words: ClassVar[tuple[str, str, str]] = ("true", "false", "nil")
    object_: ClassVar[tuple[str, str]] = ("map[string]any{", "}")
    list_: ClassVar[tuple[str, str]] = ("[]any{", "}")
    empty_object: ClassVar[str] = "map[string]any{}"
    empty_list: ClassVar[str] = "[]any{}"

    def quoted(self, text: str) -> str:
        made = []
        for char in text:
            code = ord(char)
            if char in _DOUBLE:
                made.append(_DOUBLE[char])
            elif 0xD800 <= code <= 0xDFFF:
                made.append("\\ufffd")  # Go's texts are UTF-8
            else:
                made.append(char if visible(char) == char else _bytewise(code))
        return '"' + "".join(made) + '"'

    def variable(self, name: str) -> str:
        return f'os.Getenv("{name}")'

    def file_base64(self, path: str) -> str:
        return f"base64Of({self.quoted(path)})"

    def lined_up(self, members: Sequence[tuple[str, str]]) -> list[str]:
        """Return the members, the values of neighbours on one line under one another.

        As gofmt has it: a value of several lines ends a group.
        """
        made: list[str] = []
        for several, group in groupby(members, key=lambda member: "\n" in member[1]):
            found = list(group)
            width = 0 if several else max(len(name) for name, _ in found)
            for name, value in found:
                made.append(f"{name}: {' ' * (width - len(name))}{value}")
        return made


class Shell(Dialect):
    """A POSIX shell; texts with control characters need bash, ksh, zsh or dash 0.5.11's ``$''``."""

    indent: ClassVar[str] = "  "
    plus: ClassVar[str] = ""

    def quoted(self, text: str) -> str:
        """Return a word of the command line, quoted where it has to be."""
        return text if _SAFE_WORD.fullmatch(text) else self.forced(text)

    @staticmethod
    def forced(text: str) -> str:
        """Return a word in quotes, whatever it is."""
        if visible(text, keep_newlines=True) == text:
            return "'" + text.replace("'", "'\\''") + "'"
        return Shell._escaped(text)

    @staticmethod
    def on_one_line(text: str) -> str:
        """Return a word in quotes, without a line break in it."""
        return Shell._escaped(text) if "\n" in text else Shell.forced(text)

    @staticmethod
    def _escaped(text: str) -> str:
        made = []
        for char in text:
            if char in "\\'":
                made.append("\\" + char)
            elif char in _C:
                made.append(_C[char])
            elif visible(char) == char:
                made.append(char)
            else:
                octets = char.encode("utf-8", "replace")
                made.append("".join(f"\\{octet:03o}" for octet in octets))
        return "$'" + "".join(made) + "'"

    def variable(self, name: str) -> str:
        return f'"${name}"'

    def file_base64(self, path: str) -> str:
        return f"\"$(base64 < {self.forced(path)} | tr -d '\\n')\""

    def mixed(self, text: Mixed) -> Source:
        """Return one word: in double quotes where all of it is plain, else quotes side by side."""
        pieces = [piece for piece in text.pieces if piece != ""]
        plain = all(
            isinstance(piece, Variable)
            or (isinstance(piece, str) and re.fullmatch(r"[A-Za-z0-9_@%+=:,./ -]+", piece))
            for piece in pieces
        )
        if not plain:
            return super().mixed(Mixed(tuple(pieces)))
        made = ""
        for place, piece in enumerate(pieces):
            if isinstance(piece, str):
                made += piece
                continue
            after = pieces[place + 1] if place + 1 < len(pieces) else ""
            name = piece.name if isinstance(piece, Variable) else ""
            glued = isinstance(after, str) and re.match(r"[A-Za-z0-9_]", after)
            made += f"${{{name}}}" if glued else f"${name}"
        return Source(f'"{made}"')

    def block(self, text: Text, depth: int = 0) -> Source:
        return self.text(text)


def _escaped_double(text: str) -> str:
    made = []
    for char in text:
        if char in _DOUBLE:
            made.append(_DOUBLE[char])
        else:
            code = ord(char)
            escape = f"\\x{code:02x}" if code < 0x100 else _unicode(code)
            made.append(char if visible(char) == char else escape)
    return "".join(made)


def _texts(text: Mixed) -> int:
    return sum(isinstance(piece, str) for piece in text.pieces)


PYTHON, JAVASCRIPT, PHP, GO, SHELL = Python(), JavaScript(), Php(), Go(), Shell()
