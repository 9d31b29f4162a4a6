"""Reading the body of an API's answer, and finding things in it.

Paths are those of provider files: ``a.b``, ``a[0].b``, ``a[].b`` (of every item) and, for a header
of the answer, ``header:Name``.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from mailgui.api.template import parse_path
from mailgui.transcript import HttpExchange, visible

_DIGITS = 1000
_SHOWN = 200  # characters of foreign text in a sentence


@dataclass(frozen=True, slots=True)
class AnswerBody:
    """A body as far as it can be read.

    Attributes:
        tree: the JSON value, or None.
        problem: "" if it was read; else ``empty``, ``html``, ``text``, ``not_utf8``, ``too_deep``
            or ``malformed`` (meant to be JSON, but is none).
        text: for ``html`` its title, for ``text`` its beginning; both fit to be shown.
    """

    tree: Any = None
    problem: str = ""
    text: str = ""


def read_body(exchange: HttpExchange) -> AnswerBody:
    """Return what the answer's body says. Integers of any size are kept exact."""
    octets = exchange.response_body.strip()
    if not octets:
        return AnswerBody(problem="empty")
    content_type = header(exchange, "content-type").partition(";")[0].strip().lower()
    if "html" in content_type or octets[:1] == b"<":
        return AnswerBody(problem="html", text=shown(_title(octets[:65536])))
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return AnswerBody(problem="not_utf8")
    try:
        tree = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_none)
        return AnswerBody(tree)
    except RecursionError:
        return AnswerBody(problem="too_deep")
    except ValueError:
        looks_like_json = "json" in content_type or octets[:1] in b"{["
        problem = "malformed" if looks_like_json else "text"
        return AnswerBody(problem=problem, text="" if looks_like_json else shown(octets))


def _integer(digits: str) -> int | str:
    """Keep any number exact: one that Python takes too long to read stays the text it is."""
    return int(digits) if len(digits) <= _DIGITS else digits


def _number(digits: str) -> float | str:
    value = float(digits)
    return value if isfinite(value) else digits


def _none(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity are no JSON


def _title(page: bytes) -> bytes:
    """Return the title of an HTML page; without a regular expression, which a hostile page could
    keep busy for seconds.
    """
    lower = page.lower()
    tag = lower.find(b"<title")
    start = lower.find(b">", tag) + 1 if tag >= 0 else 0
    end = lower.find(b"</title", start) if start else -1
    return page[start:end] if end >= 0 else b""


def shown(text: bytes | str) -> str:
    """Return foreign text on one line, visible, and no longer than a sentence bears."""
    if isinstance(text, bytes):
        text = text[: 4 * _SHOWN].decode("utf-8", "backslashreplace")
    line = visible(" ".join(text.split()))
    return line if len(line) <= _SHOWN else line[:_SHOWN].rstrip() + "…"


def header(exchange: HttpExchange, name: str) -> str:
    """Return a header of the answer, or ""."""
    wanted = name.lower()
    return next((v for n, v in exchange.response_headers if n.lower() == wanted), "")


def find_all(exchange: HttpExchange, body: AnswerBody, path: str) -> list[Any]:
    """Return every value that ``path`` leads to; None is not one."""
    if not path:
        return []
    if path.startswith("header:"):
        value = header(exchange, path.removeprefix("header:"))
        return [value] if value else []
    return [value for value in _walk(body.tree, parse_path(path)) if value is not None]


def find_text(exchange: HttpExchange, body: AnswerBody, paths: Sequence[str]) -> str:
    """Return what the first path that leads to something leads to, as text fit to be shown."""
    for path in paths:
        found = [_scalar(value) for value in find_all(exchange, body, path)]
        texts = list(dict.fromkeys(text for text in found if text))
        if texts:
            return shown("; ".join(texts))
    return ""


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def _walk(value: Any, steps: tuple[str | int | None, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        if isinstance(value, list):
            for item in value:
                yield from _walk(item, rest)
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from _walk(value[step], rest)
    elif isinstance(value, list) and step < len(value):
        yield from _walk(value[step], rest)
