"""One record as several name servers tell it: the domain's own, and those that people ask.

For whoever has just changed a record: who already has the new one, and for how long the others keep
the old. An authoritative server is asked directly; a resolver's TTL is the time that is left.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mailgui.domain.names import parse_domain
from mailgui.findings import Finding, Severity
from mailgui.net.dns_answer import Answer, AnswerStatus

_MOST = 12  # authoritative servers
_FOUND = (AnswerStatus.FOUND, AnswerStatus.NODATA, AnswerStatus.NXDOMAIN)


class Asked(Protocol):
    """A resolver, as far as it is needed here."""

    async def ask(self, name: str, rdtype: str, *, fresh: bool = False) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What one server says.

    Attributes:
        server: its address; ``label`` what it is to a person.
        authoritative: whether it is one of the domain's own.
        agrees: whether it says the same as the domain's own; None where that is not known.
    """

    server: str
    label: str
    authoritative: bool
    answer: Answer
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class ServerComparison:
    """What all of them say."""

    name: str
    rdtype: str
    zone: str | None
    told: tuple[Told, ...]
    findings: tuple[Finding, ...]


async def compare_servers(
    name: str,
    rdtype: str,
    *,
    system: Asked,
    resolvers: Sequence[tuple[str, str]],
    ask_server: Callable[[str], Asked],
) -> ServerComparison:
    """Ask the domain's own servers and ``resolvers`` (address, label) for one record, at once.

    ``system`` finds the domain's own servers; ``ask_server`` returns who asks a given one. Raises
    ValueError with a sentence when ``name`` is no domain name.
    """
    wanted = parse_domain(name)
    zone, own = await own_servers(wanted, system)
    servers = [(address, f"{host} ({address})", True) for host, address in own[:_MOST]]
    servers += [(address, label, False) for address, label in resolvers]

    async def one(address: str, label: str, authoritative: bool) -> Told:
        answer = await ask_server(address).ask(wanted, rdtype, fresh=True)
        return Told(address, label, authoritative, answer)

    told = await asyncio.gather(*(one(*server) for server in servers))
    judged = _judge(list(told))
    return ServerComparison(wanted, rdtype, zone, judged, tuple(_findings(judged, zone)))


async def own_servers(name: str, system: Asked) -> tuple[str | None, list[tuple[str, str]]]:
    """Return the zone that ``name`` is in, and its name servers as (host, address)."""
    labels = name.split(".")
    for start in range(len(labels)):
        zone = ".".join(labels[start:])
        answer = await system.ask(zone, "NS")
        if answer.status is AnswerStatus.FOUND and not answer.cname:
            hosts = sorted(record.rstrip(".").lower() for record in answer.records)[:_MOST]
            found = await asyncio.gather(*(_addresses(host, system) for host in hosts))
            return zone, [(host, a) for host, many in zip(hosts, found, strict=True) for a in many]
    return None, []


async def _addresses(host: str, system: Asked) -> list[str]:
    four, six = await asyncio.gather(system.ask(host, "A"), system.ask(host, "AAAA"))
    return [*four.records, *six.records][:4]


def _judge(told: list[Told]) -> tuple[Told, ...]:
    own = [_content(each) for each in told if each.authoritative and each.answer.status in _FOUND]
    truth = own[0] if own and all(content == own[0] for content in own) else None
    return tuple(
        Told(
            each.server,
            each.label,
            each.authoritative,
            each.answer,
            None if truth is None or each.answer.status not in _FOUND else _content(each) == truth,
        )
        for each in told
    )


def _content(told: Told) -> tuple[str, ...]:
    """Return what counts in a comparison: the records, in no order; no such name counts as none."""
    return tuple(sorted(told.answer.records))


def _findings(told: Sequence[Told], zone: str | None) -> list[Finding]:
    own = [each for each in told if each.authoritative]
    silent = [each for each in own if each.answer.status not in _FOUND]
    found: list[Finding] = []
    if zone is None or not own:
        found.append(
            Finding(
                "servers.none",
                Severity.ATTENTION,
                "The domain's own name servers could not be found",
                "Without them it cannot be told which answer is the newest.",
                "Check the delegation: the NS records of the zone and their addresses.",
            )
        )
    if silent:
        names = ", ".join(each.label for each in silent)
        found.append(
            Finding(
                "servers.silent",
                Severity.BROKEN if len(silent) == len(own) else Severity.ATTENTION,
                f"{len(silent)} of the domain's own {len(own)} servers did not answer",
                f"{names}. Whoever asks these gets nothing, or gets it late.",
                "Tell whoever runs the name servers.",
            )
        )
    answered = {_content(each) for each in own if each.answer.status in _FOUND}
    if len(answered) > 1:
        found.append(
            Finding(
                "servers.differ",
                Severity.BROKEN,
                "The domain's own servers do not say the same",
                "Whose answer a receiver gets is chance.",
                "Check that the zone was transferred: compare the serial numbers in the SOA.",
            )
        )
    found += [_late(each) for each in told if each.agrees is False and not each.authoritative]
    return found


def _late(told: Told) -> Finding:
    left = told.answer.ttl
    when = (
        f"It keeps it for {left:,} seconds more." if left else "How long it keeps it is not told."
    )
    return Finding(
        "servers.late",
        Severity.INFO,
        f"{told.label} still has another answer",
        when,
        "Wait until then; nothing need be done.",
        evidence=told.answer.records,
    )
