"""The one rule for credentials: verified TLS or loopback only, unless expressly said otherwise."""

from urllib.parse import urlsplit

from mailgui.net.hosts import is_loopback
from mailgui.transcript import TlsSummary


def may_carry_credentials(
    host: str, tls: TlsSummary | None, *, allow_insecure: bool = False, proxied: bool = False
) -> bool:
    """Return whether a password may be sent over a connection to ``host``.

    ``tls`` is what its handshake settled. ``allow_insecure`` is the person's express word.
    Through a proxy (``proxied``) "localhost" is the proxy's machine, not this one.
    """
    if allow_insecure or (tls is not None and tls.verified):
        return True
    return is_loopback(host) and not proxied


def url_may_carry_credentials(
    url: str, *, verify: bool = True, allow_insecure: bool = False, proxied: bool = False
) -> bool:
    """Return whether a request to ``url`` may hold a key; ``verify``: TLS will be verified."""
    parts = urlsplit(url)
    if allow_insecure or (parts.scheme == "https" and verify):
        return True
    return is_loopback(parts.hostname or "") and not proxied
