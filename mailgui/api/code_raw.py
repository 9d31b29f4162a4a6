"""A request as it goes over the wire, in HTTP/1.1."""

from urllib.parse import urlsplit

from mailgui.api import auth
from mailgui.api.render import RenderedRequest


def raw_request(rendered: RenderedRequest, *, reveal: bool = False) -> bytes:
    """Return the request's octets. Placeholders stand for its secrets unless ``reveal``."""
    secrets = rendered.secrets if reveal else {}
    signed = auth.sign(rendered.provider, rendered.unsigned, secrets)
    return raw_octets(rendered.method, rendered.url, signed.headers, signed.content)


def raw_octets(
    method: str, url: str, headers: tuple[tuple[str, str], ...], content: bytes
) -> bytes:
    """Return a request's octets, with Host and Content-Length where they are missing."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    known = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in known:
        lines.append(f"Host: {parts.netloc.rpartition('@')[2]}")
    lines += [f"{name}: {value}" for name, value in headers]
    if content and "content-length" not in known:
        lines.append(f"Content-Length: {len(content)}")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + content
