import pytest

from mailgui.domain.dmarc_policy import PolicyView, by_suffix_list, by_tree_walk
from mailgui.domain.dmarc_record import parse_dmarc
from mailgui.domain.dmarc_walk import walk
from tests.support.asking import against


def view(zone: str, domain: str = "example.com", *, exists: bool = True) -> PolicyView:
    return by_tree_walk(domain, against(zone, lambda r: walk(domain, r)), exists=exists)


def policies(result: PolicyView) -> tuple[str | None, str | None, str | None]:
    return result.domain, result.subdomain, result.nonexistent


def own(tags: str) -> str:
    return f"_dmarc.example.com TXT v=DMARC1; {tags}"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("p=none", ("none", "none", "none")),
        ("p=reject", ("reject", "reject", "reject")),
        ("p=reject; sp=none", ("reject", "none", "none")),
        ("p=none; sp=quarantine; np=reject", ("none", "quarantine", "reject")),
        ("p=none; np=reject", ("none", "none", "reject")),
        # t=y lowers a step
        ("p=reject; sp=quarantine; np=none; t=y", ("quarantine", "none", "none")),
        ("p=reject; t=n", ("reject", "reject", "reject")),
        # pct is gone
        ("p=reject; pct=0", ("reject", "reject", "reject")),
        # p, sp or np invalid: none with a report address, nothing without (section 4.10.1)
        ("p=x", (None, None, None)),
        ("p=x; rua=mailto:a@b.example", ("none", "none", "none")),
        ("p=reject; sp=x", (None, None, None)),
        ("p=reject; np=x; rua=mailto:a@b.example", ("none", "none", "none")),
        ("rua=mailto:a@b.example", ("none", "none", "none")),
        ("sp=reject", (None, None, None)),
        ("p=x; rua=nonsense", (None, None, None)),
    ],
)
def test_the_policy_at_its_own_name(tags: str, expected: tuple[str | None, ...]) -> None:
    result = view(own(tags))
    assert policies(result) == expected
    assert result.record_domain == "example.com"


def test_no_record() -> None:
    result = view("")
    assert policies(result) == (None, None, None)
    assert (result.record, result.record_domain) == (None, None)


@pytest.mark.parametrize(
    ("tags", "exists", "expected"),
    [
        ("p=reject", True, "reject"),
        ("p=reject; sp=none", True, "none"),
        ("p=reject; sp=none", False, "none"),
        ("p=none; sp=none; np=reject", True, "none"),
        ("p=none; sp=none; np=reject", False, "reject"),
    ],
)
def test_a_subdomain_without_a_record(tags: str, exists: bool, expected: str) -> None:
    result = view(own(tags), "mail.example.com", exists=exists)
    assert (result.domain, result.record_domain) == (expected, "example.com")


def test_a_record_of_its_own_comes_first_and_the_organizational_one_counts_below_it() -> None:
    zone = own("p=reject; sp=quarantine") + "\n_dmarc.mail.example.com TXT v=DMARC1; p=none"
    result = view(zone, "mail.example.com")
    assert policies(result) == ("none", "quarantine", "quarantine")
    assert (result.record_domain, result.organizational) == ("mail.example.com", "example.com")


def test_with_psd_n_the_own_record_counts_below_it_as_well() -> None:
    zone = own("p=reject") + "\n_dmarc.mail.example.com TXT v=DMARC1; p=none; psd=n"
    result = view(zone, "mail.example.com")
    assert policies(result) == ("none", "none", "none")
    assert result.organizational == "mail.example.com"


def test_the_public_suffixs_record_applies_where_there_is_no_other() -> None:
    zone = "_dmarc.bank TXT v=DMARC1; p=none; sp=quarantine; np=reject; psd=y"
    result = view(zone, "example.bank")
    assert (result.organizational, result.record_domain) == ("example.bank", "bank")
    assert policies(result) == ("quarantine", "quarantine", "reject")
    with_own = view(f"{zone}\n_dmarc.example.bank TXT v=DMARC1; p=reject", "example.bank")
    assert policies(with_own) == ("reject", "reject", "reject")


def test_several_records_are_as_none() -> None:
    assert policies(view(own("p=none") + "\n" + own("p=reject"))) == (None, None, None)


@pytest.mark.parametrize(
    ("domain", "own_tags", "org_tags", "expected"),
    [
        ("example.com", "p=reject; sp=none", "p=reject; sp=none", ("reject", "none", "none")),
        ("mail.example.com", None, "p=reject", ("reject", "reject", "reject")),
        ("mail.example.com", None, "p=reject; sp=none; np=reject", ("none", "none", "none")),
        ("mail.example.com", "p=none", "p=reject", ("none", "reject", "reject")),
        ("mail.example.com", "p=none", None, ("none", None, None)),
        ("mail.example.com", None, None, (None, None, None)),
        (
            "example.com",
            "p=x; rua=mailto:a@b.example",
            "p=x; rua=mailto:a@b.example",
            ("none",) * 3,
        ),
        ("example.com", "p=x", "p=x", (None, None, None)),
        ("example.com", "p=reject; np=x; t=y", "p=reject; np=x; t=y", ("reject",) * 3),
    ],
)
def test_the_older_reading(
    domain: str, own_tags: str | None, org_tags: str | None, expected: tuple[str | None, ...]
) -> None:
    records = [
        parse_dmarc(f"v=DMARC1; {t}") if t is not None else None for t in (own_tags, org_tags)
    ]
    result = by_suffix_list(domain, *records)
    assert policies(result) == expected
    assert result.organizational == "example.com"


def test_the_older_reading_keeps_the_percentage() -> None:
    record = parse_dmarc("v=DMARC1; p=reject; pct=20")
    assert by_suffix_list("example.com", record, record).percent == 20
