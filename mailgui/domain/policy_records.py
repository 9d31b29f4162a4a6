"""The one-line records beside SPF, DKIM and DMARC: MTA-STS, TLS-RPT and BIMI.

Each is a tag list in a TXT record at a name of its own. What they lead to (a policy file, a logo)
is not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgui.domain.publish import txt_record
from mailgui.domain.section import Section, unchecked, worst
from mailgui.domain.tag_list import TagList, parse_tag_list
from mailgui.findings import Finding, Severity, Verdict
from mailgui.transcript import visible

if TYPE_CHECKING:
    from mailgui.domain.questions import Asker

_TAG_OF = {"id": "id", "rua": "rua", "logo": "l", "authority": "a"}  # by the faults' names

Fault = tuple[str, Severity, str, str]  # id, severity, title, explanation


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record.

    Attributes:
        prefix: the name it stands under, before the domain.
        version: its first tag, as it must be written.
        what: its name for people.
        faults: what is wrong with the tags of one.
        example: the text of a good one, with the domain filled in.
    """

    section: str
    prefix: str
    version: str
    what: str
    faults: Callable[[TagList], list[Fault]]
    example: Callable[[str], str]


async def check_record(kind: RecordKind, domain: str, asker: Asker) -> Section:
    """Return the section on the record of that kind."""
    name = f"{kind.prefix}.{domain}"
    answer = await asker.ask(name, "TXT")
    if not answer.conclusive:
        reason = answer.reason or f"The name server answered {answer.status.value}."
        return unchecked(kind.section, f"The {kind.what} record", reason)
    # RFC 8461, section 3.1, and RFC 8460, section 3: what does not begin so is discarded.
    texts = tuple(t for t in answer.records if _begins_with(t, kind.version))
    near = tuple(t for t in answer.records if t not in texts and _is_near(t, kind.version))
    if not texts and not near:
        return Section(kind.section, Verdict.NOT_SET_UP, "not set up")
    findings = tuple(_findings(kind, domain, texts, near))
    summary = "the record is in order" if not findings else visible(findings[0].title)
    records = tuple(map(visible, texts or near))
    tags = [[n, visible(v)] for n, v in parse_tag_list(texts[0]).tags] if texts else []
    return Section(kind.section, worst(findings), summary, records, findings, {"tags": tags})


def _begins_with(text: str, version: str) -> bool:
    return bool(re.match(rf"v\s*=\s*{version}\s*(;|$)", text))


def _is_near(text: str, version: str) -> bool:
    """Whether a text was surely meant as such a record: one with another number, or in other
    letters.
    """
    kind = re.split(r"v?\d", version)[0]
    return bool(re.search(rf"(^|;)\s*v\s*=\s*{kind}", text, re.IGNORECASE))


def _findings(
    kind: RecordKind, domain: str, texts: tuple[str, ...], near: tuple[str, ...]
) -> list[Finding]:
    name = f"{kind.prefix}.{domain}"
    evidence = tuple(map(visible, texts or near))
    if not texts:
        title = f"The {kind.what} record does not begin with v={kind.version};"
        return [
            _finding(
                kind,
                ("version", Severity.BROKEN, title, "Senders ignore it."),
                evidence,
                txt_record(name, _mended(kind, domain, parse_tag_list(near[0]))),
            )
        ]
    if len(texts) > 1:
        title = f"There are {len(texts)} {kind.what} records"
        text = "Senders take that for none."
        return [_finding(kind, ("multiple", Severity.BROKEN, title, text), evidence, None)]
    tags = parse_tag_list(texts[0])
    faults = kind.faults(tags)
    faults += [
        ("syntax", Severity.ATTENTION, f"Parts of the {kind.what} record cannot be read", sentence)
        for sentence in tags.faults
    ]
    mended = txt_record(name, _mended(kind, domain, tags))
    return [
        _finding(kind, fault, evidence, None if fault[0] == "no_authority" else mended)
        for fault in faults
    ]


