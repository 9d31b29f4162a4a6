"""One fault, one finding: domains that differ from one in order by a single change."""

from functools import cache

import pytest

from mailgui.domain.report import DomainReport
from mailgui.findings import Finding
from tests.support.broken_domains import (
    Case,
    cases,
    changed,
    checked,
    good,
    ids,
    published,
    verdicts,
)

CASES = cases()


@cache
def in_order(*changes: tuple[str, str]) -> DomainReport:
    return checked(changed(good(), changes))


def test_the_domain_in_order_passes_everywhere_and_nothing_is_found() -> None:
    report = in_order()
    assert set(verdicts(report).values()) == {"pass"}
    assert report.findings == ()


def test_there_are_enough_of_them() -> None:
    assert sum(bool(case.finding) for case in CASES) >= 90


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fault_one_finding(case: Case) -> None:
    lines = changed(good(), [*case.before, *case.edits])
    report = checked(lines, case.selectors)
    assert ids(report) == {case.finding, *case.company} - {""}
    expected = {**verdicts(in_order(*case.before)), case.section: case.verdict, **case.also}
    assert verdicts(report) == expected
    for finding in report.findings:
        _reads_well(finding)
    if not case.finding:
        return
    finding = next(f for f in report.findings if f.id == case.finding)
    told = " ".join((finding.title, finding.explanation, finding.fix, *finding.evidence))
    assert [words for words in case.words if words not in told] == [], told
    assert (finding.record is not None) == case.record
    if case.record:
        mended = checked(published(lines, finding), case.selectors)
        assert case.finding not in ids(mended)
        assert not ids(mended) - ids(report) - case.aftermath, (
            "The record mends one thing and breaks another."
        )


def _reads_well(finding: Finding) -> None:
    assert finding.title
    assert not finding.title.endswith(".")
    assert finding.explanation.endswith("."), finding.explanation
    fix = finding.fix
    assert not fix or fix.endswith(".") or fix.rpartition(" ")[2].startswith("https://"), fix
