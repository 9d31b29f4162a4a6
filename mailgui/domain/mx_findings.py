"""What there is to say about a domain's mail hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mailgui.domain.publish import mx_record
from mailgui.domain.reachable import is_unreachable
from mailgui.findings import Finding, Severity
from mailgui.net.dns_answer import AnswerStatus
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.mx import MailHost


def of_none(domain: str, *, implicit: bool) -> Finding:
    """Return the finding where there is no MX record."""
    if implicit:
        return Finding(
            "mx.implicit",
            Severity.ATTENTION,
            "The domain has no MX record",
            "Mail goes to the domain's own address, which is mostly that of a web server.",
            "Publish the MX records of your mail service; or, if the domain takes no mail, this "
            "one.",
            (),
            mx_record(domain, 0, "."),
        )
    return Finding(
        "mx.missing",
        Severity.ATTENTION,
        "The domain cannot receive mail",
        "It has neither an MX record nor an address. Replies and bounces have nowhere to go, and "
        "some receivers refuse mail from such domains.",
        "Publish the MX records of your mail service; or, if the domain takes no mail, this one.",
        (),
        mx_record(domain, 0, "."),
    )


def of_host(domain: str, host: MailHost) -> Iterator[Finding]:
    """Yield what is wrong with one host of ``domain``."""
    name = visible(host.name)
    if _is_address(host.name):
        yield Finding(
            "mx.address",
            Severity.BROKEN,
            f"An MX record names the address {name} in place of a host",
            "An MX record must name a host; senders cannot use this one.",
            "Give the host a name with an address record, and put that name into the MX record.",
            (f"{host.preference} {name}",),
        )
        return
    if host.alias is not None:
        yield Finding(
            "mx.alias",
            Severity.ATTENTION,
            f"The mail host {name} is an alias",
            f"It leads to {visible(host.alias)} by a CNAME, which RFC 2181 forbids for MX "
            "records; some senders refuse it.",
            f"Name {visible(host.alias)} in the MX record itself.",
            (f"{name} CNAME {visible(host.alias)}",),
            mx_record(domain, host.preference, host.target) if host.addresses else None,
        )
    if host.failed:
        yield Finding(
            "mx.host.unchecked",
            Severity.ATTENTION,
            f"The addresses of {name} could not be looked up",
            f"{host.failed[0].reason} Senders that get no answer either try again later.",
            "Check again in a minute.",
            (f"{name} {host.failed[0].rdtype}: {host.failed[0].status.value}",),
        )
    elif not host.addresses:
        missing = host.ipv4.status is AnswerStatus.NXDOMAIN
        yield Finding(
            "mx.host.not_found" if missing else "mx.host.no_address",
            Severity.BROKEN,
            f"The mail host {name} {'does not exist' if missing else 'has no address'}",
            "Senders cannot reach it.",
            "Correct the name, or remove the MX record.",
            (f"{name} A: {host.ipv4.status.value}", f"{name} AAAA: {host.ipv6.status.value}"),
        )
    yield from _addresses(host, name)


def _addresses(host: MailHost, name: str) -> Iterator[Finding]:
    private = [address for address in host.addresses if is_unreachable(address)]
    if private:
        yield Finding(
            "mx.host.private",
            Severity.BROKEN,
            f"The mail host {name} has an address that the Internet cannot reach",
            f"{', '.join(private)} is reachable inside a network only.",
            "Publish the host's public address.",
            tuple(private),
        )
    yield from _reverse(host, name)


def _reverse(host: MailHost, name: str) -> Iterator[Finding]:
    harm = "That does no harm to receiving; but if this host also sends, many receivers refuse it."
    nameless = [r.address for r in host.reverse if r.confirmed is False and not r.names]
    if nameless:
        yield Finding(
            "mx.reverse",
            Severity.INFO,
            f"Addresses of {name} have no reverse name",
            harm,
            "If it sends, have whoever runs its network set the reverse name (PTR).",
            tuple(nameless),
        )
    astray = [r for r in host.reverse if r.confirmed is False and r.names]
    if astray:
        yield Finding(
            "mx.reverse.mismatch",
            Severity.INFO,
            f"Reverse names of {name} do not lead back to its addresses",
            harm,
            "If it sends, have the reverse name (PTR) set to a name that has this very address.",
            tuple(f"{r.address}: {', '.join(map(visible, r.names[:3]))}" for r in astray),
        )


def of_hosts(domain: str, hosts: Sequence[MailHost]) -> Iterator[Finding]:
    """Yield what is wrong with the hosts together."""
    names = [host.name for host in hosts]
    repeated = sorted({visible(name) for name in names if names.count(name) > 1})
    if repeated:
        yield Finding(
            "mx.duplicate",
            Severity.ATTENTION,
            f"A mail host stands in the MX records twice: {', '.join(repeated)}",
            "The second record has no effect.",
            "Remove one of them.",
        )
    if any(h.addresses for h in hosts) and not any(h.ipv6.records or h.failed for h in hosts):
        yield Finding(
            "mx.no_ipv6",
            Severity.INFO,
            "No mail host has an IPv6 address",
            "Senders that only have IPv6 cannot deliver. That is rare, and no fault.",
            "Give one of the hosts an AAAA record once its server listens there.",
            tuple(visible(host.name) for host in hosts),
        )
    if not any(host.addresses or host.failed for host in hosts):
        yield Finding(
            "mx.none_usable",
            Severity.BROKEN,
            f"No mail host of {domain} can be reached",
            "Every MX record leads to a name without an address, so that mail to the domain "
            "bounces.",
            "Publish the MX records of your mail service.",
        )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
