"""Where the embedded servers may listen: on this machine's loopback, and nowhere else."""

import contextlib
import socket
import time
import weakref
from ipaddress import ip_address
from typing import Any

from mailgui.net.stream import Endpoint
from mailgui.wrong_input import WrongInput

STALE = 180.0  # seconds; where there is no room left, the oldest beyond that makes some


def parse_listening(text: str, purpose: str) -> Endpoint:
    """Return the address in ``HOST:PORT`` (``[::1]:0``, ``localhost:2525``, ``127.0.0.1``).

    Port 0, or none, is a free one. Raises ValueError with a sentence for anything that is not
    loopback: what the sandbox takes in must not be open to a network.
    """
    host, port_text = _split(text.strip())
    if host.lower() == "localhost":
        host = "127.0.0.1"
    try:
        address = ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise WrongInput(
            f"The sandbox's {purpose} server listens on this machine only: “{host}” is not a "
            "loopback address. Use 127.0.0.1 or [::1]."
        )
    if not port_text.isascii() or not port_text.isdigit() or int(port_text) > 65535:
        raise WrongInput(
            f"“{port_text}” is not a port for the sandbox's {purpose} server: it is a number from "
            "0 (any free one) to 65535."
        )
    return Endpoint(str(address), int(port_text))


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":") or "0"
    if text.count(":") > 1:  # a bare IPv6 address
        return text, "0"
    host, _, port = text.partition(":")
    return host, port or "0"


class BoundedListener(socket.socket):
    """A listening socket that holds at most ``most`` connections open; one too many is closed,
    unless one is there that is older than ``STALE``, which is closed then in its place: whoever
    opens many and says little on them, octet by octet, must not keep all others out for good.

    For servers that do not count them: without a bound, whoever connects often enough leaves the
    whole program without descriptors. (Windows, where the loop accepts by itself and has no such
    limit, is not affected by either.)
    """

    def __init__(self, bound: socket.socket, most: int) -> None:
        super().__init__(bound.family, bound.type, bound.proto, fileno=bound.detach())
        self.setblocking(False)
        self._most = most
        self._open: weakref.WeakKeyDictionary[socket.socket, float] = weakref.WeakKeyDictionary()

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection. Raises BlockingIOError where there are too many."""
        accepted, address = super().accept()
        if len(self._open) >= self._most:
            alive = {s: since for s, since in self._open.items() if s.fileno() >= 0}
            self._open = weakref.WeakKeyDictionary(alive)
        if len(self._open) >= self._most and not self._make_room():
            accepted.close()
            raise BlockingIOError
        self._open[accepted] = time.monotonic()
        return accepted, address

    def _make_room(self) -> bool:
        """End the oldest connection, if it is old enough; return whether that made room."""
        oldest, since = min(self._open.items(), key=lambda item: item[1])
        if time.monotonic() - since < STALE:
            return False
        with contextlib.suppress(OSError):  # whoever serves it reads an end, and closes it
            oldest.shutdown(socket.SHUT_RDWR)
        del self._open[oldest]
        return True


def bind(endpoint: Endpoint, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """Return a non-blocking socket bound to ``endpoint``. Raises OSError with both in its text."""
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets whose protocol is named; with it on,
    # each reply of several writes waits 40 ms for the other side's delayed acknowledgement.
    protocol = socket.IPPROTO_TCP if kind is socket.SOCK_STREAM else socket.IPPROTO_UDP
    bound = socket.socket(family, kind, protocol)
    try:
        if kind is socket.SOCK_STREAM:
            # So that a restart on the same port need not wait for old connections to fade.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((endpoint.host, endpoint.port))
        bound.setblocking(False)
    except OSError as fault:
        bound.close()
        raise OSError(fault.errno, f"{fault.strerror} ({endpoint})") from None
    return bound


def bound_to(bound: socket.socket) -> Endpoint:
    """Return where a socket is bound."""
    host, port = bound.getsockname()[:2]
    return Endpoint(host, port)
