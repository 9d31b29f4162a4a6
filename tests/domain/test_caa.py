import pytest

from mailgui.domain.caa import check_caa
from mailgui.domain.section import Section
from tests.support.asking import against
from tests.support.name_server import Zone


def caa(zone: Zone | str, domain: str = "example.com") -> Section:
    return against(zone, lambda r: check_caa(domain, r))


def test_who_may_issue() -> None:
    section = caa(
        'example.com CAA 0 issue "ca.example"\nexample.com CAA 0 issuevmc "marks.example; p=1"\n'
        'example.com CAA 0 iodef "mailto:a@example.com"'
    )
    assert (section.verdict.value, section.summary) == ("pass", "only ca.example may issue")
    entries = section.details["entries"]
    assert isinstance(entries, list)
    assert {entry["tag"]: entry["fault"] for entry in entries} == dict.fromkeys(
        ("issue", "issuevmc", "iodef")
    )


def test_those_of_the_name_above_count_where_there_are_none() -> None:
    section = caa('example.com CAA 0 issue ";"', "a.b.example.com")
    assert section.details["name"] == "example.com"
    assert section.summary == "no authority may issue"


def test_none_at_all_is_not_set_up() -> None:
    assert caa("example.com A 192.0.2.1").verdict.value == "not_set_up"


@pytest.mark.parametrize("fault", ["servfail", "timeout", "refused"])
def test_no_answer_is_not_absence(fault: str) -> None:
    section = caa(f"example.com @{fault} CAA")
    assert section.verdict.value == "unchecked"
    assert [finding.id for finding in section.findings] == ["caa.unchecked"]


@pytest.mark.parametrize(
    ("record", "finding"),
    [
        ('0 issue "no authority"', "caa.syntax"),
        ('0 iodef "a@example.com"', "caa.syntax"),
        ('128 unheardof "x"', "caa.critical"),
    ],
)
def test_faults(record: str, finding: str) -> None:
    section = caa(f"example.com CAA {record}")
    assert (section.verdict.value, section.findings[0].id) == ("attention", finding)
