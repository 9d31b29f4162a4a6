"""How an account's requests travel: what its settings ask of HTTP."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailgui.api.settings import ApiSettings

if TYPE_CHECKING:
    from mailgui.net.http import HttpSettings


def http_settings(
    settings: ApiSettings, url: str, secrets: Mapping[str, str] | None = None
) -> "HttpSettings":
    """Return how to speak HTTP with ``url`` for an account; ``secrets`` may hold its proxy's."""
    from mailgui.net.http import HttpSettings
    from mailgui.net.proxy_address import PROXY_PASSWORD, with_password

    proxy = proxy_for(settings, url)
    if proxy and secrets:
        proxy = with_password(proxy, secrets.get(PROXY_PASSWORD))

    return HttpSettings(
        verify=settings.tls_verify,
        ca_file=settings.tls_ca,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        proxy=proxy,
        http2=settings.http2,
        timeout=settings.timeout,
    )


def proxy_for(settings: ApiSettings, url: str) -> str | None:
    """Return the proxy for ``url``: the account's own, else the environment's if it may be asked.

    The environment's are ``https_proxy`` or ``http_proxy`` by the scheme, else ``all_proxy``, in
    either case of letters, unless ``no_proxy`` names the host.
    """
    if settings.proxy or not settings.proxy_from_environment:
        return settings.proxy
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if _excepted(host, port, _variable("no_proxy")):
        return None
    # HTTP_PROXY in capitals is what a web server makes of a request's header (CVE-2016-5385).
    by_scheme = os.environ.get("http_proxy", "") if parts.scheme == "http" else ""
    by_scheme = by_scheme or (_variable("https_proxy") if parts.scheme == "https" else "")
    found = by_scheme or _variable("all_proxy")
    if found and "://" not in found:
        found = f"http://{found}"
    return found or None


def _variable(name: str) -> str:
    return os.environ.get(name, "") or os.environ.get(name.upper(), "")


def _excepted(host: str, port: int | None, exceptions: str) -> bool:
    """Return whether a list such as ``localhost,.example.com,*`` names the host."""
    for item in exceptions.lower().replace(",", " ").split():
        name, _, number = item.partition(":") if item.count(":") == 1 else (item, "", "")
        if number and number != str(port):
            continue
        name = name.removeprefix("*.").lstrip(".")
        if name == "*" or host == name or host.endswith(f".{name}"):
            return True
    return False
