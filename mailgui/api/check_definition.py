"""Whether a provider file means something: what its types alone cannot say."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mailgui.api.definition import Provider
from mailgui.api.fields import (
    FIELD_NAMES,
    PLACEHOLDERS,
    AddressPlace,
    Fields,
    FilesPlace,
    PairsPlace,
    Place,
    TagsPlace,
    ValuePlace,
    places,
)
from mailgui.api.template import parse_path, placeholders

_ID = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


class Misfit(ValueError):
    """One key of a provider file cannot be right. ``place`` is its path, ``reason`` a sentence."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


def check_definition(provider: Provider) -> None:
    """Raise Misfit for the first thing in ``provider`` that cannot be right."""
    if not _ID.fullmatch(provider.id):
        raise Misfit("id", "An id is lower-case letters, digits and underscores.")
    if not provider.urls:
        raise Misfit("urls", "At least one base URL is needed.")
    options = {option.name for option in provider.options}
    for name, url in provider.urls.items():
        if not url.startswith("https://") or url.endswith("/"):
            reason = "A base URL begins with “https://” and has no slash at its end."
            raise Misfit(f"urls.{name}", reason)
        _known(f"urls.{name}", url, options)
    if provider.request.path and not provider.request.path.startswith("/"):
        raise Misfit("request.path", "A path begins with a slash, or is empty.")
    for key, template in (
        ("request.path", provider.request.path),
        ("request.headers", provider.request.headers),
        ("request.constants", provider.request.constants),
        ("template.path", provider.template.path),
        ("auth.region", provider.auth.region),
    ):
        _known(key, template, options)
    _check_auth(provider)
    flat = provider.request.body in {"form", "multipart"}
    _check_fields("fields", provider.fields, flat=flat)
    _check_fields("template.fields", provider.template.fields, flat=flat)
    for key in ("leaves_out", "only", "told"):
        for index, name in enumerate(getattr(provider.template, key)):
            if name not in FIELD_NAMES:
                place = f"template.{key}.{name}" if key == "told" else f"template.{key}[{index}]"
                raise Misfit(place, f"There is no field “{name}”.")
    _check_pattern("request.header_pattern", provider.request.header_pattern)
    _check_sandbox(provider, options)
    _check_batch(provider, options)
    for index, failure in enumerate(provider.success.silent_failures):
        _check_pattern(f"success.silent_failures[{index}].matches", failure.matches)
    for index, pattern in enumerate(provider.errors.patterns):
        _check_pattern(f"errors.patterns[{index}].match", pattern.match)


def _known(place: str, template: Any, names: Iterable[str]) -> None:
    allowed = set(names)
    for name in placeholders(template):
        if name not in allowed:
            can = ", ".join(f"{{{n}}}" for n in sorted(allowed)) or "none"
            raise Misfit(place, f"“{{{name}}}” is no placeholder here; there are: {can}.")


def _check_auth(provider: Provider) -> None:
    auth = provider.auth
    for number, secret in enumerate(auth.secrets):
        if secret.env and not _VARIABLE.fullmatch(secret.env):
            place = f"auth.secrets[{number}].env"
            raise Misfit(place, f"“{secret.env}” is not the name of an environment variable.")
    secrets = {secret.name for secret in auth.secrets}
    used = {"basic": ("username", "password"), "sigv4": (), "none": ()}
    for key in used.get(auth.scheme, ("format",)):
        _known(f"auth.{key}", getattr(auth, key), secrets | {o.name for o in provider.options})
    if auth.scheme == "body":
        if provider.request.body != "json":
            raise Misfit("auth.scheme", "A key in the body needs a JSON body.")
        _position("auth.path", auth.path)
    if auth.scheme == "sigv4":
        if not auth.service:
            raise Misfit("auth.service", "Signature Version 4 needs the name of the service.")
        if not {"access_key", "secret_key"} <= secrets:
            raise Misfit("auth.secrets", "Signature Version 4 needs “access_key”, “secret_key”.")
    if not _TOKEN.fullmatch(auth.header):
        raise Misfit("auth.header", f"“{auth.header}” is not the name of a header.")


def _check_fields(prefix: str, fields: Fields, *, flat: bool) -> None:
    for name in FIELD_NAMES:
        found = places(fields, name)
        for index, place in enumerate(found):
            where = f"{prefix}.{name}" + (f"[{index}]" if len(found) > 1 else "")
            _check_place(where, name, place, flat=flat)


def _check_place(where: str, name: str, place: Place, *, flat: bool) -> None:
    if bool(place.path) == bool(place.header):
        raise Misfit(where, "It needs either a “path” or a “header”.")
    if place.header and not _TOKEN.fullmatch(place.header):
        raise Misfit(f"{where}.header", f"“{place.header}” is not the name of a header.")
    if place.path and not flat:
        _position(f"{where}.path", place.path)
    for key, template in _templates(place):
        _known(f"{where}.{key}", template, PLACEHOLDERS[name])
    if isinstance(place, PairsPlace) and place.layout == "each" and "{name}" not in place.path:
        raise Misfit(f"{where}.path", "With the layout “each” the path holds “{name}”.")
    if isinstance(place, PairsPlace) and not flat:
        for header, own in place.named.items():
            _position(f"{where}.named.{header}.path", own.path)
    if isinstance(place, TagsPlace) and place.pattern:
        _check_pattern(f"{where}.pattern", place.pattern)
    _check_pattern(f"{where}.template_ids", place.template_ids)


def _templates(place: Place) -> Iterator[tuple[str, Any]]:
    if isinstance(place, AddressPlace | PairsPlace):
        yield "wrap", place.wrap
    if isinstance(place, ValuePlace):
        yield "value", place.value
    if isinstance(place, AddressPlace | PairsPlace | TagsPlace | FilesPlace):
        yield "item", place.item
    if isinstance(place, FilesPlace):
        yield "filename", place.filename


def _position(where: str, path: str) -> None:
    try:
        parse_path(path)
    except ValueError as fault:
        raise Misfit(where, str(fault)) from None


def _check_pattern(where: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as fault:
        raise Misfit(where, f"The regular expression is malformed: {fault.msg}.") from None


def _check_sandbox(provider: Provider, options: set[str]) -> None:
    mode = provider.sandbox
    if mode is None:
        return
    if mode.url and mode.url not in provider.urls:
        raise Misfit("sandbox.url", f"There is no “{mode.url}” in “urls”.")
    _known("sandbox.path", mode.path, options)


def _check_batch(provider: Provider, options: set[str]) -> None:
    batch = provider.batch
    if batch is None:
        return
    _known("batch.path", batch.path, options)
    _known("batch.template_path", batch.template_path, options)
    if not batch.lists and not batch.recipient_variables:
        raise Misfit("batch.lists", "At least one list is needed, or “recipient_variables”.")
    if batch.lists and provider.request.body != "json":
        raise Misfit("batch.lists", "A list needs a JSON body; a form has “recipient_variables”.")
    for key in ("lists", "template_lists"):
        for index, each in enumerate(getattr(batch, key)):
            for place in (each.items, each.item, *each.take, *each.take.values()):
                if place:
                    _position(f"batch.{key}[{index}]", place)
    for place in (*batch.moves, *batch.moves.values(), *batch.leaves_out):
        _position("batch", place)
    for index, name in enumerate(batch.not_with):
        if name not in FIELD_NAMES:
            raise Misfit(f"batch.not_with[{index}]", f"There is no field “{name}”.")
