"""What is worth telling about the way to a domain's mail exchangers, and its JSON form."""

from typing import Any

from mailgui.findings import Finding, Severity
from mailgui.smtp.direct import DomainDelivery
from mailgui.smtp.protection import Protection
from mailgui.smtp.routing import NoRoute
from mailgui.transcript import Outcome

# slug: severity, title with {host} and {domain}, what to do
_TOLD: dict[str, tuple[Severity, str, str]] = {
    "mta_sts.not_named": (
        Severity.ATTENTION,
        "The MTA-STS policy of {domain} does not name {host}",
        "Add “mx: {host}” to the policy and give its DNS record a new id, or drop the MX record.",
    ),
    "dane.bogus": (
        Severity.BROKEN,
        "The TLSA records of {host} fail DNSSEC validation",
        "Whoever runs the zone must mend its signatures: senders with DANE hold mail back.",
    ),
    "dane.unusable": (
        Severity.ATTENTION,
        "None of the TLSA records of {host} can be used",
        "Publish one of usage 3 or 2, selector 0 or 1, matching type 1 (RFC 7672, section 3.1).",
    ),
    "dane.insecure": (
        Severity.INFO,
        "The TLSA records of {host} do not count: their zone is not signed, or nobody validates",
        "Sign the zone by DNSSEC, and ask a resolver that validates.",
    ),
    "dane.unknown": (
        Severity.INFO,
        "Whether DANE protects {host} could not be found out",
        "Ask a validating resolver on this machine, or one over TLS or HTTPS.",
    ),
    "dane.mx_insecure": (
        Severity.INFO,
        "The TLSA records of {host} do not count: the MX records of {domain} are not signed",
        "Sign the zone of {domain} by DNSSEC.",
    ),
}


def findings_of(delivery: DomainDelivery) -> list[Finding]:
    """Return the findings on one domain's delivery, what the server said first."""
    from mailgui.findings.diagnose import diagnose

    return [*diagnose(delivery.transcript), *findings_on_way(delivery)]


def findings_on_way(delivery: DomainDelivery) -> list[Finding]:
    """Return the findings on a domain's policies and hosts alone."""
    found = _on_policy(delivery)
    for protection in delivery.protections:
        found += _on_protection(protection)
    found += [
        Finding(
            "route.mta_sts.testing",
            Severity.ATTENTION,
            f"Under “enforce” the MTA-STS policy of {delivery.domain} would stop this mail",
            sentence,
            "Mend the server's TLS before the policy says “enforce”.",
        )
        for sentence in delivery.testing
    ]
    found += [
        Finding(
            "route.dane.mismatch",
            Severity.BROKEN,
            f"The certificate of {tried.host} does not fit its TLSA records",
            f"{tried.sentence} Senders with DANE deliver nothing there.",
            "Publish a TLSA record of the certificate in use (3 1 1), before the next one is "
            "installed; or put back the certificate that the records name.",
        )
        for tried in delivery.tried
        if tried.fault == "certificate_dane"
    ]
    return found + _on_hosts(delivery)


def no_route_finding(domain: str, problem: NoRoute) -> Finding:
    """Return the finding on a domain that has no way to it."""
    fix = "Try again later." if problem.temporary else f"Check the spelling of {domain}."
    if problem.kind == "null_mx":
        fix = f"Nobody at {domain} can get mail; write to another address."
    return Finding(f"route.{problem.kind}", Severity.BROKEN, problem.sentence.rstrip("."), fix=fix)


def _on_policy(delivery: DomainDelivery) -> list[Finding]:
    fetch = delivery.policy
    if fetch is None or fetch.policy is not None:
        return []
    return [
        Finding(
            "route.mta_sts.unavailable",
            Severity.ATTENTION,
            f"The MTA-STS policy of {delivery.domain} could not be fetched",
            f"{fetch.problem} Senders without a remembered policy go on as if there were none; "
            "those with one keep to it.",
            "Whoever runs the domain must mend the policy's web server.",
            (fetch.url,),
        )
    ]


def _on_protection(protection: Protection) -> list[Finding]:
    found = []
    for remark in protection.remarks:
        if remark.slug not in _TOLD:
            continue
        severity, title, fix = _TOLD[remark.slug]
        names = {"host": protection.host, "domain": protection.domain}
        found.append(
            Finding(
                f"route.{remark.slug}",
                severity,
                title.format(**names),
                remark.sentence,
                fix.format(**names),
                tuple(map(str, protection.tlsa.records)) if protection.tlsa else (),
            )
        )
    return found


def _on_hosts(delivery: DomainDelivery) -> list[Finding]:
    """Tell of the hosts that were passed by on the way to the one that decided."""
    if delivery.transcript.outcome not in (Outcome.ACCEPTED, Outcome.PARTIAL):
        return []
    decisive = delivery.tried[-1].host
    failed = [tried for tried in delivery.tried if tried.host != decisive and not tried.skipped]
    if not failed:
        return []
    names = ", ".join(dict.fromkeys(tried.host for tried in failed))
    return [
        Finding(
            "route.fallen_over",
            Severity.ATTENTION,
            f"Not the first mail exchanger of {delivery.domain} took the message",
            f"{names} did not; {decisive} did.",
            "Whoever runs the domain should look at the hosts that failed.",
            tuple(f"{tried.host} {tried.address}: {tried.sentence}" for tried in failed),
        )
    ]


def route_json(delivery: DomainDelivery) -> dict[str, Any]:
    """Return one domain's way as ``send --mx --json`` has it."""
    fetch = delivery.policy
    policy = fetch.policy if fetch else None
    return {
        "domain": delivery.domain,
        "outcome": delivery.transcript.outcome.value,
        "recipients": list(delivery.recipients),
        "mta_sts": {
            "mode": policy.mode if policy else None,
            "mx": list(policy.mx) if policy else [],
            "problem": fetch.problem if fetch else "",
        },
        "hosts": [protection_json(protection) for protection in delivery.protections],
        "tried": [
            {
                "host": tried.host,
                "preference": tried.preference,
                "address": tried.address or None,
                "outcome": tried.outcome.value,
                "stage": tried.stage.value if tried.stage else None,
                "skipped": tried.skipped,
                "sentence": tried.sentence,
            }
            for tried in delivery.tried
        ],
    }


def protection_json(protection: Protection) -> dict[str, Any]:
    """Return what is demanded of one host."""
    tlsa = protection.tlsa
    return {
        "host": protection.host,
        "demand": protection.demand,
        "mta_sts_named": protection.named,
        "dane": tlsa.status if tlsa else None,
        "tlsa": [str(record) for record in tlsa.records] if tlsa else [],
        "remarks": [remark.sentence for remark in protection.remarks],
    }
