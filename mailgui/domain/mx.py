"""Where a domain takes its mail: MX records, their hosts, addresses and reverse names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mailgui.domain.mx_findings import of_host, of_hosts, of_none
from mailgui.domain.mx_probe import describe, judge_probes
from mailgui.domain.names import is_askable
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus

if TYPE_CHECKING:
    from mailgui.smtp.probe_mx import MxProbe

_NOT_KNOCKED: dict[str, object] = {"probes": "unchecked"}
_MAX_HOSTS = 20  # looked at; what lies beyond is counted only
_MAX_ADDRESSES = 8  # of one host whose reverse names are looked at


@dataclass(frozen=True, slots=True)
class ReverseName:
    """An address, the names it leads back to, and whether one of those leads to it again
    (FCrDNS).
    """

    address: str
    names: tuple[str, ...]
    confirmed: bool | None


@dataclass(frozen=True, slots=True)
class MailHost:
    """One mail exchanger. ``failed`` are its questions without an answer."""

    preference: int
    name: str
    ipv4: Answer
    ipv6: Answer
    reverse: tuple[ReverseName, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses of both families."""
        return self.ipv4.records + self.ipv6.records

    @property
    def failed(self) -> tuple[Answer, ...]:
        """The questions about it that had no answer."""
        return tuple(answer for answer in (self.ipv4, self.ipv6) if not answer.conclusive)

    @property
    def alias(self) -> str | None:
        """What its name is an alias of, which RFC 2181, section 10.3, forbids."""
        chain = self.ipv4.cname or self.ipv6.cname
        return chain[0] if chain else None

    @property
    def target(self) -> str:
        """The name that holds its addresses: the end of the aliases, or itself."""
        chain = self.ipv4.cname or self.ipv6.cname
        return chain[-1] if chain else self.name

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``mx`` section holds it."""
        return {
            "preference": self.preference,
            "host": self.name,
            "ipv4": list(self.ipv4.records),
            "ipv6": list(self.ipv6.records),
            "status": self.ipv4.status.value,
            "alias": self.alias,
            "reverse": [
                {"address": r.address, "names": list(r.names), "confirmed": r.confirmed}
                for r in self.reverse
            ],
        }


@dataclass(frozen=True, slots=True)
class MxResult:
    """The section, and what other checks need of it.

    Attributes:
        mail_hosts: those that were looked at, the domain itself where it stands in for one.
        known: whether the MX records could be looked up.
    """

    section: Section
    hosts: tuple[str, ...] = ()
    null: bool = False
    mail_hosts: tuple[MailHost, ...] = ()
    known: bool = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of all mail hosts."""
        return tuple(address for host in self.mail_hosts for address in host.addresses)


async def check_mx(domain: str, asker: Asker) -> MxResult:
    """Return the section on where mail for ``domain`` goes."""
    answer = await asker.ask(domain, "MX")
    if not answer.conclusive:
        reason = answer.reason or f"The name server answered {answer.status.value}."
        return MxResult(unchecked("mx", "The MX records", reason), known=False)
    if answer.status is AnswerStatus.NXDOMAIN:
        return MxResult(_no_such_domain(domain))
    if answer.absent:
        return await _without_mx(domain, asker)
    pairs = sorted(_parse(record) for record in answer.records)
    if any(not name for _, name in pairs):
        return _null_mx(domain, answer, pairs)
    hosts = await asyncio.gather(*(_host(p, n, asker) for p, n in pairs[:_MAX_HOSTS]))
    names = tuple(name for _, name in pairs)
    return MxResult(_section(domain, answer, hosts), names, mail_hosts=tuple(hosts))


def with_probes(section: Section, probes: Sequence[MxProbe]) -> Section:
    """Return the section with what knocking at the hosts came to."""
    if not probes:
        return section
    findings = (*section.findings, *judge_probes(probes))
    details = {**section.details, "probes": [describe(probe) for probe in probes]}
    verdict = worst(findings) if section.verdict in _SETTLED else section.verdict
    return Section("mx", verdict, section.summary, section.records, findings, details)


_SETTLED = (Verdict.PASS, Verdict.ATTENTION, Verdict.BROKEN)


def _parse(record: str) -> tuple[int, str]:
    preference, _, name = record.partition(" ")
    return int(preference), name.rstrip(".").lower()


