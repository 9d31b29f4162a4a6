"""What there is to say about a domain's DKIM keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mailgui.domain.dkim_key import GOOD_RSA_BITS, MAX_RSA_BITS, MIN_RSA_BITS, DkimKey, repaired
from mailgui.domain.publish import txt_record
from mailgui.findings import Finding, Severity
from mailgui.net.dns_answer import AnswerStatus
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.dkim import Selector
    from mailgui.domain.dkim_selectors import Vendor


def judge(
    domain: str, asked: Sequence[Selector], present: Sequence[Selector], *, wildcard: bool
) -> tuple[Finding, ...]:
    """Return the findings on all selectors that were looked at."""
    findings = [
        _missing(domain, selector)
        for selector in asked
        if selector.given and selector.answer.status is not AnswerStatus.FOUND
    ]
    for selector in present:
        findings += _selector(domain, selector)
    for selector in asked:
        findings += _dangling(domain, selector)
    if wildcard:
        findings.append(
            Finding(
                "dkim.wildcard",
                Severity.ATTENTION,
                "Every selector of this domain gets an answer",
                "A wildcard record answers for all names below _domainkey: real keys cannot be "
                "told from it.",
                "Remove the wildcard, or except _domainkey from it.",
            )
        )
    usable = [s for s in present if any(key.usable for key in s.keys)]
    if present and not usable and all(key.revoked for s in present for key in s.keys):
        findings.append(
            Finding(
                "dkim.all_revoked",
                Severity.ATTENTION,
                "All keys that were found are revoked",
                "Mail signed under these selectors fails DKIM.",
                "Publish the key that your mail service signs with.",
                tuple(s.name for s in present),
            )
        )
    return tuple(findings)


def of_nothing(domain: str, *, pruned: bool, vendors: Sequence[Vendor]) -> Finding:
    """Return the finding where no key was found. That keys are missing can hardly ever be told."""
    hidden = ", ".join(vendor.name for vendor in vendors if not vendor.guessable)
    if pruned and not vendors:
        return Finding(
            "dkim.none",
            Severity.ATTENTION,
            "The domain publishes no DKIM keys",
            f"The name server says that nothing exists below _domainkey.{domain}. Unsigned mail "
            "rests on SPF alone, which does not survive forwarding.",
            "Switch DKIM signing on at your mail service and publish the record it shows.",
        )
    whose = f" ({hidden} gives every account selectors of its own)" if hidden else ""
    return Finding(
        "dkim.undiscovered",
        Severity.INFO,
        "DKIM keys could not be discovered",
        f"None of the usual selectors has a key{whose}. There may be keys under another one.",
        "Give the selector: it is the s= in the DKIM-Signature header of any message sent.",
    )


def _dangling(domain: str, selector: Selector) -> Iterator[Finding]:
    """Yield the finding on a selector that is an alias of a name without a key."""
    if selector.given or not (selector.answer.absent and selector.answer.cname):
        return
    target = visible(selector.answer.cname[-1])
    name = visible(selector.name)
    yield Finding(
        "dkim.cname.dangling",
        Severity.ATTENTION,
        f"The selector {name} leads to a name without a key",
        f"It is an alias of {target}, and nothing is there: signatures that name it fail.",
        f"Switch signing on again at the service that {target} belongs to, or remove the alias.",
        (f"{name}._domainkey.{domain} CNAME {target}",),
    )


def _missing(domain: str, selector: Selector) -> Finding:
    name = f"{visible(selector.name)}._domainkey.{domain}"
    if not selector.answer.conclusive:
        return Finding(
            "dkim.unchecked",
            Severity.ATTENTION,
            f"The key under {visible(selector.name)} could not be looked up",
            f"{selector.answer.reason} Whether there is a key cannot be told.",
            "Check again in a minute.",
            (name,),
        )
    return Finding(
        "dkim.missing",
        Severity.BROKEN,
        f"There is no key under the selector {visible(selector.name)}",
        "Signatures that name it cannot be verified: to receivers they are broken.",
        "Publish the record that your mail service shows, or correct the selector.",
        (f"{name} TXT: {selector.answer.status.value}",),
    )


def _selector(domain: str, selector: Selector) -> Iterator[Finding]:
    place = (f"{visible(selector.name)}._domainkey.{domain}",)
    if len(selector.keys) > 1:
        yield Finding(
            "dkim.multiple",
            Severity.BROKEN,
            f"{len(selector.keys)} records stand under the selector {selector.name}",
            "A selector must have one. Receivers take any of them, or none.",
            "Remove all but the key that is used.",
            place,
        )
        return
    for key in selector.keys:
        yield from _key(selector.name, key, place)


def _key(name: str, key: DkimKey, place: tuple[str, ...]) -> Iterator[Finding]:
    name = visible(name)
    for fault in key.faults:
        yield Finding(
            "dkim.key.invalid",
            Severity.BROKEN,
            f"The key under {name} cannot be used",
            f"{visible(fault)} Signatures with it fail.",
            "Publish the record exactly as your mail service shows it.",
            place,
            txt_record(place[0], mended) if (mended := repaired(key)) else None,
        )
    if key.strict:
        yield Finding(
            "dkim.key.strict",
            Severity.INFO,
            f"The key under {name} is for the domain itself only",
            "With t=s signatures whose i= names a subdomain fail.",
            "Remove t=s if mail from subdomains is signed with this key.",
            place,
        )
    if key.revoked:
        yield Finding(
            "dkim.key.revoked",
            Severity.INFO,
            f"The key under {name} is revoked",
            "p= is empty: it says that nothing is signed with this key any more. That is the right "
            "way to retire one.",
            "",
            place,
        )
    yield from _size(name, key, place)
    if key.testing:
        yield Finding(
            "dkim.key.testing",
            Severity.ATTENTION,
            f"The key under {name} is marked as a test",
            "With t=y receivers may treat signed mail as if it were not signed.",
            "Remove t=y from the record.",
            place,
            txt_record(place[0], mended) if (mended := repaired(key)) else None,
        )


def _size(name: str, key: DkimKey, place: tuple[str, ...]) -> Iterator[Finding]:
    if key.algorithm != "rsa" or key.bits is None:
        return
    if key.bits < MIN_RSA_BITS:
        yield Finding(
            "dkim.key.too_short",
            Severity.BROKEN,
            f"The key under {name} has only {key.bits} bits",
            "Keys under 1024 bits can be broken, and receivers must not accept them (RFC 8301).",
            "Make a new key of 2048 bits.",
            place,
        )
    elif key.bits < GOOD_RSA_BITS:
        yield Finding(
            "dkim.key.short",
            Severity.ATTENTION,
            f"The key under {name} has {key.bits} bits; 2048 are recommended",
            "It is still accepted, but no longer thought safe (RFC 8301).",
            "Make a new key of 2048 bits under a new selector, then change over.",
            place,
        )
    elif key.bits > MAX_RSA_BITS:
        yield Finding(
            "dkim.key.long",
            Severity.ATTENTION,
            f"The key under {name} has {key.bits} bits, more than receivers must handle",
            "Verifiers need to take keys up to 4096 bits (RFC 8301); some refuse longer ones.",
            "Use a key of 2048 bits.",
            place,
        )
