"""The one sentence that tells a manager how a domain stands.

It says that all is well only where nothing at all is broken.
"""

from collections.abc import Mapping, Sequence

from mailgui.domain.section import Section
from mailgui.findings import Finding, Severity, Verdict

_NAMES = {
    "mx": "MX",
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "mta_sts": "MTA-STS",
    "tls_rpt": "TLS reports",
    "dane": "DANE",
    "dnssec": "DNSSEC",
    "blocklists": "block lists",
    "bimi": "BIMI",
    "caa": "CAA",
}
_CENTRAL = ("mx", "spf", "dkim", "dmarc")
_SENDING = ("dnssec", "blocklists", "spf", "dkim")  # what can have mail refused, the gravest first
# What can keep mail from arriving. Senders pass over a record or policy that they cannot read.
_RECEIVING = ("mx", "mta_sts", "dane")
_STOPPING = {
    "mta_sts": ("mta_sts.mx", "mta_sts.tls"),
    "dane": ("dane.bogus", "dane.mismatch", "dane.no_tls"),
}


def summarise(domain: str, sections: Sequence[Section]) -> str:
    """Return one sentence on ``domain``: whether its mail is trusted, whether it can be faked."""
    by_name = {section.name: section for section in sections}
    if any(finding.id == "mx.domain_not_found" for s in sections for finding in s.findings):
        return f"{domain} does not exist: mail from it will be refused."
    silent = [n for n in _CENTRAL if _verdict(by_name, n) is Verdict.UNCHECKED and n != "dkim"]
    if len(silent) == 3:
        return f"{domain} could not be checked: the name server gave no answers."
    first, second = _trust(domain, by_name), _protection(by_name)
    second += _reception(domain, by_name) + _rest(by_name)
    if silent:
        second += f"; {_and(silent)} could not be looked up"
    return f"{first}{second}."


def _verdict(sections: Mapping[str, Section], name: str) -> Verdict | None:
    section = sections.get(name)
    return section.verdict if section else None


def _trust(domain: str, sections: Mapping[str, Section]) -> str:
    """Return the half on whether receivers can tell that mail is genuine."""
    broken = _broken(sections, _SENDING)
    if broken:
        return f"Mail from {domain} risks being refused: {_fault(sections[broken[0]])}"
    if "spf" in sections and sections["spf"].details.get("sends") is False:
        return f"{domain} says that it sends no mail"
    missing = [n for n in ("spf", "dkim") if _verdict(sections, n) is Verdict.NOT_SET_UP]
    if len(missing) == 2:
        return f"Receivers cannot tell whether mail from {domain} is genuine"
    if missing and _verdict(sections, "spf") is Verdict.UNCHECKED:
        return f"Mail from {domain} is not secured by {_and(missing)}"
    if missing:
        return f"Mail from {domain} is only half secured, without {_and(missing)}"
    return f"Receivers can verify mail from {domain}"


def _protection(sections: Mapping[str, Section]) -> str:
    """Return the half on whether anybody can fake it."""
    dmarc = sections.get("dmarc")
    if dmarc is None or dmarc.verdict is Verdict.UNCHECKED:
        return ""
    policy = _policy(sections)
    if policy in ("reject", "quarantine"):
        act = "refused" if policy == "reject" else "sent to spam"
        return f", and mail that fakes it is {act}"
    if policy == "none":
        return ", and anyone can fake it: DMARC asks receivers to do nothing"
    reason = "its DMARC record does not count" if dmarc.records else "it has no DMARC record"
    return f", and anyone can fake it: {reason}"


def _policy(sections: Mapping[str, Section]) -> object:
    """Return the domain's own policy under RFC 9989: a word, or None where none counts."""
    view = sections["dmarc"].details.get("rfc9989") if "dmarc" in sections else None
    policy = view.get("policy") if isinstance(view, dict) else None
    return policy.get("domain") if isinstance(policy, dict) else None


def _reception(domain: str, sections: Mapping[str, Section]) -> str:
    """Return the part on what keeps mail to the domain from arriving; empty where nothing does."""
    stopping = _stopping(sections)
    if not stopping:
        return ""
    return f"; mail to {domain} risks not arriving: {_title(stopping[0].title)}"


def _rest(sections: Mapping[str, Section]) -> str:
    """Return the part that names what is broken beyond what the sentence has told of."""
    told = {*_broken(sections, _SENDING)[:1]}
    told |= {finding.id.partition(".")[0] for finding in _stopping(sections)[:1]}
    if _policy(sections) not in ("reject", "quarantine"):
        told.add("dmarc")  # that anyone can fake it has been said
    if "bimi" in sections and not any(
        f.severity is Severity.BROKEN and f.id != "bimi.policy" for f in sections["bimi"].findings
    ):
        told.add("bimi")  # only DMARC keeps the logo back
    rest = [name for name in _broken(sections, tuple(_NAMES)) if name not in told]
    if not rest:
        return ""
    one = len(rest) == 1 and not _NAMES[rest[0]].endswith("s")
    return f"; {_and(rest)} {'is' if one else 'are'} broken, too"


def _stopping(sections: Mapping[str, Section]) -> list[Finding]:
    """Return the grave findings that keep mail from arriving."""
    return [
        finding
        for name in _broken(sections, _RECEIVING)
        for finding in sections[name].findings
        if finding.severity is Severity.BROKEN
        and (name not in _STOPPING or finding.id in _STOPPING[name])
    ]


def _broken(sections: Mapping[str, Section], names: Sequence[str]) -> list[str]:
    return [name for name in names if _verdict(sections, name) is Verdict.BROKEN]


def _fault(section: Section) -> str:
    """Return the title of the section's first grave finding, to stand within a sentence."""
    graves = (f.title for f in section.findings if f.severity is Severity.BROKEN)
    return _title(next(graves, section.summary))


def _title(title: str) -> str:
    named = title[:2].isupper() and title[1] != " "  # DNSSEC, SPF
    return title if named else title[0].lower() + title[1:]


def _and(names: Sequence[str]) -> str:
    shown = [_NAMES[name] for name in names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