async def _host(preference: int, name: str, asker: Asker) -> MailHost:
    if not is_askable(name):
        impossible = Answer(name, "A", AnswerStatus.NXDOMAIN)
        return MailHost(preference, name, impossible, impossible)
    ipv4, ipv6 = await asyncio.gather(asker.ask(name, "A"), asker.ask(name, "AAAA"))
    addresses = (ipv4.records + ipv6.records)[:_MAX_ADDRESSES]
    reverse = await asyncio.gather(*(_reverse(a, (ipv4, ipv6), asker) for a in addresses))
    return MailHost(preference, name, ipv4, ipv6, tuple(reverse))


async def _reverse(address: str, forward: tuple[Answer, Answer], asker: Asker) -> ReverseName:
    ip = ip_address(address)
    answer = await asker.ask(ip.reverse_pointer, "PTR")
    if not answer.conclusive:
        return ReverseName(address, (), None)
    names = tuple(record.rstrip(".").lower() for record in answer.records)
    if forward[0].name in names:
        return ReverseName(address, names, True)
    rdtype = "A" if ip.version == 4 else "AAAA"
    for name in filter(is_askable, names[:3]):
        back = await asker.ask(name, rdtype)
        if any(ip_address(record) == ip for record in back.records):
            return ReverseName(address, names, True)
    return ReverseName(address, names, False)


def _section(domain: str, answer: Answer, hosts: list[MailHost]) -> Section:
    findings = [finding for host in hosts for finding in of_host(domain, host)]
    findings += of_hosts(domain, hosts)
    verdict = worst(findings)
    unknown = [host for host in hosts if host.failed and not host.addresses]
    if len(unknown) == len(hosts):
        verdict = Verdict.UNCHECKED
    count = sum(len(host.addresses) for host in hosts)
    summary = f"{_count(len(hosts), 'host')}, {_count(count, 'address', 'addresses')}"
    details = {"hosts": [host.to_json_dict() for host in hosts], "null": False, "implicit": False}
    ordered = tuple(sorted(answer.records, key=_parse))  # as senders try them
    return Section("mx", verdict, summary, ordered, tuple(findings), {**details, **_NOT_KNOCKED})


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _null_mx(domain: str, answer: Answer, pairs: list[tuple[int, str]]) -> MxResult:
    details = {"hosts": [], "null": True, "implicit": False}
    if len(pairs) == 1:
        summary = "takes no mail (null MX)"
        return MxResult(
            Section("mx", Verdict.PASS, summary, answer.records, (), details), null=True
        )
    finding = Finding(
        "mx.null_mixed",
        Severity.BROKEN,
        "A null MX stands beside other MX records",
        "“.” says that the domain takes no mail, the others say where it goes (RFC 7505, section "
        "3).",
        "Remove the one or the others.",
        answer.records,
    )
    summary = "contradictory records"
    return MxResult(Section("mx", Verdict.BROKEN, summary, answer.records, (finding,), details))


def _no_such_domain(domain: str) -> Section:
    finding = Finding(
        "mx.domain_not_found",
        Severity.BROKEN,
        f"The domain {domain} does not exist",
        "The name server says that there is no such name. Mail to it bounces, and mail from it is "
        "refused by many receivers.",
        "Check the spelling; or register the domain, or have it renewed.",
        (f"{domain} MX: NXDOMAIN",),
    )
    return Section("mx", Verdict.BROKEN, "the domain does not exist", (), (finding,))


async def _without_mx(domain: str, asker: Asker) -> MxResult:
    """RFC 5321, section 5.1: without MX records mail goes to the domain's own address."""
    host = await _host(0, domain, asker)
    details = {"hosts": [host.to_json_dict()], "null": False, "implicit": bool(host.addresses)}
    if host.failed and not host.addresses:
        section = unchecked("mx", f"The address of {domain}", host.failed[0].reason)
        return MxResult(section, known=False)
    summary = "no MX; mail goes to the domain's own address" if host.addresses else "no mail host"
    verdict = Verdict.ATTENTION if host.addresses else Verdict.NOT_SET_UP
    finding = of_none(domain, implicit=bool(host.addresses))
    section = Section("mx", verdict, summary, (), (finding,), details)
    return MxResult(section, mail_hosts=(host,) if host.addresses else ())
