"""How a check connects to what the records lead to: mail hosts and web servers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailgui.net.addresses import Pinned
from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host, is_loopback, literal_address
from mailgui.transcript import Kind, Recorder, visible

if TYPE_CHECKING:
    from mailgui.domain.questions import Asker

_EXAMPLES = tuple(
    map(
        ip_network,
        ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    )
)


@dataclass(frozen=True, slots=True)
class Connections:
    """What connecting is done with. The defaults are right; the rest is for tests on this machine.

    Attributes:
        timeout: seconds for connecting and for each reply of a mail host, and for a whole file.
        smtp_port: where mail hosts listen.
        https: address and port that stand in for every web server.
        stand_ins: addresses that are connected to in the place of mail hosts' own.
        ca_file: trusted beside the system's store.
    """

    timeout: float = 10.0
    smtp_port: int = 25
    https: tuple[str, int] | None = None
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file, or why it could not be had (``problem``, a sentence; ``kind``, a word)."""

    url: str
    body: bytes = b""
    media_type: str = ""
    problem: str = ""
    kind: str = ""


def is_example(address: str) -> bool:
    """Return whether an address is one of those set aside for examples (RFC 5737, 3849, 9637).

    Nothing is ever there: zones made to show something, such as the sandbox's, name them.
    """
    ip = ip_address(address)
    return any(ip in network for network in _EXAMPLES)


async def leads_to_example(host: str, asker: Asker) -> bool:
    """Return whether all that is known of ``host`` are addresses set aside for examples."""
    answers = await asyncio.gather(asker.ask(host, "A"), asker.ask(host, "AAAA"))
    addresses = [record for answer in answers for record in answer.records]
    return bool(addresses) and all(map(is_example, addresses))


async def fetch(url: str, connections: Connections, asker: Asker, *, most: int) -> Fetched:
    """Fetch ``url`` over HTTPS, at most ``most`` octets, without following redirects.

    Never raises for what goes wrong. Addresses inside a network are not connected to: the record
    with the URL is a stranger's. ``asker`` answers the same to the same question, so that what is
    looked at is what is connected to.
    """
    try:
        parts = urlsplit(url)
        # As it will be connected to: "１２７.0.0.1" is an address, too.
        host, port = ascii_host(parts.hostname or "").lower(), parts.port or 443
    except ValueError:
        host, port = "", 0
    if not host or not url.lower().startswith("https://"):
        problem = f"“{visible(url)[:100]}” is no https: address."
        return Fetched(visible(url), problem=problem, kind="url")
    resolver: Asker | Pinned = asker
    if connections.https is not None:
        resolver = Pinned(connections.https[0])
        url = url.replace(parts.netloc, f"{host}:{connections.https[1]}", 1)
    elif await leads_to_example(host, asker):
        return Fetched(url, problem=f"{host} has an address made for examples.", kind="example")
    elif await _is_inside(host, asker):
        return Fetched(url, problem=f"{host} leads into a private network.", kind="private")
    name = host if port == 443 else f"{host}:{port}"
    return await _get(url, name, resolver, connections, most)


async def _is_inside(host: str, asker: Asker) -> bool:
    literal = literal_address(host)
    if is_loopback(host):
        return True
    if literal is not None:
        return not _is_outside(literal)
    answers = await asyncio.gather(asker.ask(host, "A"), asker.ask(host, "AAAA"))
    addresses = [literal_address(record) for answer in answers for record in answer.records]
    return not all(_is_outside(address) for address in addresses if address is not None)


def _is_outside(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


async def _get(
    url: str, host: str, resolver: Asker | Pinned, connections: Connections, most: int
) -> Fetched:
    from mailgui.net.http import HttpClient, HttpSettings

    settings = HttpSettings(ca_file=connections.ca_file, timeout=connections.timeout, max_body=most)
    headers = [("Host", host), ("Accept", "*/*"), ("User-Agent", "MailGUI")]
    try:
        async with HttpClient(settings, resolver=resolver) as client:
            async with asyncio.timeout(connections.timeout * 2):
                exchange = await client.request("GET", url, headers, recorder=Recorder(Kind.HTTP))
    except NetworkFault as fault:
        return Fetched(url, problem=fault.sentence, kind=fault.kind)
    except TimeoutError:
        return Fetched(url, problem=f"{host} took too long.", kind="timed_out")
    except ValueError as error:
        return Fetched(url, problem=visible(str(error)), kind="url")
    if exchange.status != 200:
        words = f"{host} answered with status {exchange.status}, not 200."
        return Fetched(url, problem=words, kind="status")
    fields = {name.lower(): value for name, value in exchange.response_headers}
    media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(url, exchange.response_body, media_type)
