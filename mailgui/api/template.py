"""Templates and positions in a body: the two small languages that provider files are written in.

A template is any JSON value whose strings may hold ``{placeholders}``. A string that is one
placeholder and nothing else becomes the value itself, whatever its type. What an empty (None)
placeholder is part of is left out; an object or list that empties because of that, too.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class _Nothing:
    """What is left of a template whose placeholders are empty."""


NOTHING = _Nothing()


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """Return ``template`` with its placeholders filled in, or ``NOTHING``.

    Placeholders that ``values`` does not know stay as they are written.
    """
    if isinstance(template, str):
        return _fill_text(template, values)
    if isinstance(template, Mapping):
        members = {key: fill(value, values) for key, value in template.items()}
        kept = {key: value for key, value in members.items() if value is not NOTHING}
        return kept if kept or not members else NOTHING
    if isinstance(template, list):
        items = [item for item in (fill(item, values) for item in template) if item is not NOTHING]
        return items if items or not template else NOTHING
    return template


def _fill_text(template: str, values: Mapping[str, Any]) -> Any:
    whole = PLACEHOLDER.fullmatch(template)
    if whole and whole[1] in values:
        value = values[whole[1]]
        return NOTHING if value is None else value
    for name in PLACEHOLDER.findall(template):
        if name in values and values[name] is None:
            return NOTHING
    return PLACEHOLDER.sub(lambda m: str(values.get(m[1], m[0])), template)


def placeholders(template: Any) -> Iterator[str]:
    """Yield the names of the placeholders in ``template``."""
    if isinstance(template, str):
        yield from PLACEHOLDER.findall(template)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from placeholders(value)
    elif isinstance(template, list):
        for item in template:
            yield from placeholders(item)


_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>\d*)\]")


def parse_path(path: str) -> tuple[str | int | None, ...]:
    """Return the steps of a position: names, indexes, and None for ``[]``.

    Raises ValueError with a sentence when it is malformed.
    """
    steps: list[str | int | None] = []
    position = 0
    while position < len(path):
        if (
            path[position] == "."
            and 0 < position < len(path) - 1
            and path[position + 1] not in ".["
        ):
            position += 1
        match = _STEP.match(path, position)
        if not match:
            raise ValueError(f"“{path}” is not a position such as “a.b”, “a[0].b” or “a[]”.")
        index = match["index"]
        steps.append(match["name"] if index is None else int(index) if index else None)
        position = match.end()
    if not steps:
        raise ValueError("A position may not be empty.")
    return tuple(steps)


def put(root: dict[str, Any], path: str, value: Any) -> None:
    """Put ``value`` at ``path`` of a JSON object, making what is missing on the way.

    A list joins a list that is already there and an object an object; ``[]`` at the end appends.
    """
    steps = parse_path(path)
    here: Any = root
    for step, following in pairwise(steps):
        here = _descend(here, step, {} if isinstance(following, str) else [])
    last = steps[-1]
    if last is None:
        here.append(value)
        return
    present = _get(here, last)
    if isinstance(present, list) and isinstance(value, list):
        present.extend(value)
    elif isinstance(present, dict) and isinstance(value, dict):
        merge(present, value)
    elif isinstance(here, list) and isinstance(last, int) and last >= len(here):
        here.append(value)
    else:
        here[last] = value


def merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Add ``other`` to ``into``, object by object and list by list."""
    for key, value in other.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, Mapping):
            merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            present.extend(value)
        else:
            into[key] = value


def _get(container: Any, step: str | int) -> Any:
    if isinstance(container, dict):
        return container.get(str(step))
    index = step if isinstance(step, int) else -1
    return container[index] if 0 <= index < len(container) else None


def _descend(here: Any, step: str | int | None, new: Any) -> Any:
    if step is None:
        here.append(new)
        return new
    found = _get(here, step)
    if found is None:
        if isinstance(here, list):
            here.append(new)
        else:
            here[step] = new
        return new
    return found
