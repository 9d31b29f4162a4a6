"""MTA-STS for one domain: its record, its policy, and whether the mail hosts fit it (RFC 8461)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailgui.domain.policy_records import MTA_STS, check_record
from mailgui.domain.section import Section, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.mta_sts import MtaStsPolicy, PolicyFetch, fetch_policy, mx_matches, policy_url
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.connections import Connections
    from mailgui.domain.questions import Asker
    from mailgui.net.mta_sts_cache import PolicyCache
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


def with_kept(section: Section, domain: str, fetched: PolicyFetch, cache: PolicyCache) -> Section:
    """Return the section with what was fetched before and still holds, as senders keep it.

    What was fetched now takes its place in ``cache``.
    """
    kept, announced, policy = cache.get(domain), _id(section), fetched.policy
    if policy is not None and announced:
        cache.put(domain, announced, policy)
    if kept is None:
        return replace(section, details={**section.details, "kept": None})
    details = {
        **section.details,
        "kept": {
            "id": kept.record_id,
            "mode": kept.policy.mode,
            "mx": list(kept.policy.mx),
            "max_age": kept.policy.max_age,
            "fetched": _moment(kept.fetched),
            "until": _moment(kept.until),
            "same": policy == kept.policy if policy is not None else None,
        },
    }
    if policy is None or policy == kept.policy or kept.record_id != announced:
        return replace(section, details=details)
    finding = Finding(
        "mta_sts.id_unchanged",
        Severity.ATTENTION,
        "The MTA-STS policy changed, but the id in the record did not",
        f"Senders that have the policy of {_moment(kept.fetched)} go by it until "
        f"{_moment(kept.until)}: they look for a new one when the id changes.",
        "Give the record a new id whenever the policy changes.",
        (
            f"id={visible(announced or '')}",
            f"before: {_brief(kept.policy)}",
            f"now: {_brief(policy)}",
        ),
    )
    verdict = Verdict.ATTENTION if section.verdict is Verdict.PASS else section.verdict
    findings = (*section.findings, finding)
    return replace(section, verdict=verdict, findings=findings, details=details)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _brief(policy: MtaStsPolicy) -> str:
    return f"mode {policy.mode}, mx {', '.join(policy.mx) or 'none'}, max_age {policy.max_age}"


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
