"""Several messages in one body: what of each is its own, and what they have in common."""

import copy
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mailgui.api.bodies import FormValue, json_octets
from mailgui.api.definition import Batch, BatchList
from mailgui.api.template import merge, parse_path, put

_MISSING = object()


class Split:
    """One message's body taken apart.

    Attributes:
        own: for each list of the batch, what the message adds to it.
        common: the rest, which it shares with others or goes alone.
    """

    __slots__ = ("common", "own")

    def __init__(self, body: Mapping[str, Any], lists: Sequence[BatchList], batch: Batch) -> None:
        tree = copy.deepcopy(dict(body))
        self.own = [_own_part(tree, each) for each in lists]
        for each in lists:  # only now: two lists may take from one place
            _remove(tree, each)
        for place in batch.leaves_out:
            _cut(tree, place)
        for place, origin in batch.moves.items():
            value = _find(tree, origin)
            if value is not _MISSING:
                _cut(tree, origin)
                put(tree, place, value)
        merge(tree, copy.deepcopy(batch.constants))
        self.common: dict[str, Any] = tree

    @property
    def key(self) -> bytes:
        """What is equal for messages that can go in one request."""
        return json_octets(self.common)


def assemble(splits: Sequence[Split], lists: Sequence[BatchList]) -> Any:
    """Return the body of one request with the messages ``splits``, whose ``key`` is equal."""
    body: dict[str, Any] = copy.deepcopy(splits[0].common)
    for number, each in enumerate(lists):
        added = [item for split in splits for item in split.own[number]]
        if not each.items:
            return added
        if added:
            put(body, each.items, added)
    return body


def assemble_form(
    bodies: Sequence[Sequence[tuple[str, FormValue]]],
    variables: Mapping[str, Mapping[str, object]],
    name: str,
) -> list[tuple[str, FormValue]]:
    """Return a form for the messages ``bodies``: everyone in ``to``, and ``variables`` by address
    as JSON under ``name``, which keeps the recipients from seeing each other.
    """
    pairs = [pair for pair in bodies[0] if pair[0] != "to"]
    everyone = [pair for body in bodies for pair in body if pair[0] == "to"]
    return [*pairs, *everyone, (name, json_octets(dict(variables)).decode())]


def common_of_form(body: Sequence[tuple[str, FormValue]]) -> tuple[tuple[str, FormValue], ...]:
    """Return what of a form is equal for messages that can go in one request."""
    return tuple(pair for pair in body if pair[0] != "to")


def _own_part(tree: dict[str, Any], each: BatchList) -> list[Any]:
    """Return what a message adds to one list."""
    if not each.item and not each.take:
        return [copy.deepcopy(tree)]
    found = _find(tree, each.item) if each.item else {}
    if found is _MISSING:
        return []
    items = copy.deepcopy(found) if isinstance(found, list) else [copy.deepcopy(found)]
    taken: dict[str, Any] = {}
    for place, origin in each.take.items():
        value = _find(tree, origin)
        if value is not _MISSING:
            put(taken, place, copy.deepcopy(value))
        elif each.complete:
            return []
    for item in items:
        if isinstance(item, dict):
            merge(item, copy.deepcopy(taken))
    return items


def _remove(tree: dict[str, Any], each: BatchList) -> None:
    if not each.item and not each.take:
        tree.clear()
    for place in (each.item, *each.take.values()):
        if place:
            _cut(tree, place)


def _find(tree: Any, path: str) -> Any:
    here = tree
    steps: tuple[Any, ...] = parse_path(path)
    for step in steps:
        if not isinstance(here, dict if isinstance(step, str) else list):
            return _MISSING
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return here


def _cut(tree: dict[str, Any], path: str) -> None:
    """Take away what is at ``path``, and what is left empty by that."""
    steps = parse_path(path)
    trail: list[Any] = [tree]
    for step, _ in pairwise(steps):
        here = trail[-1]
        within = isinstance(here, dict) if isinstance(step, str) else isinstance(here, list)
        if step is None or not within:
            return
        try:
            trail.append(here[step])
        except (KeyError, IndexError):
            return
    for here, step in zip(reversed(trail), reversed(steps), strict=True):
        try:
            if step is None or (here is not trail[-1] and here[step]):
                return
            del here[step]
        except (KeyError, IndexError, TypeError):
            return
