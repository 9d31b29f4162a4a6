"""What an embedded API answers: as the provider file documents it, or formed after that."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mailgui.api.definition import Answer, Provider
from mailgui.api.error_kinds import ErrorKind
from mailgui.api.template import NOTHING, fill, put
from mailgui.api.tree import first

_LIMIT = 2  # requests a second, which is what AutoSend and Resend document
_RETRY_AFTER = 1


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer ready to be sent. ``cut_short``: the connection closes in the middle of it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """An answer that provider files need not give: status, kind and text."""

    status: int
    kind: ErrorKind
    message: str


_FORMS: Mapping[str, _Form] = {
    "sender": _Form(403, ErrorKind.SENDER, "The {domain} domain is not verified."),
    "quota": _Form(429, ErrorKind.QUOTA, "You have reached your sending quota."),
    "server": _Form(500, ErrorKind.SERVER, "An unexpected error occurred."),
    "too_big": _Form(413, ErrorKind.CONTENT, "The request is too big."),
    "conflict": _Form(409, ErrorKind.VALIDATION, "{message}"),
    "authentication": _Form(401, ErrorKind.AUTHENTICATION, "The API key is missing or invalid."),
    "rate_limit": _Form(429, ErrorKind.RATE_LIMIT, "Too many requests."),
    "validation": _Form(422, ErrorKind.VALIDATION, "{message}"),
}


def make_answer(
    provider: Provider,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    lists: Mapping[str, tuple[str, ...]] | None = None,
    status: int | None = None,
    code: str = "",
) -> HttpAnswer:
    """Return the answer ``name`` of a provider: ``success``, ``validation``, ``authentication``,
    ``rate_limit``, ``silent``, ``partial``, ``sender``, ``quota``, ``server``, ``too_big``,
    ``conflict`` or ``batch``.

    ``values`` fill placeholders beside the usual ones (id, number, now, limits); ``lists`` are the
    addresses that ``$each`` repeats. ``status`` and ``code`` replace the provider file's.
    """
    known = {**usual_values(), **(values or {})}
    answer = provider.answers.get(name)
    if answer is not None:
        body = expand(answer.body, known, lists or {})
        if code and isinstance(body, dict):
            _put_code(provider, body, code)
        if status is not None:
            body = _restatus(body, answer.status, status)
        headers = [(key, str(fill(value, known))) for key, value in answer.headers.items()]
        return _answer(status or answer.status, headers + _limits(provider, headers, known), body)
    form = _FORMS.get(name, _FORMS["server"])
    return _formed(provider, form, known, status, code)


def _formed(
    provider: Provider, form: _Form, known: Mapping[str, Any], status: int | None, code: str
) -> HttpAnswer:
    """Return an error in the vendor's shape, after its validation error."""
    by_kind = [int(key) for key, kind in provider.errors.statuses.items() if kind is form.kind]
    chosen = status or (by_kind[0] if by_kind else form.status)
    message = str(fill(form.message, known))
    mold = provider.answers.get("validation", Answer(status=422, body={"message": "{message}"}))
    body = expand(mold.body, {**known, "message": message, "field": ""}, {})
    codes = [key for key, kind in provider.errors.codes.items() if kind is form.kind]
    code = code or next(iter(codes), "")
    if code and isinstance(body, dict):
        _put_code(provider, body, code)
    return _answer(chosen, _limits(provider, [], known), _restatus(body, mold.status, chosen))


def _put_code(provider: Provider, body: dict[str, Any], code: str) -> None:
    for path in provider.errors.code:
        if not path.startswith("header:"):
            put(body, path, code)
            return


def _restatus(body: Any, old: int, new: int) -> Any:
    """Return ``body`` with the status that some vendors repeat in it."""
    if isinstance(body, dict):
        return {key: _restatus(value, old, new) for key, value in body.items()}
    if isinstance(body, list):
        return [_restatus(item, old, new) for item in body]
    return new if isinstance(body, int) and not isinstance(body, bool) and body == old else body


