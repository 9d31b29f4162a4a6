"""A provider that a person describes in a profile, in place of a file: its body as they write it.

The body is a JSON template. Where it holds ``{subject}``, the message's subject goes; the names are
those of ``NAMES``. What of it holds no name is sent as it stands.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from mailgui.api.check_definition import Misfit, check_definition
from mailgui.api.definition import Provider
from mailgui.api.fields import (
    AddressPlace,
    Fields,
    FilesPlace,
    PairsPlace,
    TagsPlace,
    TimePlace,
    ValuePlace,
)
from mailgui.api.template import NOTHING, PLACEHOLDER, parse_path, placeholders
from mailgui.wrong_input import WrongInput

_ADDRESSES = ("from", "to", "cc", "bcc", "reply_to")
_PAIRS = ("headers", "variables", "metadata")
_VALUES = ("subject", "text", "html", "template_id", "idempotency_key", "envelope_from")
_FILES = {"filename": "filename", "type": "type", "base64": "base64", "cid": "cid"}

# What a body may name: the field of the message, and the placeholder of that field's place.
NAMES: dict[str, tuple[str, str]] = {
    **{name: (name, "mailbox") for name in _ADDRESSES},
    **{f"{name}_address": (name, "address") for name in _ADDRESSES},
    **{f"{name}_name": (name, "name") for name in _ADDRESSES},
    **{name: (name, "value") for name in (*_VALUES, *_PAIRS, "send_at")},
    "tag": ("tags", "value"),
    **{f"file_{name}": ("attachments", inner) for name, inner in _FILES.items() if name != "cid"},
    **{f"inline_{name}": ("inline", inner) for name, inner in _FILES.items()},
}


class ShapeProblem(WrongInput):
    """An option of such a provider cannot be used.

    Attributes:
        option: which one.
        sentence: what is wrong.
    """

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option
        self.sentence = sentence


def shaped(provider: Provider, options: Mapping[str, str]) -> Provider:
    """Return ``provider`` as the account's ``options`` describe it; itself if it is not one of
    those that they do. Raises ShapeProblem.
    """
    if not provider.adaptable:
        return provider
    given = {name: value.strip() for name, value in options.items() if value.strip()}
    made = _with_auth(provider, given)
    if "body" in given:
        made = _with_body(made, given["body"])
    made = _with_answers(made, given)
    try:
        check_definition(made)
    except Misfit as misfit:
        option = "auth_header" if misfit.place.startswith("auth") else "body"
        raise ShapeProblem(option, misfit.reason) from None
    return made


def _with_auth(provider: Provider, given: Mapping[str, str]) -> Provider:
    changes: dict[str, Any] = {}
    if "auth" in given:
        changes["scheme"] = given["auth"]
    if "auth_header" in given:
        changes["header"] = given["auth_header"]
    if given.get("auth") == "basic":
        user, _, _ = given.get("auth_user", "").partition(":")
        changes |= {"username": user.replace("{", "").replace("}", ""), "password": "{key}"}
    auth = msgspec.structs.replace(provider.auth, **changes)
    if auth.scheme not in ("bearer", "header", "basic", "none"):
        raise ShapeProblem("auth", "Choose bearer, header, basic or none.")
    return msgspec.structs.replace(provider, auth=auth)


def _with_body(provider: Provider, text: str) -> Provider:
    try:
        template = json.loads(text)
    except ValueError as fault:
        line = getattr(fault, "lineno", 1)
        raise ShapeProblem("body", f"The body is not JSON; look at its line {line}.") from None
    except RecursionError:
        raise ShapeProblem("body", "The body is nested too deeply.") from None
    if not isinstance(template, dict):
        raise ShapeProblem("body", "The body has to be a JSON object: { … }.")
    found: dict[str, Any] = {}
    constants = _walk(template, "", found)
    fields = Fields(**{("sender" if n == "from" else n): place for n, place in found.items()})
    request = msgspec.structs.replace(
        provider.request, constants=constants if constants is not NOTHING else {}
    )
    return msgspec.structs.replace(provider, fields=fields, request=request)


def _with_answers(provider: Provider, given: Mapping[str, str]) -> Provider:
    changes: dict[str, Any] = {}
    if "statuses" in given:
        words = given["statuses"].replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() and len(word) == 3 for word in words):
            raise ShapeProblem("statuses", "Give statuses such as 200, 202.")
        changes["statuses"] = [int(word) for word in words]
    if "id_path" in given:
        changes["id"] = [_path(given["id_path"], "id_path")]
    made = msgspec.structs.replace(
        provider, success=msgspec.structs.replace(provider.success, **changes)
    )
    if "error_path" in given:
        message = [_path(given["error_path"], "error_path"), *provider.errors.message]
        made = msgspec.structs.replace(
            made, errors=msgspec.structs.replace(provider.errors, message=message)
        )
    return made


def _path(text: str, option: str) -> str:
    if not text.startswith("header:"):
        try:
            parse_path(text)
        except ValueError as fault:
            raise ShapeProblem(option, str(fault)) from None
    return text


def _walk(value: Any, path: str, found: dict[str, Any]) -> Any:
    """Note the places in ``value``; return what of it is sent as it stands, or NOTHING."""
    fields = {_field(name) for name in placeholders(value)}
    if not fields:
        return value
    if isinstance(value, dict) and not (path and _is_mailbox(value, fields)):
        kept = {key: _walk(each, _below(path, key), found) for key, each in value.items()}
        kept = {key: each for key, each in kept.items() if each is not NOTHING}
        return kept or NOTHING
    if isinstance(value, list) and len(value) > 1:
        for each in value:
            _put(each, f"{path}[]", found)
        return NOTHING
    _put(value, path, found)
    return NOTHING


def _is_mailbox(value: dict[str, Any], fields: set[str]) -> bool:
    """Return whether an object as a whole is one mailbox, such as {"email": "{from_address}"}."""
    flat = all(isinstance(each, str) for each in value.values())
    return flat and len(fields) == 1 and fields <= set(_ADDRESSES)


def _below(path: str, key: str) -> str:
    if not key or any(sign in key for sign in ".[]"):
        raise ShapeProblem("body", f"“{key}” cannot be a key here: it holds “.”, “[” or “]”.")
    return f"{path}.{key}" if path else key


def _field(name: str) -> str:
    if name not in NAMES:
        known = ", ".join(f"{{{each}}}" for each in sorted(NAMES))
        raise ShapeProblem("body", f"“{{{name}}}” is no name of a field; there are: {known}.")
    return NAMES[name][0]


def _put(value: Any, path: str, found: dict[str, Any]) -> None:
    """Note that the one field that ``value`` names has its place at ``path``."""
    fields = {_field(name) for name in placeholders(value)}
    if len(fields) != 1:
        what = " and ".join(f"{{{name}}}" for name in sorted(fields)) or "nothing"
        raise ShapeProblem("body", f"One value may hold one field; at “{path}” it holds {what}.")
    (field,) = fields
    listed = isinstance(value, list)
    place = _place(field, _inner(value[0] if listed else value), path, listed=listed)
    if field in _ADDRESSES:
        found.setdefault(field, []).append(place)
    elif field in found:
        raise ShapeProblem("body", f"The body has two places for {{{field}}}.")
    else:
        found[field] = place


def _place(field: str, inner: Any, path: str, *, listed: bool) -> Any:
    if field in _ADDRESSES:
        joined = "array" if listed else "comma" if isinstance(inner, str) else "one"
        many: Any = "one" if field == "from" and not listed else joined
        return AddressPlace(path=path, item=inner, many=many)
    if field in ("attachments", "inline"):
        return FilesPlace(path=path, item=inner)
    if field == "tags":
        return TagsPlace(path=path, item=inner, many="array" if listed else "comma")
    if field in _PAIRS:
        if inner != "{value}":
            raise ShapeProblem("body", f"“{{{field}}}” is an object and stands alone.")
        return PairsPlace(path=path)
    if field == "send_at":
        return TimePlace(path=path)
    return ValuePlace(path=path, value=[inner] if listed else inner)


def _inner(value: Any) -> Any:
    """Return a template with the field's own placeholders in place of the body's names."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: f"{{{NAMES[match[1]][1]}}}", value)
    if isinstance(value, dict):
        return {key: _inner(each) for key, each in value.items()}
    return [_inner(each) for each in value] if isinstance(value, list) else value
