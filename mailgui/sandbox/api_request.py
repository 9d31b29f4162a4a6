"""A request to an embedded API, read back by the same provider file that requests are made from."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs

from mailgui.api.definition import Provider
from mailgui.api.fields import AddressPlace, Place, ValuePlace, places
from mailgui.api.template import fill, parse_path, placeholders
from mailgui.message.bounded_parser import parse_bounded
from mailgui.message.loose_addresses import loose_addresses

_ADDRESS = re.compile(r"[^@\s<>\"(),;:]+@[^@\s<>\"(),;:.]+(\.[^@\s<>\"(),;:.]+)+")
_MAILBOX = frozenset({"address", "mailbox", "mailbox_ascii"})
_VALUE = frozenset({"value"})
_RECIPIENT_FIELDS = ("to", "cc", "bcc")
_WHOLE = object()
MAX_VALUES = 300_000  # of a JSON body: each takes many times the octets that it is written with
MAX_ADDRESS = 320  # octets: 64 before the @, 255 behind it (RFC 5321, section 4.5.3.1)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)

Call = Literal["single", "batch", "template_batch"]


class Unreadable(ValueError):
    """The body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One call as it came. ``headers`` has lower-case names; ``values`` are what the URL names,
    and ``call`` what its path is for.
    """

    provider: Provider
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    values: Mapping[str, str] = field(default_factory=dict)
    call: Call = "single"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as a field gave it; ``valid`` is whether it can be one."""

    text: str
    address: str

    @property
    def valid(self) -> bool:
        """Whether vendors would take it."""
        short = len(self.address) <= MAX_ADDRESS
        return short and _ADDRESS.fullmatch(self.address) is not None


class ReadMessage:
    """What a call says of one message, field by field.

    ``tree`` is the message's body where it is not that of the whole request. Raises Unreadable
    when that cannot be read.
    """

    def __init__(self, request: ApiRequest, tree: Any = _WHOLE) -> None:
        self.provider = request.provider
        self._request = request
        if tree is _WHOLE:
            tree = read_body(request.headers.get("content-type", ""), request.content)
        self.tree = tree

    def values(self, name: str) -> Iterator[tuple[Place, Any]]:
        """Yield each place of a Draft's field that is filled in, and what is there."""
        for kind in (self.provider.fields, self.provider.template.fields):
            for place in places(kind, name):
                value = self._at(place)
                if value not in (None, "", [], {}):
                    yield place, value

    def text(self, name: str) -> str:
        """Return a field that is one text, "" where it is not there."""
        for place, value in self.values(name):
            layout = place.value if isinstance(place, ValuePlace) else "{value}"
            for text in _texts(layout, value, _VALUE):
                return text
        return ""

    def mailboxes(self, name: str) -> tuple[Mailbox, ...]:
        """Return the addresses of ``from``, ``to``, ``cc``, ``bcc`` or ``reply_to``."""
        found: list[Mailbox] = []
        for place, value in self.values(name):
            if isinstance(place, AddressPlace):
                layout = fill(place.wrap, {"value": place.item})
                if _MAILBOX & set(placeholders(layout)):  # others hold names only
                    for text in _texts(layout, value, _MAILBOX):
                        found += _parse(text)
            elif isinstance(place, ValuePlace) and isinstance(value, str):
                found += _parse(value)
        return tuple(found)

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        """Everyone it is for, once, in the order To, Cc, Bcc: fields may share one list."""
        boxes = [box for name in _RECIPIENT_FIELDS for box in self.mailboxes(name)]
        return tuple({box.address.lower(): box for box in reversed(boxes)}.values())[::-1]

    def _at(self, place: Place) -> Any:
        if place.header:
            return self._request.headers.get(place.header.lower())
        if self.provider.request.body != "json":
            return self.tree.get(place.path) if isinstance(self.tree, dict) else None
        return dig(self.tree, place.path)


def dig(tree: Any, path: str) -> Any:
    """Return what is at a position of a JSON value, or None."""
    here = tree
    for step in parse_path(path):
        if step is None:
            return here if isinstance(here, list) else None
        if isinstance(step, str):
            here = here.get(step) if isinstance(here, dict) else None
        else:
            here = here[step] if isinstance(here, list) and step < len(here) else None
    return here


def read_body(content_type: str, content: bytes) -> Any:
    """Return a body as a tree: JSON as it is; a form as its names, each with a list of texts."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return parse_qs(content.decode(), keep_blank_values=True, max_num_fields=10_000)
        if kind == "multipart/form-data":
            return _multipart(content_type, content)
        if _marks(content) > MAX_VALUES and _marks(_STRING.sub(b"", content)) > MAX_VALUES:
            raise Unreadable(f"A body holds at most {MAX_VALUES:,} values.")
        return json.loads(content)
    except (ValueError, RecursionError, LookupError) as fault:
        raise Unreadable(str(fault)) from fault


def _marks(content: bytes) -> int:
    """Return how many values JSON could have at most."""
    return sum(content.count(mark) for mark in (b",", b"[", b"{"))


def _multipart(content_type: str, content: bytes) -> dict[str, list[str]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "surrogateescape")
    message = parse_bounded(head + content)
    found: dict[str, list[str]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            found.setdefault(name, []).append(text)
    return found


def _texts(layout: Any, value: Any, names: frozenset[str]) -> Iterator[str]:
    """Yield the texts in ``value`` that stand where ``layout`` has one of the placeholders."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        inner = layout[0] if isinstance(layout, list) and layout else layout
        for item in value:
            yield from _texts(inner, item, names)
    elif isinstance(value, dict) and isinstance(layout, Mapping):
        if any(
            isinstance(own, str) and value.get(key, own) != own and not {*placeholders(own)}
            for key, own in layout.items()
        ):
            return  # another kind of entry in a list that several fields share
        for key, inner in layout.items():
            if key in value and names & set(placeholders(inner)):
                yield from _texts(inner, value[key], names)
    elif value is not None:
        yield json.dumps(value)  # something else where a text was due


def _parse(text: str) -> list[Mailbox]:
    return [Mailbox(text, address) for address in loose_addresses([text]) or [text]]
