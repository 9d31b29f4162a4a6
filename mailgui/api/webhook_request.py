"""A webhook request as it came, or as a person pastes it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mailgui.api.tree import first
from mailgui.wrong_input import WrongInput

MAX_OCTETS = 1 << 20
_MOST_FIELDS = 1_000
_METHODS = ("POST ", "PUT ", "GET ", "HEAD ", "PATCH ")


class RequestProblem(WrongInput):
    """What was pasted is no request; the text is a sentence."""


class BodyProblem(ValueError):
    """The body cannot be read; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One request, octet for octet. ``url`` is the address as the provider called it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return a header's value, "" where it is missing."""
        wanted = name.lower()
        return next((v.strip() for n, v in self.headers if n.lower() == wanted), "")

    def has(self, name: str) -> bool:
        """Return whether there is a header of that name."""
        return any(header.lower() == name.lower() for header, _ in self.headers)


def read_json(octets: bytes) -> Any:
    """Return the JSON value of a body. Raises BodyProblem."""
    try:
        return json.loads(octets.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BodyProblem("The body is not UTF-8 text.") from None
    except RecursionError:
        raise BodyProblem("The JSON in the body is nested too deeply.") from None
    except ValueError:
        raise BodyProblem("The body is not JSON.") from None


def form_pairs(request: WebhookRequest) -> list[tuple[str, str]]:
    """Return the fields of a form in the body. Raises BodyProblem."""
    try:
        text = request.body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise BodyProblem("The body is not a form.") from None


def read_body(request: WebhookRequest, form_field: str = "") -> Any:
    """Return the body's JSON, which may be the text of a form's field. Raises BodyProblem."""
    if not form_field:
        return read_json(request.body)
    found = dict(form_pairs(request)).get(form_field)
    if found is None:
        raise BodyProblem(f"The form in the body has no field “{form_field}”.")
    return read_json(found.encode("utf-8", "surrogatepass"))


def value_at(request: WebhookRequest, place: str, form_field: str = "") -> str:
    """Return what stands at ``header:Name`` or at a place of the body, "" where nothing does."""
    if not place:
        return ""
    if place.startswith("header:"):
        return request.header(place.removeprefix("header:"))
    try:
        value = first(read_body(request, form_field), place)
    except BodyProblem:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def parse_pasted(text: str, url: str = "") -> WebhookRequest:
    """Return the request that a person pasted: a whole one as it goes over the wire, headers and
    a body with an empty line between, or a body alone. ``url`` is where it went, if that is known.

    Raises RequestProblem.
    """
    if len(text) > MAX_OCTETS:
        raise RequestProblem("That is too much to be a webhook: at most 1 MiB.")
    lines = text.lstrip("\ufeff\r\n ")
    if not lines.strip():
        raise RequestProblem("Paste the request: its headers, an empty line, and its body.")
    method, path = "POST", ""
    if lines.startswith(_METHODS) and " " in lines:
        start, _, lines = lines.partition("\n")
        method, path, *_ = [*start.split(), ""]
    if lines.startswith(("{", "[")) or not _looks_like_headers(lines):
        return WebhookRequest(method, _whole(url, path, ""), (), _octets(lines))
    head, body = _cut(lines)
    headers = tuple(_headers(head))
    host = next((value for name, value in headers if name.lower() == "host"), "")
    return WebhookRequest(method, _whole(url, path, host), headers, _octets(body))


def _looks_like_headers(text: str) -> bool:
    line = text.partition("\n")[0]
    name, colon, _ = line.partition(":")
    return bool(colon) and bool(name.strip()) and not any(c in name.strip() for c in ' "{}&=')


def _cut(text: str) -> tuple[str, str]:
    """Part headers from the body at the first empty line, whichever ends its lines have."""
    places = [
        (place, len(mark)) for mark in ("\r\n\r\n", "\n\n") if (place := text.find(mark)) >= 0
    ]
    if not places:
        return text, ""
    place, size = min(places)
    return text[:place], text[place + size :]


def _headers(head: str) -> Iterator[tuple[str, str]]:
    for line in head.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise RequestProblem(f"“{line[:80]}” is no header: a name, a colon and a value.")
        yield name.strip(), value.strip()


def _octets(body: str) -> bytes:
    try:
        return body.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise RequestProblem("The body holds half of a character (a lone surrogate).") from None


def _whole(url: str, path: str, host: str) -> str:
    if url or not path:
        return url
    try:
        if urlsplit(path).scheme:
            return path
    except ValueError:
        raise RequestProblem("The address in the request's first line cannot be read.") from None
    return f"https://{host}{path}" if host else path


def _no_constant(text: str) -> Any:
    raise ValueError(text)  # NaN and Infinity are no JSON
