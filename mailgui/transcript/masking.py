"""Keeping secrets out of every record, at the one place where records are made.

A secret is known in each form it may travel or be echoed in: as it is in UTF-8 and Latin-1, with
any of its characters escaped for URLs, JSON, HTML or Python, as hex, and as base64 at each of the
three alignments it can have inside a longer text.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

MASK = "••••••••"
_MASK_OCTETS = MASK.encode()
_PIECE = 256 * 1024  # octets that are searched in one go
_LONGEST_FORM = 64 * 1024  # octets of a secret as it may be written: far more than any has
_SHORTEST_PART = 4  # octets of base64 or hex below which masking would hit innocent text

_T = TypeVar("_T")
_ENTITIES = {"&": b"&amp;", "<": b"&lt;", ">": b"&gt;", '"': b"&quot;", "'": b"&apos;"}
_LETTER_ESCAPES = {"\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}


def _any_case(hexadecimal: str) -> bytes:
    """Return a pattern for hexadecimal digits in either case."""
    return b"".join(
        f"[{digit}{digit.upper()}]".encode() if digit.isalpha() else digit.encode()
        for digit in hexadecimal.lower()
    )


def _spellings(char: str) -> bytes:
    """Return a pattern for all ways in which one character of a secret may be written."""
    if char.isascii() and char.isalnum():
        return char.encode()
    octets = char.encode("utf-8", "surrogateescape")
    ways = [re.escape(octets)]
    ways += [b"".join(lead + _any_case(f"{o:02x}") for o in octets) for lead in (b"%", rb"\\x")]
    if not 0xDC80 <= ord(char) <= 0xDCFF:  # else it stands for an octet that is no text
        utf16 = char.encode("utf-16-be", "surrogatepass").hex()
        units = [utf16[start : start + 4] for start in range(0, len(utf16), 4)]
        ways.append(b"".join(rb"\\u" + _any_case(unit) for unit in units))
        ways.append(f"&#0*{ord(char)};".encode())
        ways.append(b"&#[xX]0*" + _any_case(f"{ord(char):x}") + b";")
    if 0x80 <= ord(char) <= 0xFF:
        latin = char.encode("latin-1")
        ways += [re.escape(latin), b"%" + _any_case(latin.hex()), rb"\\x" + _any_case(latin.hex())]
    if char in "\"\\/'":
        ways.append(rb"\\" + re.escape(octets))
    if char == " ":
        ways.append(rb"\+")
    if char in _ENTITIES:
        ways.append(_ENTITIES[char])
    if char in _LETTER_ESCAPES:
        ways.append(rb"\\" + _LETTER_ESCAPES[char])
    return b"(?:" + b"|".join(dict.fromkeys(ways)) + b")"


def _spelled(octets: bytes) -> bytes:
    return b"".join(map(_spellings, octets.decode("utf-8", "surrogateescape")))


def _base64_cores(secret: bytes) -> Iterable[bytes]:
    """Yield what is invariant of a secret's base64 form at each alignment of a longer text."""
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + secret)
        start = (lead * 8 + 5) // 6
        end = ((lead + len(secret)) * 8) // 6
        core = encoded[start:end]
        if len(core) >= _SHORTEST_PART:
            yield core


def _patterns(secret: bytes) -> set[bytes]:
    text = secret.decode("utf-8", "surrogateescape")
    encodings = {secret}
    if all(ord(char) < 0x100 for char in text):
        encodings.add(text.encode("latin-1"))
    found = {_spelled(secret)}
    for octets in encodings:
        for core in (base64.b64encode(octets), *_base64_cores(octets)):
            found.add(_spelled(core))
            found.add(_spelled(core.translate(bytes.maketrans(b"+/", b"-_"))))
        if len(octets) >= _SHORTEST_PART:
            found.add(_any_case(octets.hex()))
    return found


