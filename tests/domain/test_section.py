import pytest

from mailgui.domain.section import Section, unchecked, worst
from mailgui.findings import Finding, Severity, Verdict


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ((), "pass"),
        (("info",), "pass"),
        (("info", "attention"), "attention"),
        (("attention", "broken", "info"), "broken"),
    ],
)
def test_the_worst_finding_decides(severities: tuple[str, ...], verdict: str) -> None:
    assert worst(Finding("x", Severity(s), "x") for s in severities) == verdict


def test_what_could_not_be_looked_up_is_never_absent() -> None:
    section = unchecked("spf", "The SPF record", "No answer.")
    assert section.verdict is Verdict.UNCHECKED
    assert [f.id for f in section.findings] == ["spf.unchecked"]


def test_details_stand_beside_the_verdict_in_json() -> None:
    section = Section("spf", Verdict.PASS, "fine", ("v=spf1",), (), {"lookups_total": 3})
    assert section.to_json_dict() == {
        "verdict": "pass",
        "summary": "fine",
        "records": ["v=spf1"],
        "findings": [],
        "lookups_total": 3,
    }
