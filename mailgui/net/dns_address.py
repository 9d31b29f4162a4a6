"""Which name server to ask, as a person types it."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from mailgui.wrong_input import WrongInput

Transport = Literal["udp", "tls", "https"]
_DEFAULT_PORTS = {"udp": 53, "tls": 853, "https": 443}
_HOW = "Give ADDRESS, ADDRESS:PORT, tls://HOST or https://HOST/dns-query."


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One name server.

    Attributes:
        transport: ``udp`` (with TCP on truncation), ``tls`` (RFC 7858) or ``https`` (RFC 8484).
        host: an IP address; with ``tls`` and ``https`` also a name.
        url: the address to post to, for ``https`` only.
    """

    transport: Transport
    host: str
    port: int
    url: str | None = None

    def __str__(self) -> str:
        if self.url is not None:
            return self.url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tls://{host}:{self.port}" if self.transport == "tls" else f"{host}:{self.port}"


def parse_server(text: str) -> ServerAddress:
    """Return the server that ``text`` names: ``ADDRESS[:PORT]``, ``tls://…`` or ``https://…``.

    Raises ValueError with a sentence for a person.
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        host, port = _host_and_port(text, text)
        return ServerAddress("udp", _address(host, text), port or _DEFAULT_PORTS["udp"])
    scheme = scheme.lower()
    if scheme in ("udp", "dns"):
        return parse_server(rest.rstrip("/"))
    if scheme == "tls":
        host, port = _host_and_port(rest.rstrip("/"), text)
        return ServerAddress("tls", host, port or _DEFAULT_PORTS["tls"])
    if scheme == "https":
        return _https(text)
    raise WrongInput(f"The name server “{text}” has an unknown scheme. {_HOW}")


def _https(text: str) -> ServerAddress:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise WrongInput(f"The name server “{text}” is not a URL. {_HOW}")
    url = text if parts.path not in ("", "/") else f"https://{parts.netloc}/dns-query"
    return ServerAddress("https", host, port or _DEFAULT_PORTS["https"], url)


def _host_and_port(text: str, whole: str) -> tuple[str, int | None]:
    """Split ``host``, ``host:port``, ``[v6]``, ``[v6]:port`` or a bare IPv6 address."""
    if text.startswith("["):
        host, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise WrongInput(f"The name server “{whole}” has an unclosed bracket. {_HOW}")
        return host, _port(tail[1:], whole) if tail else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return _nonempty(host, whole), _port(port, whole)
    return _nonempty(text, whole), None


def _nonempty(host: str, whole: str) -> str:
    if not host:
        raise WrongInput(f"The name server “{whole}” lacks its address. {_HOW}")
    return host


def _port(text: str, whole: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536:
        return int(text)
    raise WrongInput(f"The port in “{whole}” is not a number from 1 to 65535.")


def _address(host: str, whole: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        raise WrongInput(f"The name server “{whole}” is not an IP address. {_HOW}") from None
