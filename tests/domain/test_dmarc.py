import json

import pytest

from mailgui.domain.dmarc import check_dmarc
from mailgui.domain.section import Section
from mailgui.findings import Finding, Verdict
from tests.support.asking import against

RUA = "rua=mailto:d@example.com"


def dmarc(zone: str, domain: str = "example.com") -> Section:
    return against(f"example.com A 192.0.2.1\n{zone}", lambda r: check_dmarc(domain, r))


def own(tags: str) -> str:
    return f"_dmarc.example.com TXT v=DMARC1; {tags}"


def by_id(section: Section) -> dict[str, Finding]:
    return {finding.id.removeprefix("dmarc."): finding for finding in section.findings}


@pytest.mark.parametrize(
    ("zone", "verdict", "ids"),
    [
        (own(f"p=reject; {RUA}"), "pass", set()),
        (own(f"p=quarantine; {RUA}"), "pass", set()),
        (own(f"p=none; {RUA}"), "attention", {"policy.none"}),
        ("", "not_set_up", {"missing"}),
        ("_dmarc.example.com @timeout", "unchecked", {"unchecked"}),
        ("_dmarc.example.com @servfail", "unchecked", {"unchecked"}),
        ("_dmarc.com @refused", "not_set_up", {"missing"}),
        (own("p=none") + "\n" + own("p=reject"), "broken", {"multiple"}),
        ("_dmarc.example.com TXT v=dmarc1; p=reject", "broken", {"version"}),
        ("_dmarc.example.com TXT p=reject; v=DMARC1", "broken", {"version"}),
        (own(RUA), "broken", {"policy.missing"}),
        (own(f"p=rejct; {RUA}"), "broken", {"policy.invalid"}),
        (own(f"p=reject; sp=x; {RUA}"), "broken", {"policy.invalid"}),
        (own("p=reject"), "attention", {"rua.missing"}),
        (own(f"p=reject; t=y; {RUA}"), "attention", {"testing"}),
        (own(f"p=reject; sp=none; {RUA}"), "attention", {"policy.subdomain"}),
        (own(f"p=reject; np=none; {RUA}"), "attention", {"policy.subdomain", }),
        (own(f"p=reject; pct=50; rf=afrf; ri=1; {RUA}"), "attention", {"tag.gone"}),
        (own(f"p=reject; fancy=1; {RUA}"), "pass", {"tag.unknown"}),
        (own(f"p=reject; adkim=strict; {RUA}"), "attention", {"tag.invalid"}),
        (own(f"p=reject; {RUA}; what"), "attention", {"syntax"}),
        (own(f"p=reject; p=none; {RUA}"), "attention", {"syntax"}),
        (own(f"p=reject; {RUA}!10m"), "pass", {"size"}),
    ],
)  # fmt: skip
def test_each_fault_has_its_finding(zone: str, verdict: str, ids: set[str]) -> None:
    section = dmarc(zone)
    assert set(by_id(section)) == ids
    assert section.verdict == verdict
    json.dumps(section.to_json_dict())


def test_a_missing_record_comes_with_one_to_publish() -> None:
    assert by_id(dmarc(""))["missing"].record == (
        '_dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com"'
    )


def test_a_wrong_policy_comes_with_the_mended_record() -> None:
    finding = by_id(dmarc(own(f"p=rejct; adkim=s; pct=5; {RUA}")))["policy.invalid"]
    assert finding.record == (f'_dmarc.example.com. IN TXT "v=DMARC1; p=none; adkim=s; {RUA}"')
    assert "p=none" in finding.explanation


def test_an_invalid_record_is_shown() -> None:
    assert dmarc("_dmarc.example.com TXT v=dmarc1; p=x").records == ("v=dmarc1; p=x",)


def test_a_record_from_above_is_shown_with_its_place() -> None:
    section = dmarc(own(f"p=reject; {RUA}"), "mail.example.com")
    assert section.verdict is Verdict.PASS
    assert section.summary.endswith("(from example.com)")
    assert section.records == (f"v=DMARC1; p=reject; {RUA}",)


def test_np_applies_only_where_the_name_does_not_exist() -> None:
    zone = own(f"p=none; np=reject; {RUA}") + (
        "\nreal.example.com A 192.0.2.1\ndangling.example.com CNAME gone.example.net."
    )
    for name, policy in (("gone", "reject"), ("real", "none"), ("dangling", "none")):
        view = dmarc(zone, f"{name}.example.com").details["rfc9989"]
        assert isinstance(view, dict)
        assert view["policy"]["domain"] == policy, name


def test_both_readings_stand_side_by_side_and_a_difference_is_told() -> None:
    zone = (
        own(f"p=reject; {RUA}") + f"\n_dmarc.a.example.com TXT v=DMARC1; p=quarantine; psd=n; {RUA}"
    )
    section = dmarc(zone, "b.a.example.com")
    new, old = section.details["rfc9989"], section.details["rfc7489"]
    assert isinstance(new, dict)
    assert isinstance(old, dict)
    assert (new["organizational_domain"], old["organizational_domain"]) == (
        "a.example.com",
        "example.com",
    )
    assert (new["policy"]["domain"], old["policy"]["domain"]) == ("quarantine", "reject")
    assert set(by_id(section)) == {"readings_differ"}
    assert [step["name"] for step in new["walk"]] == ["b.a.example.com", "a.example.com"]


@pytest.mark.parametrize(
    ("target", "zone", "ids"),
    [
        ("d@example.com", "", set()),
        ("d@reports.example.com", "", set()),
        ("d@other.example", "", {"destination.unauthorised"}),
        ("d@other.example", "example.com._report._dmarc.other.example TXT v=DMARC1;", set()),
        ("d@other.example", "*._report._dmarc.other.example TXT v=DMARC1", set()),
        (
            "d@other.example",
            "example.com._report._dmarc.other.example TXT hello",
            {"destination.unauthorised"},
        ),
        (
            "d@other.example",
            "example.com._report._dmarc.other.example @timeout",
            {"destination.unchecked"},
        ),
        ("d@bad..example", "", {"destination.unauthorised"}),
    ],
)
def test_report_destinations(target: str, zone: str, ids: set[str]) -> None:
    section = dmarc(own(f"p=reject; rua=mailto:{target}") + "\n" + zone)
    assert set(by_id(section)) == ids


def test_the_record_that_the_destination_must_publish() -> None:
    section = dmarc(own("p=reject; rua=mailto:d@other.example"))
    assert by_id(section)["destination.unauthorised"].record == (
        'example.com._report._dmarc.other.example. IN TXT "v=DMARC1;"'
    )