def _mended(kind: RecordKind, domain: str, tags: TagList) -> str:
    """Return the record with its faulty tags replaced, by what was surely meant or as in the
    example, and the example's tags where they are missing.
    """
    wrong = {_TAG_OF.get(slug) for slug, *_ in kind.faults(tags)}
    values = {name.lower(): value for name, value in tags.tags if name.lower() != "v"}
    for name, value in parse_tag_list(kind.example(domain)).tags[1:]:
        meant = _meant(values.get(name, ""))
        values[name] = (meant or value) if name in wrong else values.get(name, value)
    return "; ".join([f"v={kind.version}", *(f"{name}={value}" for name, value in values.items())])


def _meant(value: str) -> str:
    """Return the address that a faulty one was surely meant as, or nothing."""
    if re.fullmatch(r"http://\S+\.(svgz?|pem)", value, re.IGNORECASE):
        return f"https{value[4:]}"
    return f"mailto:{value}" if re.fullmatch(r"[^@\s:,;]+@[^@\s:,;]+", value) else ""


def _finding(
    kind: RecordKind, fault: Fault, evidence: tuple[str, ...], record: str | None
) -> Finding:
    slug, severity, title, explanation = fault
    fix = "Correct the record."
    if slug == "multiple":
        fix = "Keep one and remove the others."
    elif slug == "no_authority":
        fix = "Have a certificate issued for the logo, if you want it shown everywhere."
    return Finding(
        f"{kind.section}.{slug}", severity, title, visible(explanation), fix, evidence, record
    )


def _mta_sts(tags: TagList) -> list[Fault]:
    policy_id = tags.get("id")
    if policy_id is None or not re.fullmatch(r"[A-Za-z0-9]{1,32}", policy_id):
        text = "Senders need it to see when the policy changes: 1 to 32 letters and digits."
        title = "The MTA-STS record has no valid id"
        return [("id", Severity.BROKEN, title, f"{text} Without it they ignore the record.")]
    return []


def _tls_rpt(tags: TagList) -> list[Fault]:
    rua = tags.get("rua") or ""
    uris = [uri.strip() for uri in rua.split(",")]
    if all(re.fullmatch(r"mailto:[^@\s]+@[^@\s]+|https://\S+", uri, re.IGNORECASE) for uri in uris):
        return []
    text = "rua= must hold a mailto: or an https: address; without one nobody is told of failures."
    return [("rua", Severity.BROKEN, "The TLS report record names nowhere to report to", text)]


def _bimi(tags: TagList) -> list[Fault]:
    logo, authority = tags.get("l"), tags.get("a")
    if logo == "" and not authority:
        return []  # the domain declines to show a logo: section 4.3
    faults: list[Fault] = []
    if not logo or not re.fullmatch(r"https://\S+\.svgz?", logo, re.IGNORECASE):
        title = "The BIMI record does not lead to a logo"
        text = "l= must be the https: address of an SVG file."
        faults.append(("logo", Severity.BROKEN, title, text))
    if authority and not authority.lower().startswith("https://"):
        title = "The BIMI certificate has no https: address"
        text = "a= must be the https: address of a certificate."
        faults.append(("authority", Severity.BROKEN, title, text))
    if not authority:
        title = "The BIMI logo has no certificate"
        text = "Some large receivers show logos only with one (VMC or CMC)."
        faults.append(("no_authority", Severity.INFO, title, text))
    return faults


MTA_STS = RecordKind(
    "mta_sts", "_mta-sts", "STSv1", "MTA-STS", _mta_sts, lambda _: "v=STSv1; id=20260101T000000;"
)
TLS_RPT = RecordKind(
    "tls_rpt",
    "_smtp._tls",
    "TLSRPTv1",
    "TLS report",
    _tls_rpt,
    lambda domain: f"v=TLSRPTv1; rua=mailto:tls-reports@{domain}",
)
BIMI = RecordKind(
    "bimi",
    "default._bimi",
    "BIMI1",
    "BIMI",
    _bimi,
    lambda domain: f"v=BIMI1; l=https://{domain}/logo.svg; a=;",
)
