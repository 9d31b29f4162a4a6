"""DANE for a domain's mail hosts: TLSA records, and whether the certificates fit (RFC 7672)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mailgui.domain.section import Section, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.dane import DaneMatch, match_chain, record_of
from mailgui.net.tlsa import TlsaAnswer, TlsaRecord, find_tlsa
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.questions import Asker
    from mailgui.net.resolver import Resolver
    from mailgui.smtp.probe_mx import MxProbe

_PORT = 25
_MAX_HOSTS = 20


@dataclass(frozen=True, slots=True)
class HostTlsa:
    """One mail host, and what its certificates came to by address; empty where not looked at.

    ``fitting`` is the record that would fit the key it shows, where it shows the same everywhere.
    """

    host: str
    answer: TlsaAnswer
    matches: tuple[tuple[str, DaneMatch | None], ...] = ()
    fitting: TlsaRecord | None = None

    @property
    def name(self) -> str:
        """Where its records stand."""
        return f"_{_PORT}._tcp.{self.answer.base or self.host}"

    @property
    def proposal(self) -> str | None:
        """The record to publish, in zone-file form."""
        return f"{self.name}. IN TLSA {self.fitting}" if self.fitting else None

    def to_json_dict(self) -> dict[str, object]:
        """Return it as the ``dane`` section holds it."""
        return {
            "host": self.host,
            "name": self.name,
            "status": self.answer.status,
            "records": list(map(str, self.answer.records)),
            "problem": visible(self.answer.problem) or None,
            "addresses": [
                {
                    "address": address,
                    "matches": None if match is None else match.ok,
                    "reason": "no certificate was seen" if match is None else visible(match.reason),
                }
                for address, match in self.matches
            ]
            or "unchecked",
        }


async def find_all(hosts: Sequence[str], asker: Asker) -> tuple[HostTlsa, ...]:
    """Return the TLSA records of ``hosts``."""
    names = list(dict.fromkeys(hosts))[:_MAX_HOSTS]
    resolver = cast("Resolver", asker)  # all it does is ask
    answers = await asyncio.gather(*(find_tlsa(name, _PORT, resolver) for name in names))
    return tuple(HostTlsa(name, answer) for name, answer in zip(names, answers, strict=True))


def compare(
    domain: str, found: Sequence[HostTlsa], probes: Sequence[MxProbe]
) -> tuple[HostTlsa, ...]:
    """Return the hosts with their certificates compared, address by address."""
    compared = []
    for host in found:
        matches: list[tuple[str, DaneMatch | None]] = []
        keys: set[TlsaRecord | None] = set()
        for probe in probes:
            if probe.host != host.host or probe.reach != "open":
                continue
            chain = [certificate.der for certificate in probe.tls.chain] if probe.tls else []
            keys.add(record_of(chain[0]) if chain else None)
            if not host.answer.records:
                continue
            names = list(dict.fromkeys((host.answer.base or host.host, host.host, domain)))
            match = match_chain(host.answer.records, chain, names) if chain else None
            matches.append((probe.address, match))
        fitting = keys.pop() if len(keys) == 1 else None
        compared.append(HostTlsa(host.host, host.answer, tuple(matches), fitting))
    return tuple(compared)


def dane_section(found: Sequence[HostTlsa], *, hosts_known: bool, reason: str = "") -> Section:
    """Return the section. ``hosts_known`` is False where the MX records could not be looked up."""
    details: dict[str, object] = {"hosts": [host.to_json_dict() for host in found]}
    records = tuple(
        f"{host.name} TLSA {record}" for host in found for record in host.answer.records
    )
    if not hosts_known:
        finding = _unknown("The mail hosts", reason or "The MX records could not be looked up.")
        return Section("dane", Verdict.UNCHECKED, "the mail hosts are not known", (), (finding,))
    findings = tuple(finding for host in found for finding in _judge(host))
    findings += tuple(_partial(found))
    states = {host.answer.status for host in found}
    if not states - {"none"}:
        summary = "not set up" if found else "no mail hosts"
        return Section("dane", Verdict.NOT_SET_UP, summary, records, findings, details)
    verdict = worst(findings)
    if "unknown" in states and verdict is not Verdict.BROKEN:
        verdict = Verdict.UNCHECKED
    return Section("dane", verdict, _summary(found, verdict), records, findings, details)


def _summary(found: Sequence[HostTlsa], verdict: Verdict) -> str:
    if verdict is Verdict.UNCHECKED:
        return "could not be checked"
    secure = [host for host in found if host.answer.status == "secure"]
    compared = [m for host in secure for _, m in host.matches if m is not None]
    if verdict is Verdict.BROKEN:
        return "the records and the servers do not fit" if compared else "the records do not hold"
    if not secure:
        return "records without DNSSEC: they have no effect"
    seen = (
        f", {len(compared)} certificates compared" if compared else ", certificates not looked at"
    )
    return f"{len(secure)} of {len(found)} hosts{seen}"


def _judge(host: HostTlsa) -> Iterator[Finding]:
    name, answer = visible(host.host), host.answer
    place = tuple(map(str, answer.records)) or (f"_{_PORT}._tcp.{name}: {answer.status}",)
    if answer.status == "unknown":
        yield _unknown(f"The TLSA records of {name}", answer.problem)
    elif answer.status == "bogus":
        yield Finding(
            "dane.bogus",
            Severity.BROKEN,
            f"DNSSEC fails for the TLSA records of {name}",
            f"{answer.problem} Senders that go by DANE do not deliver there.",
            "Tell whoever hosts the zone: its signatures do not hold.",
            place,
        )
    elif answer.status == "insecure":
        yield Finding(
            "dane.insecure",
            Severity.ATTENTION,
            f"The TLSA records of {name} have no effect",
            answer.problem,
            "Sign the zone with DNSSEC; or ask a validating name server on this machine.",
            place,
        )
    if answer.records and answer.status in ("secure", "insecure"):
        yield from _unusable(host, name, place)
        yield from _mismatches(host, name, place)


def _unusable(host: HostTlsa, name: str, place: tuple[str, ...]) -> Iterator[Finding]:
    answer = host.answer
    faults = [f"{record.brief}: {record.fault}" for record in answer.records if record.fault]
    if faults:
        all_of_them = not answer.usable
        yield Finding(
            "dane.unusable",
            Severity.BROKEN if all_of_them else Severity.ATTENTION,
            f"{'No' if all_of_them else 'Not every'} TLSA record of {name} can be used for SMTP",
            " ".join(faults),
            "Publish a record 3 1 1 with the SHA-256 of the server's public key.",
            place,
            host.proposal,
        )


def _mismatches(host: HostTlsa, name: str, place: tuple[str, ...]) -> Iterator[Finding]:
    if not host.answer.usable:
        return
    wrong = [
        (address, match) for address, match in host.matches if match is not None and not match.ok
    ]
    if wrong:
        yield Finding(
            "dane.mismatch",
            Severity.BROKEN,
            f"The certificate of {name} does not fit its TLSA records",
            f"{wrong[0][1].reason} Senders that go by DANE do not deliver.",
            "Publish the record of the certificate in use; when it is renewed, keep the key or "
            "publish the new record some days before.",
            (*place, *(f"{address}: {match.reason}" for address, match in wrong)),
            host.proposal,
        )
    bare = [address for address, match in host.matches if match is None]
    if bare:
        yield Finding(
            "dane.no_tls",
            Severity.BROKEN,
            f"{name} has TLSA records, but shows no certificate",
            "TLSA records promise encryption: senders that go by DANE do not deliver.",
            "Switch STARTTLS on, or remove the records.",
            (*place, *bare),
        )


def _partial(found: Sequence[HostTlsa]) -> Iterator[Finding]:
    with_records = [host for host in found if host.answer.records]
    bare = [host for host in found if host.answer.status == "none"]
    without = [host.host for host in bare]
    if with_records and without:
        yield Finding(
            "dane.partial",
            Severity.ATTENTION,
            "Not all mail hosts have TLSA records",
            f"{', '.join(map(visible, without))}: mail that goes there is not protected.",
            "Publish TLSA records for these hosts too.",
            tuple(without),
            bare[0].proposal if len(bare) == 1 else None,
        )


def _unknown(what: str, reason: str) -> Finding:
    return Finding(
        "dane.unchecked",
        Severity.INFO,
        f"{what} could not be checked",
        visible(reason),
        "Ask a validating name server on this machine, or one over TLS or HTTPS.",
    )
