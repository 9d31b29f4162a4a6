"""DMARC for one domain: what applies by RFC 9989 and by RFC 7489, and what is wrong with it."""

import asyncio

from mailgui.domain.dmarc_findings import (
    of_absence,
    of_destinations,
    of_misplaced,
    of_near_miss,
    of_policy,
    of_record,
    of_step,
)
from mailgui.domain.dmarc_policy import (
    PolicyView,
    by_suffix_list,
    by_tree_walk,
    organizational_for_7489,
)
from mailgui.domain.dmarc_record import DmarcRecord, is_almost_dmarc, is_dmarc, parse_dmarc
from mailgui.domain.dmarc_reports import Destination, check_destinations
from mailgui.domain.dmarc_walk import Walk, walk
from mailgui.domain.names import is_public_suffix
from mailgui.domain.questions import Asker
from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Finding, Verdict
from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.transcript import visible


async def check_dmarc(domain: str, asker: Asker) -> Section:
    """Return the section on DMARC for ``domain`` (A-labels, lower case)."""
    organizational = organizational_for_7489(domain)
    steps, org_answer, itself = await asyncio.gather(
        walk(domain, asker),
        asker.ask(f"_dmarc.{organizational}", "TXT"),
        asker.ask(domain, "TXT"),  # SPF asks for it as well; it tells whether the name exists
    )
    # A dangling CNAME exists: RFC 9989, section 3.2.
    exists = not (itself.status is AnswerStatus.NXDOMAIN and not itself.cname)
    view = by_tree_walk(domain, steps, exists=exists)
    own = steps.steps[0].record
    older = by_suffix_list(domain, own, _single(org_answer))
    silent = _silence(steps)
    # What stands above applies only if nothing stands at the name itself.
    if silent is not None and (view.record is None or silent is steps.steps[0].answer):
        return _unchecked(silent, steps, view, older)
    destinations: tuple[Destination, ...] = ()
    if view.record is not None and view.record_domain is not None:
        destinations = await check_destinations(
            view.record_domain, view.organizational, view.record, asker
        )
    misplaced = tuple(text for text in itself.records if is_dmarc(text))
    findings = _findings(domain, steps, view, older, destinations, misplaced)
    return Section(
        name="dmarc",
        verdict=_verdict(steps, view, findings),
        summary=_summary(domain, view),
        records=_records(steps, view),
        findings=findings,
        details=_details(steps, view, older, destinations),
    )


def _single(answer: Answer) -> DmarcRecord | None:
    texts = [text for text in answer.records if is_dmarc(text)]
    return parse_dmarc(texts[0]) if len(texts) == 1 else None


def _silence(steps: Walk) -> Answer | None:
    """Return the question without an answer that leaves it open whether there is a record.

    That a public suffix, such as a top-level domain, cannot be asked for leaves nothing open: its
    operators hardly ever publish one, and the domain has no say in it.
    """
    for step in steps.steps:
        if not step.answer.conclusive and (
            step.name == steps.start or not is_public_suffix(step.name)
        ):
            return step.answer
    return None


def _unchecked(silent: Answer, steps: Walk, view: PolicyView, older: PolicyView) -> Section:
    reason = silent.reason or f"{silent.name} could not be asked for."
    section = unchecked("dmarc", "The DMARC record", reason)
    details = _details(steps, view, older, ())
    return Section(
        "dmarc", section.verdict, section.summary, _records(steps, view), section.findings, details
    )


def _findings(
    domain: str,
    steps: Walk,
    view: PolicyView,
    older: PolicyView,
    destinations: tuple[Destination, ...],
    misplaced: tuple[str, ...],
) -> tuple[Finding, ...]:
    own = steps.steps[0]
    near = [text for text in own.answer.records if is_almost_dmarc(text)]
    findings: list[Finding] = []
    for step in steps.steps:
        findings += of_step(step)
    if near and not own.texts:
        findings.append(of_near_miss(domain, near))
    if misplaced and not own.texts and not near:
        findings.append(of_misplaced(domain, misplaced))
    if view.record is None or view.record_domain is None:
        return tuple(findings or [of_absence(domain)])
    findings += of_record(view.record, view.record_domain)
    findings += of_policy(view, older, domain)
    findings += of_destinations(destinations)
    return tuple(findings)


def _verdict(steps: Walk, view: PolicyView, findings: tuple[Finding, ...]) -> Verdict:
    if view.record is None and not any(finding.severity == "broken" for finding in findings):
        return Verdict.NOT_SET_UP
    return worst(findings)


def _summary(domain: str, view: PolicyView) -> str:
    if view.record is None:
        return "no record"
    if view.domain is None:
        return "the record cannot be used"
    acts = {
        "none": "policy none: nothing is enforced",
        "quarantine": "policy quarantine: forged mail goes to spam",
        "reject": "policy reject: forged mail is refused",
    }
    source = "" if view.record_domain == domain else f" (from {view.record_domain})"
    return acts[view.domain] + source


def _records(steps: Walk, view: PolicyView) -> tuple[str, ...]:
    """Return what stands at the domain itself, else what applies from above."""
    own = steps.steps[0]
    texts = own.texts or tuple(text for text in own.answer.records if is_almost_dmarc(text))
    if not texts and view.record is not None:
        texts = (view.record.text,)
    return tuple(map(visible, texts))


def _details(
    steps: Walk, view: PolicyView, older: PolicyView, destinations: tuple[Destination, ...]
) -> dict[str, object]:
    record = view.record
    return {
        "rfc9989": {
            **view.to_json_dict(),
            "walk": [
                {
                    "name": step.name,
                    "status": step.answer.status.value,
                    "records": [visible(text) for text in step.texts],
                    "psd": step.psd,
                }
                for step in steps.steps
            ],
            "complete": steps.complete,
        },
        "rfc7489": older.to_json_dict(),
        "tags": [[name, visible(value)] for name, value in record.tags.tags] if record else [],
        "destinations": [destination.to_json_dict() for destination in destinations],
    }
