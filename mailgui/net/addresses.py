"""From a host's name to the addresses to try, in the order to try them."""

import asyncio
import socket
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, Protocol

from mailgui.net.errors import NetworkFault
from mailgui.net.hosts import ascii_host, is_loopback, literal_address
from mailgui.net.threads import in_daemon_thread
from mailgui.transcript import Layer, Phase, Recorder, Stage

Family = Literal["ipv4", "ipv6"]


class DnsAnswer(Protocol):
    """What of an answer is needed here."""

    @property
    def status(self) -> str:
        """``found nodata nxdomain servfail refused timeout failed``."""

    @property
    def records(self) -> tuple[str, ...]:
        """The addresses."""


class Resolver(Protocol):
    """Whoever is asked for addresses in place of the system. Records its own questions."""

    async def ask(self, name: str, rdtype: str, *, recorder: Recorder | None = None) -> DnsAnswer:
        """Return the answer to one question; never raises for what DNS says."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A resolver that knows one address, whatever the name."""

    address: str

    async def ask(
        self, name: str, rdtype: str, *, recorder: Recorder | None = None
    ) -> "GivenAnswer":
        """Answer with the address where it is of the family asked for."""
        fits = (":" in self.address) is (rdtype == "AAAA")
        return GivenAnswer("found", (self.address,)) if fits else GivenAnswer("nodata")


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What ``Pinned`` answers; a DnsAnswer."""

    status: str
    records: tuple[str, ...] = ()


async def addresses_of(
    host: str,
    *,
    recorder: Recorder,
    timeout: float,
    only: Family | None = None,
    resolver: Resolver | None = None,
) -> list[str]:
    """Return the addresses of ``host``, families interleaved (RFC 8305, section 4), or ``only``
    those of one.

    Records the phase ``dns``. Waits at most ``timeout`` seconds. Raises NetworkFault (stage dns).
    ``localhost`` never leaves this machine, whatever the resolver (RFC 6761, section 6.3).
    """
    literal = literal_address(host)
    if literal is not None:
        _of_family([str(literal)], only, host)
        recorder.add_phase(Phase("dns", recorder.now(), 0.0, "not needed"))
        return [str(literal)]
    with recorder.phase("dns"):
        try:
            name = ascii_host(host)
        except ValueError as error:
            raise NetworkFault(Stage.DNS, "name_failed", str(error)) from None
        try:
            async with asyncio.timeout(timeout):
                if resolver is None or is_loopback(name):
                    found = await _ask_system(name)
                else:
                    found = await _ask_resolver(resolver, name, recorder)
        except TimeoutError:
            sentence = f"No name server told the address of {host} within {timeout:g} seconds."
            raise NetworkFault(Stage.DNS, "name_timeout", sentence) from None
        ordered = _interleave(_of_family(found, only, host))
        recorder.info(f"{host} is {', '.join(ordered)}", layer=Layer.DNS, stage=Stage.DNS)
        return ordered


async def _ask_system(name: str) -> list[str]:
    try:
        infos = await in_daemon_thread(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise _name_fault(name, error) from None
    except (OSError, UnicodeError) as error:
        sentence = f"This machine could not look up {name}: {error}."
        raise NetworkFault(Stage.DNS, "name_failed", sentence) from None
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def _name_fault(name: str, error: socket.gaierror) -> NetworkFault:
    missing = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    if error.errno in missing:
        sentence = f"There is no address for the name {name}."
        return NetworkFault(Stage.DNS, "name_not_found", sentence)
    sentence = f"This machine's name service could not look up {name} just now."
    return NetworkFault(Stage.DNS, "name_failed", sentence)


async def _ask_resolver(resolver: Resolver, name: str, recorder: Recorder) -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(resolver.ask(name, rdtype, recorder=recorder))
            for rdtype in ("AAAA", "A")
        ]
    answers = [task.result() for task in tasks]
    found = [record for answer in answers for record in answer.records]
    found = [record for record in found if literal_address(record) is not None]
    if found:
        return found
    statuses = [str(answer.status) for answer in answers]
    if "nxdomain" in statuses:
        raise NetworkFault(Stage.DNS, "name_not_found", f"The name {name} does not exist.")
    if "timeout" in statuses:
        sentence = f"No name server told the address of {name} in time."
        raise NetworkFault(Stage.DNS, "name_timeout", sentence)
    failures = [status for status in statuses if status not in ("found", "nodata")]
    if failures:
        sentence = f"The name servers could not say the address of {name} ({failures[0]})."
        raise NetworkFault(Stage.DNS, "name_failed", sentence)
    raise NetworkFault(Stage.DNS, "name_not_found", f"The name {name} has no address.")


def _of_family(addresses: list[str], only: Family | None, host: str) -> list[str]:
    """Return those of one family; raises NetworkFault where there are but others."""
    if only is None or not addresses:
        return addresses
    left = [address for address in addresses if (":" in address) is (only == "ipv6")]
    if not left:
        words = {"ipv4": "IPv4", "ipv6": "IPv6"}[only]
        sentence = f"{host} has no {words} address, and no other is to be used."
        raise NetworkFault(Stage.DNS, "name_not_found", sentence)
    return left


def _interleave(addresses: list[str]) -> list[str]:
    """Alternate the families, beginning with the first one's."""
    if not addresses:
        return []
    six_first = ":" in addresses[0]
    first = [a for a in addresses if (":" in a) is six_first]
    second = [a for a in addresses if (":" in a) is not six_first]
    return [a for pair in zip_longest(first, second) for a in pair if a is not None]
