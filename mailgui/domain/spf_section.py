"""SPF's part of the report on a domain."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mailgui.domain.publish import txt_record
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.domain.spf_lint import lint_record, lint_tree
from mailgui.domain.spf_match import MAX_LOOKUPS
from mailgui.domain.spf_record import is_spf, parse_record
from mailgui.domain.spf_repair import merged
from mailgui.domain.spf_request import make_request
from mailgui.domain.spf_result import SpfResult
from mailgui.domain.spf_select import SpfSelection
from mailgui.domain.spf_strings import lint_strings, of_type_99
from mailgui.domain.spf_tree import SpfTree, walk
from mailgui.findings import Finding, Severity, Verdict
from mailgui.net.dns_answer import Answer
from mailgui.transcript import visible

_AROUND = "\\s\"'“”\ufeff\u200b"
_ALMOST = re.compile(
    rf"[{_AROUND}]*(?:v\s*[=:]\s*spf[\d.]*|spf1(?=\s))[{_AROUND};,:]*", re.IGNORECASE
)
_MOST_MEANT = 5


async def spf_tree(domain: str, asker: Asker) -> SpfTree:
    """Return the tree of ``domain``'s policy, for every sender."""
    return await walk(make_request(domain), asker)


def spf_section(
    domain: str, tree: SpfTree, *, takes_mail: bool = True, obsolete: Answer | None = None
) -> Section:
    """Return the section. ``takes_mail`` tells which record to propose where there is none;
    ``obsolete`` is the answer to a question for records of the type SPF.
    """
    section = _by_tree(domain, tree, takes_mail=takes_mail)
    if obsolete is None or not obsolete.records:
        return section
    findings = (*section.findings, of_type_99(obsolete.records))
    verdict = section.verdict
    if verdict is Verdict.PASS:
        verdict = worst(findings)
    return replace(section, verdict=verdict, findings=findings)


def _by_tree(domain: str, tree: SpfTree, *, takes_mail: bool) -> Section:
    selection = tree.selection
    details: dict[str, object] = {
        "lookups_total": tree.lookups_total,
        "void_lookups": len(tree.voids),
        "complete": tree.complete,
        "sends": _sends(tree),
        "tree": [node.to_json_dict() for node in tree.trace],
        "networks": [
            {"network": n.network, "qualifier": n.qualifier, "path": list(n.path)}
            for n in tree.networks
        ],
    }
    if selection.result is SpfResult.TEMPERROR:
        answer = selection.answer
        reason = (answer.reason if answer else "") or selection.sentence
        section = unchecked("spf", "The SPF record", reason)
        return Section("spf", section.verdict, section.summary, (), section.findings, details)
    if selection.record is None:
        meant = [] if selection.texts else _meant(selection)
        if meant:
            summary, found = "a record that is none", (_version(domain, meant),)
            records = tuple(map(visible, meant))
            return Section("spf", Verdict.BROKEN, summary, records, found, details)
        finding = _multiple(domain, selection) if selection.texts else None
        finding = finding or _missing(domain, takes_mail=takes_mail)
        verdict = Verdict.BROKEN if selection.texts else Verdict.NOT_SET_UP
        summary = f"{len(selection.texts)} records" if selection.texts else "no record"
        return Section("spf", verdict, summary, selection.texts, (finding,), details)
    strings = lint_strings(selection.record, selection.answer, domain)
    glued = any(finding.id == "spf.strings.glued" for finding in strings)
    findings = (
        *(f for f in lint_record(selection.record, domain) if not (glued and f.id == "spf.syntax")),
        *strings,
        *lint_tree(tree, domain),
    )
    summary = f"{tree.lookups_total} of {MAX_LOOKUPS} look-ups used"
    if selection.record.faults:
        summary = "the record cannot be read"
    return Section("spf", worst(findings), summary, selection.texts, findings, details)


def _sends(tree: SpfTree) -> bool | None:
    """Return False where the record says that the domain sends no mail; None without a record."""
    record = tree.selection.record
    return None if record is None else [d.text.lower() for d in record.directives] != ["-all"]


def _multiple(domain: str, selection: SpfSelection) -> Finding:
    texts = selection.texts
    octets = selection.answer.octets if selection.answer else ()
    joined = merged([parse_record(each) for each in octets if is_spf(each)])
    return Finding(
        "spf.multiple",
        Severity.BROKEN,
        f"The domain has {len(texts)} SPF records",
        f"{selection.sentence} Receivers treat that as an error (permerror), and none counts.",
        "Merge them into one: v=spf1 once, then the terms of all, then one all. Remove the others.",
        texts,
        txt_record(domain, joined) if joined else None,
    )


def _meant(selection: SpfSelection) -> list[str]:
    """Return the records that were surely meant for SPF, though none begins with "v=spf1 "."""
    texts = selection.answer.records if selection.answer else ()
    return [text for text in texts if _ALMOST.match(text)][:_MOST_MEANT]


def _version(domain: str, meant: Sequence[str]) -> Finding:
    match = _ALMOST.match(meant[0])
    terms = meant[0][match.end() :].rstrip("\"'“”; ").split() if match else []
    mended = " ".join(("v=spf1", *terms))
    sound = terms and mended.isascii() and not parse_record(mended.encode()).faults
    return Finding(
        "spf.version",
        Severity.BROKEN,
        "The SPF record does not begin with v=spf1 and a space",
        "The version must come first, with nothing before it; so receivers see no SPF record at "
        "all.",
        "Correct the record.",
        tuple(map(visible, meant)),
        txt_record(domain, mended) if sound else None,
    )


def _missing(domain: str, *, takes_mail: bool) -> Finding:
    text = "v=spf1 mx ~all" if takes_mail else "v=spf1 -all"
    return Finding(
        "spf.missing",
        Severity.ATTENTION,
        "The domain has no SPF record",
        "Receivers cannot tell which servers may send its mail, and trust it less.",
        "Publish this record, completed by whatever other services send for you."
        if takes_mail
        else "Publish this record: it says that the domain sends no mail.",
        (),
        txt_record(domain, text),
    )
