"""A request made fit for the wire, before anything is connected."""

from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host
from mailgui.net.stream import Endpoint
from mailgui.transcript import HttpExchange, Stage

_PORTS = {"http": 80, "https": 443}
_TARGET_SAFE = "/%:@!$&'()*+,;=?-._~[]"  # what of RFC 3986 may stand in a target as it is
_REDIRECTS = (301, 302, 303, 307, 308)
_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: scheme, host and port, and what is asked for there."""

    scheme: str
    endpoint: Endpoint
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        if self.endpoint.port == _PORTS[self.scheme]:
            return f"[{self.endpoint.host}]" if ":" in self.endpoint.host else self.endpoint.host
        return str(self.endpoint)

    @property
    def origin(self) -> tuple[str, Endpoint]:
        """What must be the same for a redirect to be followed."""
        return (self.scheme, self.endpoint)


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request, with exactly the headers that go out."""

    method: str
    url: str
    target: Target
    headers: tuple[tuple[str, str], ...] = field(repr=False)  # a key may be in either
    content: bytes = field(repr=False)


def build(method: str, url: str, headers: list[tuple[str, str]], content: bytes) -> Request:
    """Return the request with Host and Content-Length added where they are missing.

    Raises NetworkFault (stage send) for what cannot go out safely.
    """
    for text in (method, url, *(part for header in headers for part in header)):
        if any(sign in text for sign in "\r\n\0"):
            raise _fault("The request holds a line break or NUL in its address or a header.")
    if not method.isascii() or not method.replace("-", "").isalnum():
        raise _fault("The request's method is not an HTTP method.")
    target = parse_target(url)
    given = {name.lower() for name, _ in headers}
    complete = list(headers)
    if "host" not in given:
        complete.insert(0, ("Host", target.authority))
    framed = given & {"content-length", "transfer-encoding"}
    if (content or method in _WITH_BODY) and not framed:
        complete.append(("Content-Length", str(len(content))))
    return Request(method, url, target, tuple(complete), content)


def parse_target(url: str) -> Target:
    """Return where ``url`` leads; raises NetworkFault (stage send)."""
    try:
        parts = urlsplit(url)
        host = ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:
        raise _fault("The address of the request cannot be read.") from None
    if parts.scheme not in _PORTS:
        raise _fault("The address of the request must begin with https:// or http://.")
    if parts.username or parts.password:
        raise _fault("A user name or password does not belong in the address of a request.")
    path = quote(parts.path or "/", safe=_TARGET_SAFE)
    if parts.query:
        path += "?" + quote(parts.query, safe=_TARGET_SAFE)
    return Target(parts.scheme, Endpoint(host, port or _PORTS[parts.scheme]), path)


def redirected(request: Request, answer: HttpExchange) -> Request | None:
    """Return the request that a redirect asks for, or None if ``answer`` is none.

    Raises NetworkFault when it leads to another scheme, host or port: what was meant for one server
    is not handed to another (RFC 9110, section 15.4).
    """
    location = next((v for n, v in answer.response_headers if n.lower() == "location"), None)
    if answer.status not in _REDIRECTS or location is None:
        return None
    url = urljoin(request.url, location)
    target = parse_target(url)
    if target.origin != request.target.origin:
        sentence = (
            f"{request.target.endpoint.words} redirects to {target.endpoint.words}: not followed."
        )
        raise NetworkFault(Stage.RECEIVE, "http_redirect", sentence)
    method, content, headers = request.method, request.content, list(request.headers)
    if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
        method, content = ("HEAD" if method == "HEAD" else "GET"), b""
        headers = [(n, v) for n, v in headers if not n.lower().startswith("content-")]
    return Request(method, url, target, tuple(headers), content)


def _fault(sentence: str) -> NetworkFault:
    return NetworkFault(Stage.SEND, "http_malformed", sentence)
