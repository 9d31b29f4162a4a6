"""Finding values in a JSON tree by the paths that provider files use.

Beside ``a.b``, ``a[0]`` and ``a[]`` (every item) a path may hold ``*``: every member of an object.
"""

from collections.abc import Iterator
from typing import Any

from mailgui.api.template import parse_path

_MOST = 10_000  # values that one path yields: a hostile tree may hold any number


def walk(tree: Any, path: str) -> Iterator[Any]:
    """Yield every value of ``tree`` that ``path`` leads to; the empty path is the tree itself."""
    steps = parse_path(path) if path else ()
    for number, value in enumerate(_walk(tree, steps)):
        if number >= _MOST:
            return
        yield value


def first(tree: Any, path: str) -> Any:
    """Return the first value that ``path`` leads to and that is not null, or None."""
    return next((value for value in walk(tree, path) if value is not None), None)


def _walk(value: Any, steps: tuple[str | int | None, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    for found in _step(value, step):
        yield from _walk(found, rest)


def _step(value: Any, step: str | int | None) -> Iterator[Any]:
    if isinstance(value, dict):
        if step == "*":
            yield from value.values()
        elif isinstance(step, str) and step in value:
            yield value[step]
    elif isinstance(value, list):
        if step is None:
            yield from value
        elif isinstance(step, int) and step < len(value):
            yield value[step]
