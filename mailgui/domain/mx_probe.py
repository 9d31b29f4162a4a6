"""Knocking at a domain's mail hosts: whether they answer, encrypt, and show a good certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mailgui.domain.connections import Connections, is_example
from mailgui.findings import Finding, Severity
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.mx import MailHost
    from mailgui.smtp.probe_mx import MxProbe

_MAX_PROBES = 12
_OF_A_HOST = 4  # addresses of one host
_OLD = ("SSLv3", "TLSv1", "TLSv1.1")  # RFC 8996


async def probe_hosts(hosts: Sequence[MailHost], connections: Connections) -> tuple[MxProbe, ...]:
    """Return how the addresses of ``hosts`` behave, the first ones of each, bounded."""
    from mailgui.smtp.probe_mx import probe_mx

    targets = [
        (host, address)
        for host in hosts
        for address in (
            *host.ipv4.records[: _OF_A_HOST // 2],
            *host.ipv6.records[: _OF_A_HOST // 2],
        )
        if not is_example(address)
    ]
    return tuple(
        await asyncio.gather(
            *(
                probe_mx(
                    host.name,
                    connections.stand_ins.get(address, address),
                    connections.smtp_port,
                    preference=host.preference,
                    timeout=connections.timeout,
                    ca_file=connections.ca_file,
                )
                for host, address in targets[:_MAX_PROBES]
            )
        )
    )


def describe(probe: MxProbe) -> dict[str, object]:
    """Return a probe as the ``mx`` section holds it."""
    certificate = probe.tls.chain[0] if probe.tls and probe.tls.chain else None
    return {
        "host": probe.host,
        "address": probe.address,
        "port": probe.port,
        "reach": probe.reach,
        "banner": visible(probe.banner),
        "starttls": probe.starttls if probe.answered else None,
        "tls": probe.tls.version if probe.tls else None,
        "cipher": probe.tls.cipher if probe.tls else None,
        "certificate": probe.certificate,
        "names": list(certificate.names) if certificate else [],
        "expires": certificate.not_after.isoformat() if certificate else None,
        "problem": visible(probe.problem) or None,
    }


def judge_probes(probes: Sequence[MxProbe]) -> tuple[Finding, ...]:
    """Return the findings on what came of it."""
    from mailgui.smtp.probe_mx import port_seems_blocked

    if port_seems_blocked(probes) or (probes and all(p.reach == "blocked" for p in probes)):
        return (_blocked(probes),)
    found = [finding for probe in probes for finding in _unreached(probe)]
    by_host: dict[str, list[MxProbe]] = {}
    for probe in probes:
        if probe.reach == "open":
            by_host.setdefault(probe.host, []).append(probe)
    for group in by_host.values():
        found += _of_host(group)
    return tuple(found)


def _blocked(probes: Sequence[MxProbe]) -> Finding:
    return Finding(
        "mx.port_blocked",
        Severity.INFO,
        "Your network blocks port 25",
        "None of the mail hosts could be reached, nor did any refuse: most providers let no "
        "private line out to port 25. About the hosts themselves that says nothing.",
        "Run the check on a server to have encryption and certificates looked at.",
        tuple(f"{probe.host} {probe.address}: {probe.reach}" for probe in probes),
    )


def _unreached(probe: MxProbe) -> Iterator[Finding]:
    place = (f"{probe.host} {probe.address} port {probe.port}: {probe.reach}",)
    name = visible(probe.host)
    if probe.reach == "refused":
        yield Finding(
            "mx.refused",
            Severity.BROKEN,
            f"{name} refuses connections at {probe.address}",
            "Nothing listens there: mail waits at its senders, or goes to the next host.",
            "Start the mail server, or correct the address.",
            place,
        )
    elif probe.reach in ("timed_out", "failed"):
        yield Finding(
            "mx.no_answer",
            Severity.ATTENTION,
            f"{name} does not answer at {probe.address}",
            "It is down, a firewall drops the connection, or your network lets nobody out to that "
            "port.",
            "Try from another network; then check the host and its firewall.",
            place,
        )
    elif probe.reach == "unreachable" and ":" not in probe.address:
        yield Finding(
            "mx.unreachable",
            Severity.ATTENTION,
            f"There is no route to {name} at {probe.address}",
            "Your machine knows no way there.",
            "Try from another network.",
            place,
        )


def _of_host(group: Sequence[MxProbe]) -> Iterator[Finding]:
    first = group[0]
    name = visible(first.host)
    silent = [probe for probe in group if not probe.answered]
    if silent:
        yield Finding(
            "mx.no_greeting",
            Severity.BROKEN,
            f"{name} takes connections but no mail",
            f"It did not greet, or did not answer EHLO. {visible(silent[0].problem)}",
            "Look into the mail server's log.",
            _places(silent),
        )
    plain = [probe for probe in group if probe.answered and not probe.starttls]
    if plain:
        yield Finding(
            "mx.starttls.missing",
            Severity.ATTENTION,
            f"{name} does not offer encryption",
            "Without STARTTLS mail to the domain travels in clear text; some senders refuse that.",
            "Give the mail server a certificate and switch TLS on.",
            _places(plain),
        )
    failed = [probe for probe in group if probe.starttls and not probe.encrypted]
    if failed:
        yield Finding(
            "mx.tls.failed",
            Severity.BROKEN,
            f"{name} offers encryption, but it does not come about",
            f"{visible(failed[0].problem)} Senders fall back to clear text, or give up.",
            "Check the certificate, the key and the TLS versions of the mail server.",
            _places(failed),
        )
    old = [probe for probe in group if probe.tls and probe.tls.version in _OLD]
    if old:
        yield Finding(
            "mx.tls.old",
            Severity.ATTENTION,
            f"{name} speaks only an old version of TLS",
            f"{old[0].tls.version if old[0].tls else ''} is given up (RFC 8996).",
            "Allow TLS 1.2 and 1.3.",
            _places(old),
        )
    yield from _certificates(name, group)


def _certificates(name: str, group: Sequence[MxProbe]) -> Iterator[Finding]:
    refused = [probe for probe in group if probe.certificate == "refused" and probe.encrypted]
    if not refused:
        return
    kind = (refused[0].transcript.fault or "certificate_invalid").removeprefix("certificate_")
    yield Finding(
        f"mx.certificate.{kind}",
        Severity.ATTENTION,
        f"The certificate of {name} does not hold",
        f"{visible(refused[0].fault)} Most senders encrypt all the same; those that go by MTA-STS "
        "do not deliver.",
        "Install a certificate for that name from a public CA, with its whole chain.",
        _places(refused),
    )


def _places(group: Sequence[MxProbe]) -> tuple[str, ...]:
    return tuple(f"{probe.host} {probe.address} port {probe.port}" for probe in group)