class Masker:
    """Replaces known secrets, in all their forms, by a fixed mask.

    Instances belong to one conversation. ``add`` takes more secrets while it runs, such as
    the response to a challenge.
    """

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        self._known: set[bytes] = set()
        self._patterns: set[bytes] = set()
        self._compiled: re.Pattern[bytes] | None = None  # of the patterns; made when it is needed
        self._allowed: set[str] = set()
        self._whole: re.Pattern[bytes] | None = None  # of those of the allowed that hold a secret
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str | bytes) -> None:
        """Keep ``secret`` out of everything recorded from now on; empty secrets are ignored."""
        octets = _to_octets(secret) if isinstance(secret, str) else secret
        if not octets or octets in self._known:
            return
        self._known.add(octets)
        self._patterns |= _patterns(octets)
        self._compiled = None

    def allow(self, *texts: str) -> None:
        """Leave ``texts`` whole where a secret is but a part of them, as of a mailbox's name.

        They travel openly anyhow; a mask in their middle would show where in them the secret is.
        A text that is a secret itself is masked all the same.
        """
        new = [text for text in texts if text not in self._allowed]
        if not new:
            return
        self._allowed.update(new)
        pattern = self._pattern()
        holding = [] if pattern is None else [t for t in new if pattern.search(_to_octets(t))]
        if holding:
            known = [] if self._whole is None else [self._whole.pattern]
            self._whole = re.compile(
                b"|".join([*known, *(re.escape(_to_octets(t)) for t in holding)])
            )

    @property
    def knows_any(self) -> bool:
        """Whether there is any secret to keep out."""
        return bool(self._known)

    def copy(self) -> "Masker":
        """Return one that knows the same secrets, and keeps to itself what it is told from now on.

        For each connection of many: what is derived from a secret in every sign-in would add up,
        and slow the common one down.
        """
        other = Masker()
        other._known, other._patterns = set(self._known), set(self._patterns)
        other._compiled = self._compiled
        other._allowed, other._whole = set(self._allowed), self._whole
        return other

    def _pattern(self) -> re.Pattern[bytes] | None:
        if self._compiled is None and self._patterns:
            longest_first = sorted(self._patterns, key=lambda p: (-len(p), p))
            self._compiled = re.compile(b"|".join(longest_first))
        return self._compiled

    def octets(self, octets: bytes) -> bytes:
        """Return ``octets`` with every form of every secret replaced."""
        pattern = self._compiled or self._pattern()
        if not pattern:
            return octets
        if len(octets) > _PIECE:
            return _sub(pattern, octets)
        return pattern.sub(self._mask(octets), octets)

    def text(self, text: str) -> str:
        """Return ``text`` with every form of every secret replaced."""
        pattern = self._compiled or self._pattern()
        if not pattern:
            return text
        raw = _to_octets(text)
        masked = pattern.sub(self._mask(raw), raw)
        return text if masked == raw else masked.decode("utf-8", "surrogateescape")

    def _mask(self, octets: bytes) -> bytes | Callable[[re.Match[bytes]], bytes]:
        """Return what to put in a secret's place in ``octets``: the mask, but for the allowed."""
        if self._whole is None or not (spans := [m.span() for m in self._whole.finditer(octets)]):
            return _MASK_OCTETS

        def mask(match: re.Match[bytes]) -> bytes:
            start, end = match.span()
            within = any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)
            return match[0] if within else _MASK_OCTETS

        return mask

    def masked(self, value: _T) -> _T:
        """Return a value with every text and all octets in it masked, however deep they lie.

        Takes dataclasses, tuples, lists and mappings apart; other values stay as they are.
        """
        return self._masked(value) if self._patterns else value

    def _masked(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if kind is bytes:
            return self.octets(value)
        if kind is tuple or kind is list:
            return kind(map(self._masked, value))
        if isinstance(value, Mapping):
            return {self._masked(key): self._masked(each) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            changes = {
                field.name: self._masked(getattr(value, field.name))
                for field in fields(value)
                if field.init
            }
            return replace(value, **changes)
        return value


def _sub(pattern: re.Pattern[bytes], octets: bytes) -> bytes:
    """Return what ``pattern.sub`` would, searching a piece at a time.

    A search holds the interpreter's lock until it ends: over 20 MB that would be a third of a
    second in which the window stands still. Between two pieces it may go on. A match that begins in
    a piece may end beyond it, by as much as a secret's longest form.
    """
    kept: list[bytes] = []
    done, piece = 0, _PIECE
    while piece - _PIECE < len(octets):
        start = max(done, piece - _PIECE)
        while (match := pattern.search(octets, start, piece + _LONGEST_FORM)) is not None:
            if match.start() >= piece:
                break
            kept += (octets[done : match.start()], _MASK_OCTETS)
            done = start = match.end()
        piece += _PIECE
    if not kept:
        return octets
    kept.append(octets[done:])
    return b"".join(kept)


def _to_octets(text: str) -> bytes:
    """Return text as octets; lone surrogates are octets that were no UTF-8, or nothing at all."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
