"""The PROXY protocol's header: who the client is, as a load balancer would say it.

Versions 1 and 2 of HAProxy's ``proxy-protocol.txt``. It is the first thing on the connection,
before TLS and before the server's greeting.
"""

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from mailgui.wrong_input import WrongInput

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # version 2, section 2.2
_FAMILIES = {4: 0x10, 6: 0x20}  # AF_INET, AF_INET6
_STREAM = 0x01
_LOCAL, _PROXY = 0x20, 0x21  # version 2 in the upper half


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """What the header says.

    Attributes:
        version: 1 (a line of text) or 2 (binary).
        source, source_port: the client that the server is to see.
        destination, destination_port: where that client is said to have connected to.
        local: "nobody, the proxy itself": ``UNKNOWN`` in version 1, ``LOCAL`` in version 2.
        raw: sent in place of all that, behind ``PROXY `` or version 2's signature; whatever it is.
    """

    version: int = 1
    source: str = ""
    source_port: int = 0
    destination: str = ""
    destination_port: int = 0
    local: bool = False
    raw: bytes | None = None

    def __post_init__(self) -> None:
        if self.version not in (1, 2):
            raise WrongInput("The PROXY protocol has the versions 1 and 2.")
        if self.raw is not None or self.local:
            return
        for what, text in (("source", self.source), ("destination", self.destination)):
            try:
                ip_address(text)
            except ValueError:
                raise WrongInput(
                    f"The PROXY header's {what} “{text}” is not an IP address."
                ) from None
        if ip_address(self.source).version != ip_address(self.destination).version:
            raise WrongInput("The PROXY header's source and destination must be of one IP version.")
        for port in (self.source_port, self.destination_port):
            if not 0 <= port <= 65535:
                raise WrongInput(f"“{port}” is not a port; a port is a number from 0 to 65535.")

    @property
    def octets(self) -> bytes:
        """The header as it goes out."""
        return self._text() if self.version == 1 else self._binary()

    @property
    def words(self) -> str:
        """Who it says the client is, for a person."""
        if self.raw is not None:
            return "octets of your own"
        if self.local:
            return "the proxy itself"
        source, destination = self.source, self.destination
        return f"{source} port {self.source_port} to {destination} port {self.destination_port}"

    def _text(self) -> bytes:
        if self.raw is not None:
            return b"PROXY " + self.raw + b"\r\n"
        if self.local:
            return b"PROXY UNKNOWN\r\n"
        family = f"TCP{ip_address(self.source).version}"
        ports = f"{self.source_port} {self.destination_port}"
        return f"PROXY {family} {self.source} {self.destination} {ports}\r\n".encode()

    def _binary(self) -> bytes:
        if self.raw is not None:
            return _SIGNATURE + self.raw
        if self.local:
            return _SIGNATURE + struct.pack("!BBH", _LOCAL, 0, 0)
        source, destination = ip_address(self.source), ip_address(self.destination)
        ports = struct.pack("!HH", self.source_port, self.destination_port)
        block = source.packed + destination.packed + ports
        family = _FAMILIES[source.version] | _STREAM
        return _SIGNATURE + struct.pack("!BBH", _PROXY, family, len(block)) + block
