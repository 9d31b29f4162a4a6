"""A recorded HTTP exchange as the request that code makes again, secrets as variables."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mailgui.api.code_request import FORM_TYPE, CodeFile, CodeRequest, SigV4, variable_name
from mailgui.api.definition import Provider
from mailgui.api.template import PLACEHOLDER, fill
from mailgui.message.literals import Mixed, Piece, Text, Variable
from mailgui.net.hosts import is_loopback
from mailgui.transcript import HttpExchange
from mailgui.transcript.masking import MASK

_OURS = frozenset({"host", "content-length", "user-agent", "accept-encoding", "connection"})
_SIGNATURE = frozenset({"authorization", "x-amz-date", "x-amz-security-token"})
_UNKNOWN = "API_KEY"
_AGAIN = "Made from a recorded exchange: running it sends the message again."
_MASKED = "The record holds no secrets; where one was, the code reads a variable."


def request_of(exchange: HttpExchange, providers: Iterable[Provider]) -> CodeRequest:
    """Return the request of an exchange; where its provider is known, signed as that wants it."""
    provider = provider_of(exchange.url, providers)
    secret = Variable(variable_name(provider, provider.auth.secrets[0].name)
                      if provider and provider.auth.secrets else _UNKNOWN)  # fmt: skip
    content_type = _header(exchange, "content-type")
    kind, body = _body(content_type, exchange.request_body, secret)
    basic, sigv4 = None, None
    dropped = set(_OURS) | {"content-type"}
    if provider and provider.auth.scheme == "basic":
        basic = _basic(provider)
        dropped.add("authorization")
    if provider and provider.auth.scheme == "sigv4":
        sigv4 = _sigv4(provider, exchange)
        dropped |= _SIGNATURE
    headers = tuple(
        (name, unmasked(value, secret))
        for name, value in exchange.request_headers
        if name.lower() not in dropped and not name.startswith(":")
    )
    remarks = [_AGAIN]
    if MASK in repr(exchange.request_headers) or MASK.encode() in exchange.request_body:
        remarks.append(_MASKED)
    return CodeRequest(
        exchange.method,
        exchange.url,
        headers,
        content_type if kind != "multipart" else "multipart/form-data",
        kind,
        body,
        basic=basic,
        sigv4=sigv4,
        remarks=tuple(remarks),
    )


def provider_of(url: str, providers: Iterable[Provider]) -> Provider | None:
    """Return whose API a URL is of: a vendor's, or the sandbox's stand-in for it."""
    parts = urlsplit(url)
    for provider in providers:
        path = _pattern(provider.request.path)
        if is_loopback(parts.hostname or "") and re.fullmatch(f"/{provider.id}{path}", parts.path):
            return provider
        if any(re.match(_pattern(base) + path, url) for base in provider.urls.values() if base):
            return provider
    return None


def _pattern(template: str) -> str:
    pieces = PLACEHOLDER.split(template)
    return "".join(
        "[^/?]+" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
    )


def unmasked(text: str, secret: Variable) -> Text:
    """Return a text with ``secret`` in place of each mask."""
    if MASK not in text:
        return text
    pieces: list[Piece] = []
    for place, part in enumerate(text.split(MASK)):
        if place:
            pieces.append(secret)
        if part:
            pieces.append(part)
    return Mixed(tuple(pieces))


def _header(exchange: HttpExchange, wanted: str) -> str:
    return next((v for n, v in exchange.request_headers if n.lower() == wanted), "")


def _body(content_type: str, content: bytes, secret: Variable) -> tuple[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if not content:
        return "octets", None
    try:
        if kind.endswith("json"):
            return "json", _tree(json.loads(content), secret)
        if kind == FORM_TYPE:
            pairs = parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True)
            return "form", [(name, unmasked(value, secret)) for name, value in pairs]
        if kind == "multipart/form-data":
            return "multipart", _parts(content_type, content, secret)
    except (ValueError, RecursionError):
        pass  # it is sent as it is
    return "octets", content


def _tree(value: Any, secret: Variable) -> Any:
    if isinstance(value, str):
        return unmasked(value, secret)
    if isinstance(value, Mapping):
        return {name: _tree(each, secret) for name, each in value.items()}
    return [_tree(each, secret) for each in value] if isinstance(value, list) else value


def _parts(content_type: str, content: bytes, secret: Variable) -> list[tuple[str, Any]]:
    """Return the parts of a form (RFC 7578); raises ValueError where it is malformed."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    if not found:
        raise ValueError("no boundary")
    parts: list[tuple[str, Any]] = []
    for piece in (b"\r\n" + content).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(r'[; ]name="([^"]*)"', text := head.decode())
        if not name:
            raise ValueError("a part without a name")
        filename = re.search(r'filename="([^"]*)"', text)
        kind = re.search(r"(?im)^content-type: *(.+?)\r?$", text)
        if filename:
            type_ = kind[1] if kind else "application/octet-stream"
            parts.append((_plain(name[1]), CodeFile(_plain(filename[1]), type_, None, body)))
        else:
            parts.append((_plain(name[1]), unmasked(body.decode(), secret)))
    return parts


def _plain(text: str) -> str:
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _values(provider: Provider) -> dict[str, str]:
    return {each.name: f"\0{each.name}\0" for each in provider.auth.secrets}


def _basic(provider: Provider) -> tuple[Text, Text]:
    user, password = (
        _named(str(fill(template, _values(provider))), provider)
        for template in (provider.auth.username, provider.auth.password)
    )
    return user, password


def _named(text: str, provider: Provider) -> Text:
    pieces: list[Piece] = []
    for place, part in enumerate(text.split("\0")):
        if part:
            pieces.append(Variable(variable_name(provider, part)) if place % 2 else part)
    return text if all(isinstance(p, str) for p in pieces) else Mixed(tuple(pieces))


def _sigv4(provider: Provider, exchange: HttpExchange) -> SigV4:
    scope = re.search(r"/\d{8}/([^/]+)/([^/]+)/aws4_request", _header(exchange, "authorization"))
    access, secret, token = (
        Mixed((Variable(variable_name(provider, name)),))
        for name in ("access_key", "secret_key", "session_token")
    )
    with_token = bool(_header(exchange, "x-amz-security-token"))
    region = scope[1] if scope else "us-east-1"
    return SigV4(region, provider.auth.service, access, secret, token if with_token else None)
