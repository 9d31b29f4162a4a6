"""The one sentence that tells a manager how a domain stands."""

from collections.abc import Mapping, Sequence

from mailgui.domain.section import Section
from mailgui.findings import Severity, Verdict

_NAMES = {"mx": "MX", "spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}
_CENTRAL = tuple(_NAMES)


def summarise(domain: str, sections: Sequence[Section]) -> str:
    """Return one sentence on ``domain``: whether its mail is trusted, whether it can be faked."""
    by_name = {section.name: section for section in sections}
    if any(finding.id == "mx.domain_not_found" for s in sections for finding in s.findings):
        return f"{domain} does not exist: mail from it will be refused."
    silent = [n for n in _CENTRAL if _verdict(by_name, n) is Verdict.UNCHECKED and n != "dkim"]
    if len(silent) == 3:
        return f"{domain} could not be checked: the name server gave no answers."
    first, second = _trust(domain, by_name), _protection(by_name)
    if silent:
        second += f"; {_and(silent)} could not be looked up"
    return f"{first}{second}."


def _verdict(sections: Mapping[str, Section], name: str) -> Verdict | None:
    section = sections.get(name)
    return section.verdict if section else None


def _trust(domain: str, sections: Mapping[str, Section]) -> str:
    """Return the half on whether receivers can tell that mail is genuine."""
    broken = [n for n in ("spf", "dkim") if _verdict(sections, n) is Verdict.BROKEN]
    if broken:
        finding = next(f for f in sections[broken[0]].findings if f.severity is Severity.BROKEN)
        title = finding.title[0].lower() + finding.title[1:]
        return f"Mail from {domain} risks being refused: {title}"
    if "spf" in sections and sections["spf"].details.get("sends") is False:
        return f"{domain} says that it sends no mail"
    missing = [n for n in ("spf", "dkim") if _verdict(sections, n) is Verdict.NOT_SET_UP]
    if len(missing) == 2:
        return f"Receivers cannot tell whether mail from {domain} is genuine"
    if missing:
        return f"Mail from {domain} is only half secured, without {_and(missing)}"
    return f"Receivers can verify mail from {domain}"


def _protection(sections: Mapping[str, Section]) -> str:
    """Return the half on whether anybody can fake it."""
    dmarc = sections.get("dmarc")
    if dmarc is None or dmarc.verdict is Verdict.UNCHECKED:
        return ""
    view = dmarc.details.get("rfc9989")
    policy = view.get("policy") if isinstance(view, dict) else None
    policy = policy.get("domain") if isinstance(policy, dict) else None
    if policy in ("reject", "quarantine"):
        act = "refused" if policy == "reject" else "sent to spam"
        return f", and mail that fakes it is {act}"
    if policy == "none":
        return ", and anyone can fake it: DMARC asks receivers to do nothing"
    reason = "its DMARC record does not count" if dmarc.records else "it has no DMARC record"
    return f", and anyone can fake it: {reason}"


def _and(names: Sequence[str]) -> str:
    shown = [_NAMES[name] for name in names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
