"""BIMI for one domain: the record, the logo it leads to and the certificate behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mailgui.domain.bimi_certificate import MAX_PEM, MarkCertificate, read_certificate
from mailgui.domain.bimi_svg import MAX_SVG, Fault, Logo, read_logo
from mailgui.domain.connections import Connections, Fetched, fetch
from mailgui.domain.policy_records import BIMI, check_record
from mailgui.domain.section import Section, worst
from mailgui.findings import Finding, Severity, Verdict
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.questions import Asker

_TOLD = ("example", "url")  # nothing was fetched; where that is a fault, the record's own say so
_HARMLESS = (  # receivers may show the logo all the same
    "large", "title_long", "foreign", "style", "attribute", "size_relative", "size_small",
    "expiring", "incomplete", "withdrawn", "logo_differs",
)  # fmt: skip
_UNCHECKED = "unchecked"
_UNSEEN = "the record is in order; the logo was not looked at"
_TITLES = {  # of what is wrong with a certificate, by the fault
    "": "The BIMI certificate does not hold",
    "expiring": "The BIMI certificate ends soon",
    "incomplete": "The BIMI certificate's file lacks the authority's own certificate",
    "withdrawn": "Apple does not accept the BIMI certificate",
    "authority": "The BIMI certificate is from no known authority",
    "logo_differs": "The BIMI certificate holds another logo",
}


async def check_bimi(domain: str, asker: Asker, connections: Connections | None) -> Section:
    """Return the section; without ``connections`` the files are unchecked."""
    section = await check_record(BIMI, domain, asker)
    tags = section.details.get("tags")
    values = dict(tags) if isinstance(tags, list) else {}
    logo_url, certificate_url = values.get("l", ""), values.get("a", "")
    details: dict[str, object] = {
        **section.details,
        "logo": _UNCHECKED if logo_url else None,
        "certificate": _UNCHECKED if certificate_url else None,
    }
    if connections is None or not section.records or not (logo_url or certificate_url):
        return _unseen(section, details)
    logo, certificate = await asyncio.gather(
        _fetch(logo_url, connections, asker, MAX_SVG),
        _fetch(certificate_url, connections, asker, MAX_PEM),
    )
    findings = [*section.findings]
    shown = b""
    if logo is not None and logo.kind not in _TOLD:
        read = read_logo(logo.body) if not logo.problem else None
        details["logo"] = _describe_logo(logo, read)
        findings += _of_logo(logo, read)
        shown = read.content if read else b""
    if certificate is not None and certificate.kind not in _TOLD:
        mark = read_certificate(certificate.body, domain) if not certificate.problem else None
        details["certificate"] = _describe_certificate(certificate, mark, shown)
        findings += _of_certificate(certificate, mark, shown)
    verdict = worst(findings)
    summary = section.summary
    if section.verdict.value == "pass":
        faulty = next((f for f in findings if f.severity is not Severity.INFO), None)
        summary = visible(faulty.title) if faulty else _praise(details)
    return Section("bimi", verdict, summary, section.records, tuple(findings), details)


def _unseen(section: Section, details: dict[str, object]) -> Section:
    """Return the section on the record alone, as MTA-STS's without its policy, where nothing but
    the DNS was to be asked.
    """
    if section.verdict is Verdict.PASS and _UNCHECKED in details.values():
        return replace(section, summary=_UNSEEN, details=details)
    return replace(section, details=details)


def with_dmarc(section: Section, dmarc: Section) -> Section:
    """Return the section with what DMARC's says: a logo is shown only where forged mail is not
    delivered (draft-brand-indicators-for-message-identification, section 7.1).
    """
    tags = section.details.get("tags")
    view = dmarc.details.get("rfc9989")
    wanted = isinstance(tags, list) and any(name == "l" and value for name, value in tags)
    if not wanted or not isinstance(view, dict) or dmarc.verdict is Verdict.UNCHECKED:
        return section
    policies = view["policy"]
    weak = next((w for w in ("domain", "subdomain") if policies[w] in (None, "none")), None)
    percent = _percent(dmarc)
    if weak is None and percent == 100:
        return section
    if policies["domain"] is None:
        what = "the domain has no DMARC record that counts"
    elif weak is None:
        what = f"its record has pct={percent}, and receivers that still read pct want all of it"
    else:
        what = f"its policy is {'p' if weak == 'domain' else 'sp'}=none"
    finding = Finding(
        "bimi.policy",
        Severity.BROKEN,
        "Receivers show no logo: DMARC does not stop forged mail",
        f"A logo needs p=quarantine or p=reject, for subdomains too; {what}.",
        "Raise the DMARC policy once the reports show that all your own mail passes.",
        tuple(filter(None, (view["record"],))),
    )
    findings = (*section.findings, finding)
    broken = section.verdict is Verdict.BROKEN
    summary = section.summary if broken else "no logo without an enforced DMARC policy"
    return replace(section, verdict=Verdict.BROKEN, summary=summary, findings=findings)


def _percent(dmarc: Section) -> int:
    """Return the share of mail that the policy is for, as RFC 7489 has it."""
    view = dmarc.details.get("rfc7489")
    percent = view.get("percent") if isinstance(view, dict) else None
    return percent if isinstance(percent, int) else 100


def _praise(details: dict[str, object]) -> str:
    if _UNCHECKED in (details["logo"], details["certificate"]):
        return _UNSEEN
    return "logo and certificate in order" if details["certificate"] else "the logo is in order"


async def _fetch(url: str, connections: Connections, asker: Asker, most: int) -> Fetched | None:
    return await fetch(url, connections, asker, most=most) if url else None


def _describe_logo(fetched: Fetched, logo: Logo | None) -> dict[str, object]:
    return {
        "url": visible(fetched.url),
        "problem": visible(fetched.problem) or None,
        "media_type": visible(fetched.media_type) or None,
        "title": visible(logo.title) if logo else None,
        "profile": visible(logo.profile) if logo else None,
        "octets": logo.octets if logo else None,
        "square": bool(logo and logo.width and logo.width == logo.height),
        "faults": [fault.sentence for fault in logo.faults] if logo else [],
    }


def _describe_certificate(
    fetched: Fetched, mark: MarkCertificate | None, shown: bytes
) -> dict[str, object]:
    return {
        "url": visible(fetched.url),
        "problem": visible(fetched.problem) or None,
        "subject": mark.subject if mark else None,
        "issuer": mark.issuer if mark else None,
        "authority": mark.authority or None if mark else None,
        "authority_proven": mark.proven if mark else None,
        "same_logo": mark.logo == shown if mark and mark.logo and shown else None,
        "mark": mark.mark if mark else None,
        "names": list(mark.names) if mark else [],
        "expires": mark.expires.isoformat() if mark and mark.expires else None,
        "faults": [fault.sentence for fault in mark.faults] if mark else [],
    }


def _of_logo(fetched: Fetched, logo: Logo | None) -> Iterator[Finding]:
    if fetched.problem:
        yield _unreachable("logo", "The BIMI logo", fetched)
    elif fetched.media_type != "image/svg+xml":
        said = visible(fetched.media_type)[:60] or "nothing"
        fault = Fault("media_type", f"Its server says that it is {said}, not image/svg+xml.")
        yield _fault("logo", "The BIMI logo is not as receivers want it", fault, fetched.url)
    for fault in logo.faults if logo else ():
        yield _fault("logo", "The BIMI logo is not as receivers want it", fault, fetched.url)


def _of_certificate(
    fetched: Fetched, mark: MarkCertificate | None, shown: bytes
) -> Iterator[Finding]:
    if fetched.problem:
        yield _unreachable("certificate", "The BIMI certificate", fetched)
    for fault in mark.faults if mark else ():
        yield _fault("certificate", _TITLES.get(fault.slug, _TITLES[""]), fault, fetched.url)
    if mark and mark.logo and shown and mark.logo != shown:
        words = "Receivers that go by the certificate show its logo, or none; it is not that of l=."
        fault = Fault("logo_differs", words)
        yield _fault("certificate", _TITLES["logo_differs"], fault, fetched.url)


def _unreachable(part: str, what: str, fetched: Fetched) -> Finding:
    return Finding(
        f"bimi.{part}.unreachable",
        Severity.BROKEN,
        f"{what} cannot be fetched",
        visible(fetched.problem),
        "Put the file where the record says, on a web server with a valid certificate.",
        (visible(fetched.url),),
    )


def _fault(part: str, title: str, fault: Fault, url: str) -> Finding:
    return Finding(
        f"bimi.{part}.{fault.slug}",
        Severity.ATTENTION if fault.slug in _HARMLESS else Severity.BROKEN,
        title,
        f"{visible(fault.sentence)} Receivers show no logo then."
        if fault.slug not in _HARMLESS
        else visible(fault.sentence),
        "Export it as SVG Tiny PS." if part == "logo" else "Have a new certificate issued.",
        (visible(url),),
    )
