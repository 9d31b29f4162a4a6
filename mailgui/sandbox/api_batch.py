"""A provider's batch call taken apart into the messages it sends, and its answer put together.

This is the reverse of how a batch is made, by the same provider file; see ``api/batch_body.py``.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailgui.api.definition import Batch, BatchList, Provider
from mailgui.api.template import NOTHING, fill, merge, placeholders, put
from mailgui.api.tree import first, walk
from mailgui.sandbox.api_answers import HttpAnswer, answer_of, make_answer, usual_values
from mailgui.sandbox.api_refusals import invalid
from mailgui.sandbox.api_request import Call, ReadMessage

_MISSING = object()
_MOST = 10_000  # messages of one call, where the vendor names no limit


@dataclass(frozen=True, slots=True)
class BatchItem:
    """What one message of a batch gets: the answer that it would have got alone."""

    answer: HttpAnswer
    taken: bool


def split_batch(provider: Provider, tree: Any, call: Call, single: ReadMessage) -> list[Any] | None:
    """Return the bodies that the messages of a batch would have alone, or None where ``tree`` (as
    ``single`` reads it) is one message. Raises Refused for a batch that is malformed.
    """
    batch = provider.batch
    if batch is None or not batch.lists or (call == "single" and batch.path):
        return None
    each = _list_of(batch, call)
    if call == "single" and (each.item and each.item == each.items):
        return None  # several recipients in one list, which one message may have as well
    items = first(tree, each.items) if isinstance(tree, dict | list) else None
    if not isinstance(items, list):
        if call == "single":
            return None
        raise invalid(provider, f"Missing `{each.items or 'messages'}` list.", each.items or "body")
    if call == "single" and len(items) < 2 and single.mailboxes("to"):
        return None
    most = batch.max or _MOST
    if not 0 < len(items) <= most:
        sentence = f"A batch holds between 1 and {most} messages."
        raise invalid(provider, sentence, each.items or "body")
    common = _common(batch, tree, each)
    return [_single(item, each, common) for item in items]


def _list_of(batch: Batch, call: Call) -> BatchList:
    lists = batch.template_lists if call == "template_batch" else []
    return (lists or batch.lists)[0]


def _common(batch: Batch, tree: Any, each: BatchList) -> dict[str, Any]:
    """Return what all messages share, at the places where a single message has it."""
    if not each.items:
        return {}
    common: dict[str, Any] = {key: value for key, value in tree.items() if key != each.items}
    for place, origin in batch.moves.items():
        value = _take(common, place)
        if value is not _MISSING:
            put(common, origin, value)
    return common


def _single(item: Any, each: BatchList, common: Mapping[str, Any]) -> Any:
    if not isinstance(item, dict):
        return item  # which no vendor takes, and validation says so
    body, own = copy.deepcopy(dict(common)), copy.deepcopy(item)
    for place, origin in each.take.items():
        value = _take(own, place)
        if value is not _MISSING:
            put(body, origin, value)
    if each.item:
        put(body, each.item, own)
    elif not each.take:
        merge(body, own)
    return body


def _take(tree: dict[str, Any], path: str) -> Any:
    """Remove what is at ``path`` (of members only) and return it."""
    *way, last = path.split(".")
    here: Any = tree
    for step in way:
        here = here.get(step) if isinstance(here, dict) else None
    return here.pop(last, _MISSING) if isinstance(here, dict) else _MISSING


def batch_answer(
    provider: Provider, items: Sequence[BatchItem], headers: Mapping[str, str]
) -> tuple[HttpAnswer, bool]:
    """Return the answer to a whole batch, and whether it was taken at all.

    Where the vendor's answer names no message, or its stricter mode was asked for (the header of
    ``[batch]`` that asks for leniency is missing), one refused message refuses the batch.
    """
    batch = provider.batch
    assert batch is not None  # noqa: S101 - it was split by it
    refused = [item for item in items if not item.taken]
    values = {"count": len(items), "accepted": len(items) - len(refused), "rejected": len(refused)}
    template = provider.answers.get("batch")
    named = bool(batch.results.items or batch.results.errors)
    counted = template is not None and "rejected" in set(placeholders(template.body))
    strict = any(name.lower() not in headers for name in batch.headers)
    strict |= named and any(_item(provider, batch, item) is None for item in refused)
    if refused and (strict or not (named or counted)):
        return refused[0].answer, False
    whole = make_answer(provider, "batch" if template else "success", values)
    if not named:
        return whole, True
    tree = (json.loads(whole.body) if template and template.body is not None else None) or {}
    return answer_of(provider, whole, _with_results(provider, batch, items, tree)), True


def _with_results(
    provider: Provider, batch: Batch, items: Sequence[BatchItem], tree: dict[str, Any]
) -> Any:
    results, told, errors = batch.results, list[Any](), list[Any]()
    for number, item in enumerate(items):
        said = _item(provider, batch, item)
        if results.errors and not item.taken:
            errors.append({**said, results.index: number})
        else:
            told.append(said)
    place = results.items.removesuffix("[]")
    if not place:
        return told
    put(tree, place, told)
    if errors:
        put(tree, results.errors.removesuffix("[]"), errors)
    return tree


def _item(provider: Provider, batch: Batch, item: BatchItem) -> Any:
    """Return what the batch's answer says of one message, None where it has no place for that."""
    own = provider.answers.get("batch_item" if item.taken else "batch_refused")
    if own is not None:
        values = {**usual_values(), "message": _said(provider, item.answer)}
        filled = fill(own.body, values)
        return None if filled is NOTHING else filled
    if batch.results.errors and not item.taken:
        return {batch.results.index: 0, "message": _said(provider, item.answer)}
    return first(_tree(item.answer), next(_places_of_value(batch.results.wrap), ""))


def _places_of_value(template: Any, path: str = "") -> Iterator[str]:
    """Yield where ``{value}`` stands in the template that wraps an item."""
    if template == "{value}":
        yield path
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from _places_of_value(value, f"{path}.{key}" if path else key)
    elif isinstance(template, list):
        for number, value in enumerate(template):
            yield from _places_of_value(value, f"{path}[{number}]")


def _said(provider: Provider, answer: HttpAnswer) -> str:
    tree = _tree(answer)
    for path in provider.errors.message:
        if not path.startswith("header:"):
            for value in walk(tree, path):
                if isinstance(value, str) and value:
                    return value
    return "The message was refused."


def _tree(answer: HttpAnswer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None