def expand(template: Any, values: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> Any:
    """Return a template filled in. ``{"$each": LIST, "$item": T}`` becomes a list with one T for
    each address of LIST (with ``{address}`` and an ``{id}`` of its own); with ``$key``, an object.
    """
    if isinstance(template, Mapping):
        if "$each" in template:
            return _each(template, values, lists)
        return {key: expand(value, values, lists) for key, value in template.items()}
    if isinstance(template, list):
        return _expand_list(template, values, lists)
    filled = fill(template, values)
    return None if filled is NOTHING else filled


def _expand_list(
    template: list[Any], values: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]
) -> list[Any]:
    """Return a list filled in; a ``$each`` in it stands for all its items."""
    items: list[Any] = []
    for item in template:
        filled = expand(item, values, lists)
        several = isinstance(item, Mapping) and "$each" in item and isinstance(filled, list)
        items += filled if several else [filled]
    return items


def _each(
    template: Mapping[str, Any], values: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]
) -> Any:
    pairs = []
    for address in lists.get(template["$each"], ()):
        own = {**values, "id": str(uuid.uuid4()), "number": _number(), "address": address}
        key = fill(template.get("$key", ""), own)
        pairs.append((key, expand(template.get("$item"), own, lists)))
    return dict(pairs) if "$key" in template else [item for _, item in pairs]


def _answer(status: int, headers: list[tuple[str, str]], body: Any) -> HttpAnswer:
    if body is None:
        return HttpAnswer(status, tuple(headers), b"")
    if isinstance(body, str):
        return HttpAnswer(status, (*headers, ("Content-Type", "text/plain")), body.encode())
    octets = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return HttpAnswer(status, (*headers, ("Content-Type", "application/json")), octets)


def _limits(
    provider: Provider, given: list[tuple[str, str]], known: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return the rate-limit headers of a provider, but for those that are given."""
    limits, there = provider.rate_limits, {name.lower() for name, _ in given}
    reset = {
        "delta": known["reset_seconds"],
        "epoch": known["reset_epoch"],
        "epoch_ms": known["reset_epoch"] * 1000,
        "iso8601": _moment(known["reset_epoch"]),
    }[limits.dialect]
    values = [(limits.limit, known["limit"]), (limits.remaining, known["remaining"])]
    values.append((limits.reset, reset))
    return [
        (place.removeprefix("header:"), str(value))
        for place, value in values
        if place.startswith("header:") and place.removeprefix("header:").lower() not in there
    ]


def counted(
    provider: Provider, answer: HttpAnswer, limit: int, remaining: int, seconds: int
) -> HttpAnswer:
    """Return an answer whose rate-limit headers tell of a limit that is really kept."""
    limits = provider.rate_limits
    names = {p.removeprefix("header:").lower() for p in (limits.limit, limits.remaining)}
    names.add(limits.reset.removeprefix("header:").lower())
    kept = [(name, value) for name, value in answer.headers if name.lower() not in names]
    told = _limits(provider, kept, rate_values(limit, remaining, seconds))
    return replace(answer, headers=(*kept, *told))


def answer_of(provider: Provider, like: HttpAnswer, body: Any) -> HttpAnswer:
    """Return ``like`` with another body, given as a tree."""
    headers = [(name, value) for name, value in like.headers if name.lower() != "content-type"]
    return _answer(like.status, headers, body)


def remote_id(provider: Provider, answer: HttpAnswer) -> str:
    """Return the message's id that ``answer`` gives out, or ""."""
    headers = {name.lower(): value for name, value in answer.headers}
    try:
        tree = json.loads(answer.body)
    except ValueError:
        tree = None
    for path in provider.success.id:
        name = path.removeprefix("header:")
        found = headers.get(name.lower()) if name != path else first(tree, path)
        if isinstance(found, str | int) and not isinstance(found, bool):
            return str(found)
    return ""


def usual_values() -> dict[str, Any]:
    """Return what every answer's template may name."""
    return {
        "id": str(uuid.uuid4()),
        "number": _number(),
        "now": _now(),
        **rate_values(_LIMIT, _LIMIT - 1, _RETRY_AFTER),
        "message": "",
        "field": "",
        "domain": "",
    }


def rate_values(limit: int, remaining: int, seconds: int) -> dict[str, Any]:
    """Return what templates and headers say of a rate: how many calls it allows, how many more it
    allows now, and in how many seconds that changes.
    """
    return {
        "limit": limit,
        "remaining": remaining,
        "retry_after": seconds,
        "reset_seconds": seconds,
        "reset_epoch": int(time.time()) + seconds,
    }


def _number() -> int:
    return uuid.uuid4().int % 10**15


def _now() -> str:
    return _moment(time.time())


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
