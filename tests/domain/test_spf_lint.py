import pytest

from mailgui.domain.spf_lint import lint_record, lint_tree
from mailgui.domain.spf_record import parse_record
from mailgui.domain.spf_repair import repaired
from mailgui.domain.spf_request import make_request
from mailgui.domain.spf_tree import walk
from mailgui.findings import Finding, Severity
from tests.support.asking import against


def lint(record: str) -> dict[str, Finding]:
    return {f.id: f for f in lint_record(parse_record(record.encode()), "example.com")}


@pytest.mark.parametrize(
    ("record", "ids"),
    [
        ("v=spf1 ip4:192.88.99.1 -all", set()),
        ("v=spf1 include:a.example ~all", set()),
        ("v=spf1 redirect=a.example", set()),
        ("v=spf1 a mx", {"spf.no_all"}),
        ("v=spf1 +all", {"spf.all.pass"}),
        ("v=spf1 all", {"spf.all.pass"}),
        ("v=spf1 ?all", {"spf.all.neutral"}),
        ("v=spf1 -all mx", {"spf.unreachable"}),
        ("v=spf1 -all redirect=a.example", {"spf.redirect.ignored"}),
        ("v=spf1 ptr -all", {"spf.ptr"}),
        ("v=spf1 a a:x.example A -all", {"spf.duplicate"}),
        ("v=spf1 ip4:8.0.0.0/8 -all", {"spf.network.broad"}),
        ("v=spf1 ip6:2600::/12 -all", {"spf.network.broad"}),
        ("v=spf1 -ip4:8.0.0.0/8 ~all", set()),
        ("v=spf1 ip4:10.1.2.3 -all", {"spf.network.private"}),
        ("v=spf1 moo -all", {"spf.syntax"}),
        ("v=spf1 ip4:1.2.3.4 -all moo", {"spf.syntax"}),
        ("v=spf1 a:111.222.33.44 -all", {"spf.syntax"}),
        ("v=spf1 exists:x/24 -all", {"spf.syntax"}),
        ("v=spf1 redirect=a.example redirect=b.example", {"spf.syntax"}),
        ("v=spf1 redirect=", {"spf.syntax"}),
        ("v=SpF1 MX -ALL", set()),
        ("v=spf1 " + " ".join(f"ip4:8.8.{i}.0/24" for i in range(40)) + " -all", {"spf.long"}),
    ],
)
def test_each_fault_has_its_finding_and_nothing_else(record: str, ids: set[str]) -> None:
    findings = lint(record)
    assert set(findings) == ids
    for finding in findings.values():
        assert finding.explanation.endswith(".")
        assert not finding.title.endswith(".")


def test_a_syntax_fault_tells_its_place_and_offers_a_mended_record() -> None:
    finding = lint("v=spf1 a:111.222.33.44 -all")["spf.syntax"]
    assert finding.severity is Severity.BROKEN
    assert finding.evidence == ("character 10: a:111.222.33.44",)
    assert finding.record == 'example.com. IN TXT "v=spf1 ip4:111.222.33.44 -all"'


@pytest.mark.parametrize(
    ("record", "mended"),
    [
        ("v=spf1 a mx", "v=spf1 a mx ~all"),
        ("v=spf1 +all", "v=spf1 ~all"),
        ("v=spf1 ?all", "v=spf1 ~all"),
        ("v=spf1 a A ptr -all mx", "v=spf1 a -all"),
        ("v=spf1 moo ~a:1.2.3.4 mx:1.2.3.400 -all", "v=spf1 ~ip4:1.2.3.4 -all"),
        ("v=spf1 a redirect=b.example", "v=spf1 a redirect=b.example"),
        ("v=spf1 -all redirect=b.example", "v=spf1 -all"),
        ("v=spf1 exp=e.example a -all", "v=spf1 a -all exp=e.example"),
    ],
)
def test_a_mended_record_is_clean(record: str, mended: str) -> None:
    assert repaired(parse_record(record.encode())) == mended
    broken = {f.severity for f in lint(mended).values()}
    assert Severity.BROKEN not in broken


def tree_findings(zone: str) -> dict[str, Finding]:
    async def work(resolver: object) -> tuple[Finding, ...]:
        tree = await walk(make_request("example.com"), resolver)  # type: ignore[arg-type]
        return lint_tree(tree, "example.com")

    return {finding.id: finding for finding in against(zone, work)}


@pytest.mark.parametrize(
    ("zone", "ids"),
    [
        ("example.com TXT v=spf1 ip4:192.0.2.1 -all", set()),
        ("example.com TXT v=spf1 include:a.example.com -all", {"spf.include.none"}),
        ("example.com TXT v=spf1 include:a..example.com -all", {"spf.include.none"}),
        (
            "example.com TXT v=spf1 include:a.example.com -all\na.example.com TXT hello",
            {"spf.include.none"},
        ),
        (
            "example.com TXT v=spf1 include:a.example.com -all\na.example.com TXT v=spf1 moo",
            {"spf.include.syntax"},
        ),
        (
            "example.com TXT v=spf1 include:a.example.com -all\na.example.com @servfail",
            {"spf.unresolved"},
        ),
        ("example.com TXT v=spf1 redirect=example.com", {"spf.loop"}),
        ("example.com TXT v=spf1 a:x.example.com -all", {"spf.void"}),
        (
            "example.com TXT v=spf1 a:x.example.com a:y.example.com a:z.example.com -all",
            {"spf.void.too_many"},
        ),
    ],
)
def test_what_a_record_leads_to(zone: str, ids: set[str]) -> None:
    assert set(tree_findings(zone)) == ids


@pytest.mark.parametrize(
    ("count", "ids"), [(8, set()), (9, {"near"}), (10, {"near"}), (11, {"too_many"})]
)
def test_the_look_up_budget(count: int, ids: set[str]) -> None:
    terms = " ".join(["a"] * count)
    found = tree_findings(f"example.com TXT v=spf1 {terms} -all\nexample.com A 192.0.2.1")
    assert {i.removeprefix("spf.lookups.") for i in found} == ids


def test_void_terms_are_named() -> None:
    finding = tree_findings(
        "example.com TXT v=spf1 include:b.example.com -all\n"
        "b.example.com TXT v=spf1 a:gone.example.com -all"
    )["spf.void"]
    assert finding.evidence == ("a:gone.example.com in b.example.com",)


def test_too_many_mx_hosts() -> None:
    hosts = "\n".join(f"example.com MX 10 m{i}.example.com." for i in range(12))
    assert set(tree_findings(f"example.com TXT v=spf1 mx -all\n{hosts}")) == {"spf.mx.too_many"}
