"""MTA-STS for one domain: its record, its policy, and whether the mail hosts fit it (RFC 8461)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.domain.policy_records import MTA_STS, check_record
from mailgui.domain.section import Section, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.mta_sts import PolicyFetch, fetch_policy, mx_matches, policy_url
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.connections import Connections
    from mailgui.domain.questions import Asker
    from mailgui.smtp.probe_mx import MxProbe

_SHORT = 86_400  # seconds; RFC 8461, section 3.2, speaks of weeks


async def check_record_only(domain: str, asker: Asker) -> Section:
    """Return the section from the DNS alone; the policy is unchecked."""
    section = await check_record(MTA_STS, domain, asker)
    details = {
        **section.details,
        "id": _id(section),
        "policy": "unchecked",
        "policy_url": policy_url(domain),
    }
    summary = section.summary
    if section.verdict is Verdict.PASS:
        summary += "; the policy was not looked at"
    return replace(section, summary=summary, details=details)


async def fetch(domain: str, asker: Asker, connections: Connections) -> PolicyFetch:
    """Fetch the policy."""
    return await fetch_policy(
        domain,
        resolver=asker,
        timeout=connections.timeout,
        ca_file=connections.ca_file,
        address=connections.https,
    )


def with_policy(
    section: Section,
    fetched: PolicyFetch,
    hosts: Sequence[str],
    probes: Sequence[MxProbe],
) -> Section:
    """Return the record's section with what its policy says about the mail hosts."""
    policy = fetched.policy
    details = {
        **section.details,
        "policy_url": fetched.url,
        "http_status": fetched.http_status,
        "policy": None
        if policy is None
        else {
            "mode": policy.mode,
            "mx": list(policy.mx),
            "max_age": policy.max_age,
            "text": policy.text,
        },
        "problem": visible(fetched.problem) or None,
        "hosts": [
            {"host": host, "named": mx_matches(policy, host) if policy else None} for host in hosts
        ],
    }
    findings = (*section.findings, *_judge(fetched, hosts), *_of_probes(fetched, probes))
    verdict = worst(findings)
    if section.verdict is Verdict.BROKEN:
        verdict = Verdict.BROKEN
    return Section(
        "mta_sts", verdict, _summary(section, fetched), section.records, findings, details
    )


def _summary(section: Section, fetched: PolicyFetch) -> str:
    if section.verdict is Verdict.BROKEN:
        return section.summary
    if fetched.policy is None:
        return "the policy cannot be had"
    days = fetched.policy.max_age / 86400
    return f"mode {fetched.policy.mode}, kept for {days:,.0f} days"


def _id(section: Section) -> str | None:
    tags = section.details.get("tags")
    pairs = tags if isinstance(tags, list) else []
    return next((str(value) for name, value in pairs if name == "id"), None)


def _judge(fetched: PolicyFetch, hosts: Sequence[str]) -> Iterator[Finding]:
    policy = fetched.policy
    if policy is None:
        yield Finding(
            f"mta_sts.policy.{fetched.kind or 'missing'}",
            Severity.BROKEN,
            "The MTA-STS policy cannot be had",
            f"{visible(fetched.problem)} Senders without a remembered policy go on as if there "
            "were none.",
            f"Serve the policy as text/plain at {fetched.url}, with a valid certificate.",
            (fetched.url,),
        )
        return
    broken = Severity.BROKEN if policy.mode == "enforce" else Severity.ATTENTION
    strange = [host for host in hosts if not mx_matches(policy, host)]
    if strange and policy.mode != "none":
        yield Finding(
            "mta_sts.mx",
            broken,
            "The MTA-STS policy does not name all mail hosts",
            f"{', '.join(map(visible, strange))}: senders that go by the policy "
            f"{'do not deliver there' if policy.mode == 'enforce' else 'report it'}.",
            "Add these hosts to the policy, and change the id in the record.",
            tuple(f"mx: {pattern}" for pattern in policy.mx),
        )
    if policy.mode != "enforce":
        yield Finding(
            f"mta_sts.mode_{policy.mode}",
            Severity.INFO if policy.mode == "testing" else Severity.ATTENTION,
            f"The MTA-STS policy has mode {policy.mode}",
            "Senders report what would fail, and deliver all the same."
            if policy.mode == "testing"
            else "It says that MTA-STS is not to be used.",
            "Change to enforce once the reports show no failures."
            if policy.mode == "testing"
            else "Remove the record, or set a mode.",
        )
    if policy.max_age < _SHORT and policy.mode != "none":
        yield Finding(
            "mta_sts.max_age",
            Severity.ATTENTION,
            f"Senders keep the MTA-STS policy for {policy.max_age:,} seconds only",
            "Whoever disturbs its fetching for that long switches it off.",
            "Set max_age to some weeks, such as 1209600.",
            (f"max_age: {policy.max_age}",),
        )


def _of_probes(fetched: PolicyFetch, probes: Sequence[MxProbe]) -> Iterator[Finding]:
    policy = fetched.policy
    if policy is None or policy.mode == "none":
        return
    broken = Severity.BROKEN if policy.mode == "enforce" else Severity.ATTENTION
    bad = [
        probe
        for probe in probes
        if probe.answered and (not probe.encrypted or probe.certificate != "valid")
    ]
    if bad:
        names = ", ".join(dict.fromkeys(visible(probe.host) for probe in bad))
        yield Finding(
            "mta_sts.tls",
            broken,
            "A mail host does not do what the MTA-STS policy promises",
            f"{names}: no encryption with a certificate that holds. Senders that go by the policy "
            f"{'do not deliver there' if policy.mode == 'enforce' else 'report it'}.",
            "Install a certificate for that name from a public CA, with its whole chain.",
            tuple(f"{p.host} {p.address}: {visible(p.fault or p.problem)}" for p in bad),
        )
