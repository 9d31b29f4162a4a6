"""What is worth telling about the authentication of a received message."""

from collections.abc import Iterator, Sequence

from mailgui.domain.arc_verify import ArcResult
from mailgui.domain.dkim_key import GOOD_RSA_BITS
from mailgui.domain.dkim_verify import DkimResult
from mailgui.domain.verify_dmarc import DmarcResult
from mailgui.findings import Finding, Severity
from mailgui.message.authentication_results import AuthenticationResults
from mailgui.message.received_hops import Hop
from mailgui.transcript import visible

_SLOW = 300  # seconds between two hops that are worth a word
_SKEW = -10  # seconds by which clocks may disagree without one
_SHOULD_SIGN = ("subject", "date", "to")


def dkim_findings(results: Sequence[DkimResult]) -> list[Finding]:
    """Return what is worth telling about the signatures."""
    if not results:
        return [
            Finding(
                "verify.dkim.none",
                Severity.ATTENTION,
                "The message is not signed",
                "Without a DKIM signature only SPF can speak for it, and that is lost when it is "
                "forwarded.",
                "Let the sending service sign with DKIM for the domain in From.",
            )
        ]
    findings: list[Finding] = []
    for result in results:
        findings += _of_signature(result)
    return findings


def _of_signature(result: DkimResult) -> Iterator[Finding]:
    signature = result.signature
    who = f"{visible(signature.domain) or 'no domain'} (selector {visible(signature.selector)})"
    if not result.passed:
        yield _not_passed(result, who)
    if result.passed and result.testing:
        yield Finding(
            "verify.dkim.testing",
            Severity.ATTENTION,
            f"The key of {who} is in test mode",
            "Its record says t=y: receivers need take no notice of the signature.",
            "Take t=y out of the record once signing works.",
        )
    if signature.length is not None:
        yield Finding(
            "verify.dkim.length",
            Severity.BROKEN if result.passed and result.unsigned_octets else Severity.ATTENTION,
            f"The signature of {who} covers only the beginning of the body",
            f"l={signature.length}: whatever anyone adds behind it, another message even, keeps "
            f"the signature good. {result.unsigned_octets:,} octets here are not signed.",
            "Sign without l=.",
        )
    short = signature.algorithm == "rsa-sha256" and (result.bits or 0) < GOOD_RSA_BITS
    if result.passed and short:
        yield Finding(
            "verify.dkim.weak",
            Severity.ATTENTION,
            f"The key of {who} has {result.bits} bits",
            f"Signers should use {GOOD_RSA_BITS} or more (RFC 8301).",
            "Publish a longer key under a new selector and sign with that.",
        )
    names = {name.decode("utf-8", "replace") for name in signature.headers}
    unsigned = [name for name in _SHOULD_SIGN if name not in names]
    if result.passed and unsigned:
        yield Finding(
            "verify.dkim.unsigned_fields",
            Severity.ATTENTION if "subject" in unsigned else Severity.INFO,
            f"The signature of {who} leaves out {', '.join(unsigned)}",
            "Those fields can be changed without breaking it.",
        )


_FAILURES = {
    "fail": (Severity.BROKEN, "does not hold"),
    "policy": (Severity.BROKEN, "cannot be accepted"),
    "permerror": (Severity.BROKEN, "cannot be used"),
    "temperror": (Severity.ATTENTION, "could not be checked"),
}
_FIXES = {
    "fail": "Sign as the last step before sending, and let nothing change the message afterwards.",
    "policy": "Publish a key of 2048 bits under a new selector and sign with that.",
    "permerror": "Compare the signature with the key that is published for its selector.",
    "temperror": "Check again; if it stays so, look at the domain's name servers.",
}


def _not_passed(result: DkimResult, who: str) -> Finding:
    severity, verb = _FAILURES[result.result]
    return Finding(
        f"verify.dkim.{result.result}",
        severity,
        f"The signature of {who} {verb}",
        " ".join(filter(None, (result.reason, result.hint))),
        _FIXES[result.result],
        evidence=(visible(result.record),) if result.record else (),
    )


def arc_findings(arc: ArcResult) -> list[Finding]:
    """Return what is worth telling about the chain; of its passing, that it is historic."""
    if arc.result == "none":
        return []
    if arc.result == "pass":
        return [
            Finding(
                "verify.arc.pass",
                Severity.INFO,
                f"The ARC chain of {len(arc.instances)} holds",
                "Receivers may let it stand in for DMARC, if they trust who sealed it. ARC is "
                "being retired (Historic): do not build on it.",
            )
        ]
    waiting = arc.result == "temperror"
    return [
        Finding(
            f"verify.arc.{arc.result}",
            Severity.INFO if waiting else Severity.ATTENTION,
            "The ARC chain could not be checked" if waiting else "The ARC chain is broken",
            f"{arc.reason} It then says nothing for the message. ARC is being retired (Historic).",
        )
    ]


_DISPOSITIONS = {
    "deliver": "Receivers are asked to do nothing about it.",
    "quarantine": "A receiver that follows the policy puts it into the spam folder.",
    "reject": "A receiver that follows the policy refuses it.",
    "retry": "A receiver would ask the sender to come again later.",
}


