"""JSON read for looking at: numbers to the letter, members in order and double keys kept. No Qt."""

import json
from collections.abc import Iterator
from typing import Any

from mailgui.transcript import visible

Path = tuple[int, ...]  # rows from the root down

_LONGEST_SHOWN = 300


class Number(str):
    """A number as it is written, so that no digit is lost."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """An object's members, in order, double keys included."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=Number
)


def parse(source: str | bytes) -> Any:
    """Return JSON as Members, lists, strings, Numbers, booleans and None.

    Raises ValueError with a sentence when it is not JSON.
    """
    text = source.decode("utf-8-sig", "backslashreplace") if isinstance(source, bytes) else source
    if not text.strip():
        raise ValueError("There is nothing here.")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"in line {error.lineno}, column {error.colno}"
        fault = error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"This is not JSON: {fault} {place}.") from error
    except RecursionError as error:
        raise ValueError("This JSON is nested too deeply to be shown as a tree.") from error


def size(value: Any) -> int:
    """Return how many children a value has."""
    return len(value) if isinstance(value, list) else 0


def child(value: Any, row: int) -> tuple[str | int, Any]:
    """Return key and value of the child in ``row``."""
    if isinstance(value, Members):
        return value[row]
    return row, value[row]


def words(value: Any) -> str:
    """Return a value in one line: short ones whole, containers as their size."""
    if isinstance(value, Members):
        return f"{{{len(value):,}}}" if value else "{}"
    if isinstance(value, list):
        return f"[{len(value):,}]" if value else "[]"
    if isinstance(value, Number):
        return value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"
    if isinstance(value, str):
        cut = value[:_LONGEST_SHOWN]
        quoted = visible(json.dumps(cut, ensure_ascii=False))
        more = f"… ({len(value):,} characters)" if len(value) > len(cut) else ""
        return quoted + more
    return json.dumps(value)


def to_text(value: Any, indent: str = "") -> str:
    """Return a value as JSON again, indented; numbers to the letter."""
    deeper = indent + "  "
    if isinstance(value, Members) and value:
        lines = [
            f"{deeper}{json.dumps(key, ensure_ascii=False)}: {to_text(each, deeper)}"
            for key, each in value
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        lines = [deeper + to_text(each, deeper) for each in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "{}" if isinstance(value, Members) else "[]"
    return json.dumps(value, ensure_ascii=False)


def plain(value: Any) -> str:
    """Return what Copy copies: a string's own characters, anything else as JSON."""
    return str(value) if isinstance(value, str) else to_text(value)


def path_words(root: Any, path: Path) -> str:
    """Return a path as JSONPath writes it (RFC 9535): ``$.to[0]['content-type']``."""
    text, value = "$", root
    for row in path:
        key, value = child(value, row)
        if isinstance(key, int):
            text += f"[{key}]"
        elif key.isidentifier():
            text += f".{key}"
        else:
            escaped = key.replace("\\", "\\\\").replace("'", "\\'")
            text += f"['{escaped}']"
    return text


def walk(root: Any) -> Iterator[tuple[Path, str | int | None, Any]]:
    """Yield path, key and value of everything, in the order in which it is shown."""
    yield (), None, root
    waiting: list[tuple[Path, Any, int]] = [((), root, 0)]
    while waiting:
        path, value, row = waiting.pop()
        if row >= size(value):
            continue
        waiting.append((path, value, row + 1))
        key, below = child(value, row)
        here = (*path, row)
        yield here, key, below
        if isinstance(below, list):
            waiting.append((here, below, 0))


def matches(key: str | int | None, value: Any, needle: str) -> bool:
    """Return whether ``needle`` (lower case) is in a key or in a value that is no container."""
    if isinstance(key, str) and needle in key.lower():
        return True
    if isinstance(value, list):
        return False
    return needle in (value if isinstance(value, str) else json.dumps(value)).lower()
