"""A request as Python, with httpx or requests."""

from typing import Any

from mailgui.api.code_request import CodeFile, CodeRequest
from mailgui.message.code_page import code_page, lines
from mailgui.message.dialects import PYTHON
from mailgui.message.literals import Source, Text

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})


def httpx_code(request: CodeRequest) -> str:
    """Return the request as a program with httpx."""
    return _code(request, "httpx")


def requests_code(request: CodeRequest) -> str:
    """Return the request as a program with requests."""
    return _code(request, "requests")


def _code(request: CodeRequest, library: str) -> str:
    signed = request.sigv4 is not None
    name, body = _body(request)
    keyword = {"payload": "json", "fields": "data", "parts": "files"}.get(name, "")
    if name in {"body", "encoded"}:
        keyword = "content" if library == "httpx" else "data"
    verb = request.method.lower()
    own_type = name in {"body", "encoded"} or not (
        request.plain_json or request.body_kind != "json"
    )
    headers = dict(request.all_headers() if own_type or signed else request.headers)
    return code_page(
        "http-python",
        PYTHON,
        request=request,
        library=Source(library),
        by_httpx=library == "httpx",
        call=Source(verb if verb in _VERBS else "request"),
        has_verb=verb in _VERBS,
        imports=lines(_imports(request, library, name)),
        remarks=[PYTHON.remark(sentence) for sentence in request.remarks],
        headers=headers,
        name=Source(name),
        keyword=Source(keyword),
        body=body,
        files=_files(request) if name == "fields" else None,
    )


def _body(request: CodeRequest) -> tuple[str, Source | None]:
    """Return what the body's variable is called, and its value."""
    if request.body is None:
        return "", None
    match request.body_kind:
        case "json":
            plain = request.plain_json and request.sigv4 is None
            return "payload" if plain else "encoded", PYTHON.value(request.body)
        case "form":
            return "fields", PYTHON.value(grouped(request.body))
        case "multipart":
            if request.files:
                texts = [pair for pair in request.body if not isinstance(pair[1], CodeFile)]
                return "fields", PYTHON.value(grouped(texts))
            parts = [f"({PYTHON.text(n)}, (None, {PYTHON.text(v)}))" for n, v in request.body]
            return "parts", Source("[\n" + "".join(f"    {part},\n" for part in parts) + "]")
        case _:
            return "body", octets(request.body)


def grouped(pairs: list[tuple[str, Text]]) -> dict[str, Any]:
    """Return pairs as a mapping; a name that occurs repeatedly has a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def octets(data: bytes) -> Source:
    """Return octets as an expression: as text where they are, else as base64."""
    import base64

    try:
        return Source(f"{PYTHON.block(data.decode())}.encode()")
    except UnicodeDecodeError:
        encoded = base64.b64encode(data).decode()
        return PYTHON.call(Source("base64.b64decode"), encoded)


def _files(request: CodeRequest) -> Source:
    made = []
    for name, value in request.body:
        if isinstance(value, CodeFile):
            content = (
                f"Path({PYTHON.text(value.path)}).read_bytes()"
                if value.path is not None
                else octets(value.data)
            )
            file = f"{PYTHON.text(value.filename)}, {content}, {PYTHON.text(value.content_type)}"
            made.append(f"({PYTHON.text(name)}, ({file}))")
    return Source("[\n" + "".join(f"    {each},\n" for each in made) + "]")


def _imports(request: CodeRequest, library: str, name: str) -> list[Source]:
    with_path = request.reads_files() or any(f.path is not None for f in request.files)
    data = [file.data for file in request.files if file.path is None]
    data += [request.body] if name == "body" else []
    packed = request.reads_files() or any(map(_is_binary, data))
    signed = request.sigv4 is not None
    context = library == "httpx" and request.tls_ca is not None and request.tls_verify
    wanted = (
        ("import base64", packed),
        ("import hashlib", signed),
        ("import hmac", signed),
        ("import json", name == "encoded"),
        ("import os", bool(request.variables())),
        ("import ssl", context),
        ("from datetime import datetime, timezone", signed),
        ("from pathlib import Path", with_path),
        ("from urllib.parse import quote, urlsplit", signed),
    )
    found = [Source(line) for line, needed in wanted if needed]
    return [*found, *([Source("")] if found else []), Source(f"import {library}")]


def _is_binary(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False