def dmarc_findings(dmarc: DmarcResult) -> list[Finding]:
    """Return what is worth telling about DMARC; nothing where it passed without a doubt."""
    domain = visible(dmarc.domain or "")
    if dmarc.result == "pass":
        return _older_differs(dmarc, domain)
    if dmarc.result == "none":
        return [
            Finding(
                "verify.dmarc.none",
                Severity.ATTENTION,
                f"{domain} has no DMARC policy",
                f"{dmarc.reason} Receivers judge the message by their own lights.",
                "Publish a policy; the checks of the domain propose one.",
            )
        ]
    title = {
        "fail": "The message fails DMARC",
        "temperror": "DMARC could not be evaluated",
        "permerror": "DMARC cannot be evaluated",
    }[dmarc.result]
    severity = Severity.ATTENTION if dmarc.result == "temperror" else Severity.BROKEN
    told = _DISPOSITIONS[dmarc.disposition] if dmarc.result != "permerror" else ""
    fix = ""
    if dmarc.result == "fail":
        signed = any(i.method == "dkim" and i.aligned for i in dmarc.identifiers)
        fix = (
            "Find out what changes the message after it is signed."
            if signed
            else "Sign with DKIM for the domain in From."
        )
    main = Finding(
        f"verify.dmarc.{dmarc.result}", severity, title, f"{dmarc.reason} {told}".strip(), fix
    )
    return [main, *_older_differs(dmarc, domain)]


def _older_differs(dmarc: DmarcResult, domain: str) -> list[Finding]:
    if dmarc.result_7489 in (None, dmarc.result) or dmarc.result not in ("pass", "fail"):
        return []
    return [
        Finding(
            "verify.dmarc.older_differs",
            Severity.ATTENTION,
            f"Older receivers come to {dmarc.result_7489}",
            f"By RFC 7489 and the public suffix list {domain} belongs to another organization than "
            "by the tree walk of RFC 9989, and receivers are mixed.",
        )
    ]


def spf_findings(result: "str | None", reason: str, domain: str | None) -> list[Finding]:
    """Return what is worth telling about SPF. ``result`` is None where it was not evaluated."""
    named = visible(domain or "")
    if result is None:
        return [
            Finding(
                "verify.spf.unknown",
                Severity.INFO,
                "SPF was not evaluated",
                reason,
                "Give the address that the message came from.",
            )
        ]
    severity, title = {
        "fail": (Severity.BROKEN, f"{named} does not let this address send"),
        "softfail": (Severity.ATTENTION, f"{named} probably does not let this address send"),
        "permerror": (Severity.BROKEN, f"The SPF record of {named} is broken"),
        "temperror": (Severity.ATTENTION, f"The SPF record of {named} could not be asked for"),
        "none": (Severity.ATTENTION, f"{named} has no SPF record"),
        "neutral": (Severity.INFO, f"{named} says nothing about this address"),
    }.get(result, (Severity.INFO, ""))
    return [Finding(f"verify.spf.{result}", severity, title, reason)] if title else []


def hop_findings(hops: Sequence[Hop]) -> list[Finding]:
    """Return what is worth telling about the way: waits, clocks, hops in the clear."""
    findings: list[Finding] = []
    for number, hop in enumerate(hops, 1):
        by = visible(hop.by) or f"hop {number}"
        if hop.delay is not None and hop.delay > _SLOW:
            findings.append(
                Finding(
                    "verify.hops.slow",
                    Severity.ATTENTION,
                    f"The message waited {_span(hop.delay)} before {by} took it",
                    "Greylisting, a queue that was tried again, or a clock that is wrong.",
                )
            )
        if hop.delay is not None and hop.delay < _SKEW:
            findings.append(
                Finding(
                    "verify.hops.clock",
                    Severity.INFO,
                    f"The clock of {by} is {_span(-hop.delay)} behind the one before it",
                    "Delays next to it cannot be trusted.",
                )
            )
        if hop.tls is False and hop.public_ip is not None:
            findings.append(
                Finding(
                    "verify.hops.clear",
                    Severity.ATTENTION,
                    f"The message came to {by} without TLS",
                    f"From {visible(hop.sender or hop.ip or 'its sender')}, by its own account "
                    f"with {visible(hop.protocol)}: anyone on the way could read it.",
                )
            )
    return findings


def claim_findings(
    claims: Sequence[AuthenticationResults], signatures: Sequence[DkimResult]
) -> list[Finding]:
    """Return where the receiving server saw a good signature that does not hold now.

    Only the topmost field is by one's own server; it saw the message before anyone changed it.
    """
    if not claims:
        return []
    saw = {
        (each.property("header.d") or (each.property("header.i") or "").rpartition("@")[2]).lower()
        for each in claims[0].results
        if each.method == "dkim" and each.result == "pass"
    } - {""}
    holds = {result.signature.domain for result in signatures if result.passed}
    failed = {result.signature.domain for result in signatures if result.result == "fail"}
    changed = sorted(saw & failed - holds)
    if not changed:
        return []
    return [
        Finding(
            "verify.claims.changed",
            Severity.ATTENTION,
            f"{visible(claims[0].server)} saw a good signature of {visible(changed[0])}",
            "It does not hold in this file: it was changed after it was received, perhaps when it "
            "was saved, forwarded or scanned, or the key has been replaced since.",
        )
    ]


def _span(seconds: float) -> str:
    total = int(seconds)
    if total < 120:
        return f"{total} seconds"
    if total < 7200:
        return f"{total // 60} minutes"
    if total < 172_800:
        return f"{total // 3600} hours"
    return f"{total // 86_400} days"
