"""The bodies of requests while they are laid out, and their octets: JSON, forms and multipart."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from mailgui.api import template
from mailgui.message.draft import DraftProblem


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as a part of a multipart form."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


FormValue = str | FilePart


class Body(Protocol):
    """Something that values can be put into."""

    def put(self, path: str, value: Any) -> None:
        """Put a value where the provider file says."""


class JsonBody:
    """A JSON object."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}

    def put(self, path: str, value: Any) -> None:
        template.put(self.root, path, value)


class FormBody:
    """Named values in order; a list becomes several of one name, an object its JSON text."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, FormValue]] = []

    @property
    def has_files(self) -> bool:
        """Whether only ``multipart/form-data`` can carry it."""
        return any(isinstance(value, FilePart) for _, value in self.pairs)

    def put(self, path: str, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                self.put(path, item)
        else:
            self.pairs.append((path, value if isinstance(value, FilePart) else form_text(value)))


def form_text(value: Any) -> str:
    """Return a value as a form holds it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json_octets(value).decode()


@contextmanager
def whole_characters() -> Iterator[None]:
    """Raise DraftProblem where the block meets a text that is not valid Unicode."""
    try:
        yield
    except UnicodeEncodeError:
        sentence = "The message holds half of a character (a lone surrogate); type it anew."
        raise DraftProblem("message", sentence) from None


@whole_characters()
def json_octets(value: Any) -> bytes:
    """Return compact JSON; raise DraftProblem where a text is not valid Unicode."""
    return msgspec.json.encode(value)


def form_octets(pairs: list[tuple[str, FormValue]]) -> bytes:
    """Return ``application/x-www-form-urlencoded``."""
    return urlencode([(name, str(value)) for name, value in pairs]).encode()


def multipart_octets(pairs: list[tuple[str, FormValue]]) -> tuple[str, bytes]:
    """Return a boundary and ``multipart/form-data`` with it (RFC 7578).

    The boundary is made from the content, so that equal requests are equal octet for octet, and
    never occurs in it.
    """
    chunks: list[bytes] = []
    for name, value in pairs:
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, FilePart):
            head += f'; filename="{_quoted(value.filename)}"\r\nContent-Type: {value.content_type}'
            content = value.data
        else:
            content = value.encode()
        chunks.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
    digest = hashlib.sha256(b"\0".join(chunks)).hexdigest()
    boundary = f"mailgui-{digest[:32]}"
    while any(boundary.encode() in chunk for chunk in chunks):
        digest = hashlib.sha256(digest.encode()).hexdigest()
        boundary = f"mailgui-{digest[:32]}"
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + chunk for chunk in chunks)
    return boundary, body + line + b"--\r\n"


def _quoted(text: str) -> str:
    # As browsers do (WHATWG HTML, "multipart/form-data encoding algorithm").
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def form_to_json(pairs: list[tuple[str, FormValue]]) -> list[list[object]]:
    """Return a form as the ``request`` document shows it."""
    return [[name, _part(value)] for name, value in pairs]


def _part(value: FormValue) -> object:
    if isinstance(value, str):
        return value
    encoded = base64.b64encode(value.data).decode()
    return {"filename": value.filename, "type": value.content_type, "base64": encoded}
