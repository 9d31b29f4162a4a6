"""A transcript of HTTP as HAR 1.2, which browsers and HTTP tools open.

Format: http://www.softwareishard.com/blog/har-12-spec/. Times are milliseconds; -1 is "does not
apply". HAR counts the TLS handshake within ``connect``; a transcript keeps them apart.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mailgui import __version__
from mailgui.transcript.export_json import milliseconds
from mailgui.transcript.model import HttpExchange, Phase, Transcript

_LAST_PHASE = "receive"


def to_har(transcript: Transcript) -> dict[str, Any]:
    """Return a HAR log with one entry for each HTTP exchange of the transcript."""
    stretches = list(_stretches(transcript.phases))
    entries = []
    for index, exchange in enumerate(transcript.exchanges):
        phases = stretches[index] if index < len(stretches) else []
        entries.append(_entry(exchange, phases, transcript.started, transcript.peer))
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "MailGUI", "version": __version__},
            "pages": [],
            "entries": entries,
            "comment": transcript.summary,
        }
    }


def _stretches(phases: Sequence[Phase]) -> Iterator[list[Phase]]:
    """Cut the phases of a conversation into those of each exchange: ``receive`` ends one."""
    stretch: list[Phase] = []
    for phase in phases:
        stretch.append(phase)
        if phase.name == _LAST_PHASE:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _entry(
    exchange: HttpExchange, phases: Sequence[Phase], started: datetime, peer: str
) -> dict[str, Any]:
    begin = started + timedelta(seconds=phases[0].start if phases else 0.0)
    timings = _timings(phases)
    return {
        "startedDateTime": begin.isoformat(timespec="milliseconds"),
        "time": round(sum(v for k, v in timings.items() if v > 0 and k != "ssl"), 3),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": timings,
        "connection": peer,
    }


def _timings(phases: Sequence[Phase]) -> dict[str, float]:
    spent: dict[str, float] = {}
    for phase in phases:
        spent[phase.name] = spent.get(phase.name, 0.0) + milliseconds(phase.duration)
    tls = spent.get("tls", -1)
    connect = spent.get("connect", -1)
    if tls >= 0:
        connect = max(connect, 0) + tls
    return {
        "blocked": -1,
        "dns": spent.get("dns", -1),
        "connect": round(connect, 3),
        "ssl": tls,
        "send": spent.get("send", 0.0),
        "wait": spent.get("wait", 0.0),
        "receive": spent.get("receive", 0.0),
    }


def _request(exchange: HttpExchange) -> dict[str, Any]:
    try:
        query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    except ValueError:
        query = []
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version,
        "cookies": [],
        "headers": _pairs(exchange.request_headers),
        "queryString": _pairs(query),
        "headersSize": -1,
        "bodySize": len(exchange.request_body),
    }
    if exchange.request_body:
        text, comment = _text(exchange.request_body)
        mime_type = _header(exchange.request_headers, "content-type")
        request["postData"] = {"mimeType": mime_type, "params": [], "text": text}
        if comment:
            request["postData"]["comment"] = comment
    return request


def _response(exchange: HttpExchange) -> dict[str, Any]:
    body = exchange.response_body
    content: dict[str, Any] = {
        "size": len(body),
        "mimeType": _header(exchange.response_headers, "content-type"),
    }
    try:
        content["text"] = body.decode("utf-8")
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    return {
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": exchange.http_version,
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": content,
        "redirectURL": _header(exchange.response_headers, "location"),
        "headersSize": -1,
        "bodySize": -1,  # what is kept is decoded; how long it was on the wire is not known
    }


def _text(body: bytes) -> tuple[str, str]:
    """Return a request's body as text; HAR has no base64 there, so octets are written out."""
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError:
        return body.decode("utf-8", "backslashreplace"), r"Octets that are not UTF-8 are \xNN."


def _header(pairs: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in pairs if key.lower() == name), "")


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
