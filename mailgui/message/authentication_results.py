"""Authentication-Results fields read (RFC 8601): what servers on the way thought of a message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_OCTETS = 20_000
_RESULT = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:/\d+)?\s*=\s*([A-Za-z][A-Za-z0-9-]*)")
_REASON = re.compile(r"\breason\s*=\s*(\"[^\"]*\"|\S+)")
# It begins where a word does and never goes back: else a long word is read from each letter.
_PROPERTY = re.compile(
    r"(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9-]*+\.[A-Za-z][A-Za-z0-9_-]*+)\s*+=\s*+(\"[^\"]*\"|\S+)"
)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One method's result, such as ``dkim=pass header.d=example.com``."""

    method: str
    result: str
    reason: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    comment: str = ""

    def property(self, *names: str) -> str | None:
        """Return the first of these properties that is there, such as ``header.d``."""
        return next((v for name in names for k, v in self.properties if k == name), None)


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field: who says it (its authserv-id), and each method's result."""

    server: str
    results: tuple[MethodResult, ...]

    def to_json_dict(self) -> dict[str, object]:
        """Return the field as the ``verify`` document holds it."""
        return {
            "server": self.server,
            "results": [
                {
                    "method": each.method,
                    "result": each.result,
                    "reason": each.reason,
                    "properties": dict(each.properties),
                    "comment": each.comment,
                }
                for each in self.results
            ],
        }


def parse_authentication_results(text: str) -> AuthenticationResults:
    """Return an unfolded Authentication-Results value (or the payload of ARC's) parsed; never
    raises.
    """
    pieces = [piece for piece in _pieces(text[:_MOST_OCTETS]) if piece[0] or piece[1]]
    server = pieces[0][0].split()[0] if pieces and pieces[0][0].split() else ""
    results = [_method(*piece) for piece in pieces[1:]]
    return AuthenticationResults(server, tuple(result for result in results if result))


def _method(text: str, comment: str) -> MethodResult | None:
    match = _RESULT.match(text)
    if match is None:
        return None
    reason = _REASON.search(text, match.end())
    properties = tuple(
        (key.lower(), value.strip('"')) for key, value in _PROPERTY.findall(text, match.end())
    )
    return MethodResult(
        match[1].lower(),
        match[2].lower(),
        reason[1].strip('"') if reason else "",
        properties,
        comment,
    )


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield each part between semicolons, and its comments; quotes and comments hide semicolons."""
    words: list[str] = []
    comments: list[str] = []
    depth, quoted = 0, False
    for char in text:
        if char == '"' and not depth:
            quoted = not quoted
        if not quoted and char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
            if char == "(" and depth == 1:
                continue
        if depth:
            comments.append(char)
        elif char == ";" and not quoted:
            yield "".join(words).strip(), "".join(comments).strip()
            words, comments = [], []
        elif char == ")" and not quoted:
            comments.append(" ")
        else:
            words.append(char)
    yield "".join(words).strip(), "".join(comments).strip()
