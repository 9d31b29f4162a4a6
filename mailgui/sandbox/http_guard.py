"""Who may talk to the embedded HTTP server: programs of this machine, not pages in a browser.

A page from anywhere can make a browser call loopback. It betrays itself by its Origin; and one that
lets its own name resolve to loopback (DNS rebinding), by its Host.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from mailgui.net.stream import Endpoint

Headers = Mapping[str, str]


def objection(headers: Headers, endpoint: Endpoint) -> tuple[int, str] | None:
    """Return the status and the sentence to refuse a request with, or None to serve it.

    ``headers`` has lower-case names.
    """
    if not _is_ours(headers.get("host", ""), endpoint):
        return 421, "The sandbox answers to its own loopback address only."
    origin = headers.get("origin")
    if origin is not None and not _is_ours(origin.partition("://")[2], endpoint):
        return 403, "The sandbox does not answer pages of other origins."
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return 403, "The sandbox does not answer pages of other sites."
    return None


def _is_ours(authority: str, endpoint: Endpoint) -> bool:
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return False
    if parts.username is not None or parts.path or port != endpoint.port:
        return False
    return host in {"localhost", "127.0.0.1", "::1", endpoint.host}
