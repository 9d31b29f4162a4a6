"""What a proxy is, and through a SOCKS5 one (RFC 1928, RFC 1929), which also looks names up."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host
from mailgui.net.stream import Endpoint, Stream
from mailgui.transcript import Layer, Recorder, Stage
from mailgui.wrong_input import WrongInput

_REFUSALS = {
    b"\x01": "it failed",
    b"\x02": "its rules forbid it",
    b"\x03": "it has no route to that network",
    b"\x04": "it cannot reach that host",
    b"\x05": "that host refused the connection",
    b"\x06": "the way is too long",
    b"\x07": "it does not know the command",
    b"\x08": "it does not know that kind of address",
}
_ADDRESS_LENGTHS = {1: 4, 4: 16}  # octets of an IPv4 and an IPv6 address


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's place, who to be there, and how it is spoken to: ``socks5``, ``http`` or ``https``
    (that is HTTP inside TLS).
    """

    endpoint: Endpoint
    username: str = ""
    password: str = field(default="", repr=False)
    kind: str = "socks5"


def parse_proxy(url: str) -> Proxy:
    """Return the proxy that ``socks5://[user:password@]host[:port]`` names, or ``http[s]://…``.

    The port is 1080 by default, 8080 for HTTP, and 443 for HTTPS. Raises ValueError with a sentence
    that does not repeat the address: it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 8080, "https": 443}.get(parts.scheme, 1080)
    except ValueError:
        raise WrongInput("The proxy's address cannot be read.") from None
    if parts.scheme not in ("socks5", "socks5h", "http", "https") or not parts.hostname:
        raise WrongInput(
            "A proxy is written socks5://host:port, http://host:port or https://host:port."
        )
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    kind = parts.scheme.removesuffix("h")
    return Proxy(Endpoint(parts.hostname, port), username, password, kind)


async def socks5_connect(
    stream: Stream, proxy: Proxy, target: Endpoint, recorder: Recorder
) -> None:
    """Ask the proxy at the end of ``stream`` to connect it on to ``target``.

    Raises NetworkFault of kind ``proxy``.
    """
    from socksio import ProtocolError, socks5

    recorder.masker.add(proxy.password)
    connection = socks5.SOCKS5Connection()
    method = (
        socks5.SOCKS5AuthMethod.USERNAME_PASSWORD
        if proxy.username
        else socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED
    )
    where = f"The proxy {proxy.endpoint.words}"
    try:
        connection.send(socks5.SOCKS5AuthMethodsRequest([method]))
        await stream.write(connection.data_to_send())
        chosen = connection.receive_data(await _exactly(stream, 2))
        if not isinstance(chosen, socks5.SOCKS5AuthReply) or chosen.method != method:
            raise _fault(f"{where} wants another way of signing in.")
        if proxy.username:
            request = socks5.SOCKS5UsernamePasswordRequest(
                proxy.username.encode(), proxy.password.encode()
            )
            connection.send(request)
            await stream.write(connection.data_to_send())
            verdict = connection.receive_data(await _exactly(stream, 2))
            if not isinstance(verdict, socks5.SOCKS5UsernamePasswordReply) or not verdict.success:
                raise _fault(f"{where} refused the user name or password.")
        destination = (ascii_host(target.host), target.port)
        command = socks5.SOCKS5Command.CONNECT
        connection.send(socks5.SOCKS5CommandRequest.from_address(command, destination))
        await stream.write(connection.data_to_send())
        code = await _read_reply(stream)
    except (ProtocolError, OverflowError, ValueError):
        raise _fault(f"{where} does not speak SOCKS5.") from None
    if code != b"\x00":
        reason = _REFUSALS.get(code, "for no reason it names")
        raise _fault(f"{where} did not connect to {target.words}: {reason}.")
    recorder.info(f"Proxy connected to {target.words}", layer=Layer.TCP, stage=Stage.CONNECT)


async def _read_reply(stream: Stream) -> bytes:
    """Return the reply's code, having read the reply and not an octet more."""
    head = await _exactly(stream, 4)
    if head[0] != 5:
        raise ValueError("not SOCKS5")
    length = _ADDRESS_LENGTHS.get(head[3])
    if length is None:
        length = (await _exactly(stream, 1))[0]
    await _exactly(stream, length + 2)
    return head[1:2]


async def _exactly(stream: Stream, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        chunk = await stream.read(count - len(octets))
        if not chunk:
            raise _fault(f"The proxy {stream.peer.words} closed the connection.")
        octets += chunk
    return octets


def _fault(sentence: str) -> NetworkFault:
    return NetworkFault(Stage.CONNECT, "proxy", sentence)
