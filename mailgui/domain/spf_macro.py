"""SPF's macro language: RFC 7208, section 7."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_MACRO = re.compile(r"%\{([A-Za-z])(\d*)([rR]?)([.\-+,/_=]*)\}")
_LETTERS = "slodiphv"
_EXPLANATION_LETTERS = "crt"
_SPECIALS = {"%%": "%", "%_": " ", "%-": "%20"}
_LITERAL = re.compile(r"[\x21-\x24\x26-\x7e]+")
_TOP_LABEL = re.compile(
    r"\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?"
)
_MAX_NAME = 253


class MacroSyntaxError(ValueError):
    """A text breaks the macro grammar. ``position`` is where, from the text's start."""

    def __init__(self, position: int, sentence: str) -> None:
        super().__init__(sentence)
        self.position = position


@dataclass(frozen=True, slots=True)
class Macro:
    """One ``%{…}``. ``digits`` None: all parts; ``escape``: the letter was upper case."""

    letter: str
    digits: int | None = None
    reverse: bool = False
    delimiters: str = "."
    escape: bool = False


@dataclass(frozen=True, slots=True)
class MacroString:
    """A text with macros. ``text`` is how it was written."""

    text: str
    parts: tuple[str | Macro, ...]

    @property
    def letters(self) -> frozenset[str]:
        """The letters of the macros in it."""
        return frozenset(part.letter for part in self.parts if isinstance(part, Macro))

    def expand(self, values: Mapping[str, str]) -> str:
        """Return the text with each macro's value in its place (section 7.3).

        ``values`` maps every letter in ``letters`` to its value.
        """
        return "".join(
            part if isinstance(part, str) else _transform(part, values[part.letter])
            for part in self.parts
        )


def parse_macro_string(text: str, *, explanation: bool = False) -> MacroString:
    """Return ``text`` parsed. An explanation may hold spaces and the letters c, r and t.

    Raises MacroSyntaxError.
    """
    parts: list[str | Macro] = []
    position = 0
    while position < len(text):
        if text[position] == "%":
            part, position = _parse_expansion(text, position, explanation)
            parts.append(part)
        elif explanation and text[position] == " ":
            parts.append(" ")
            position += 1
        else:
            literal = _LITERAL.match(text, position)
            if literal is None:
                code = ord(text[position])
                raise MacroSyntaxError(position, f"The character \\x{code:02x} is not allowed.")
            parts.append(literal.group())
            position = literal.end()
    return MacroString(text, tuple(parts))


def _parse_expansion(text: str, position: int, explanation: bool) -> tuple[str | Macro, int]:
    special = _SPECIALS.get(text[position : position + 2])
    if special is not None:
        return special, position + 2
    match = _MACRO.match(text, position)
    if match is None:
        raise MacroSyntaxError(position, "A % must begin a macro, or be written as %%.")
    letter, digits, reverse, delimiters = match.groups()
    if letter.lower() not in _LETTERS:
        if letter.lower() not in _EXPLANATION_LETTERS:
            raise MacroSyntaxError(position, f"There is no macro %{{{letter}}}.")
        if not explanation:
            sentence = f"The macro %{{{letter}}} is for explanations only."
            raise MacroSyntaxError(position, sentence)
    if digits and not digits.strip("0"):
        raise MacroSyntaxError(position, "A macro cannot keep 0 parts.")
    macro = Macro(
        letter=letter.lower(),
        digits=_number(digits),
        reverse=bool(reverse),
        delimiters=delimiters or ".",
        escape=letter.isupper(),
    )
    return macro, match.end()


def _number(digits: str) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) < 10 else 10**9  # more parts than any name has


def parse_domain_spec(text: str) -> MacroString:
    """Return a domain-spec parsed (section 7.1): it ends in a macro, or in a dot and a top label.

    Raises MacroSyntaxError.
    """
    if not text:
        raise MacroSyntaxError(0, "The domain name is missing.")
    parsed = parse_macro_string(text)
    start = _tail_start(text)
    if start == len(text):
        return parsed
    tail = text[start:]
    dot = tail.removesuffix(".").rfind(".")
    if dot < 0 or not _TOP_LABEL.fullmatch(tail[dot:]):
        raise MacroSyntaxError(0, _domain_sentence(text))
    return parsed


def _tail_start(text: str) -> int:
    """Return where the literal text behind the last macro begins."""
    start = position = 0
    while (position := text.find("%", position)) >= 0:
        match = _MACRO.match(text, position)
        start = position = match.end() if match else position + 2
    return start


def _domain_sentence(text: str) -> str:
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", text):
        return f"{text} is an address, not a domain name; use ip4:{text}."
    if "." not in text.removesuffix("."):
        return f"{text} is not a full domain name."
    return f"{text} does not end in a valid top-level domain."


def _transform(macro: Macro, value: str) -> str:
    parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
    if macro.reverse:
        parts.reverse()
    if macro.digits is not None:
        parts = parts[-macro.digits :]
    text = ".".join(parts)
    return quote(text, safe="-._~") if macro.escape else text


def as_target_name(expanded: str) -> str:
    """Return an expanded domain-spec as a name to ask for, cut on the left to 253 octets."""
    name = expanded.removesuffix(".")
    while len(name) > _MAX_NAME and "." in name:
        name = name.partition(".")[2]
    return name
