import pytest

from mailgui.domain.mx import MxResult, check_mx
from tests.support.asking import against
from tests.support.name_server import NameServer


def mx(zone: str, servers: list[NameServer] | None = None) -> MxResult:
    return against(zone, lambda r: check_mx("example.com", r), servers=servers)


MX = "example.com MX 10 m.example.com.\n"


@pytest.mark.parametrize(
    ("zone", "verdict", "ids"),
    [
        (
            MX + "m.example.com A 192.0.2.1\n1.2.0.192.in-addr.arpa PTR m.example.com.",
            "pass",
            set(),
        ),
        (MX + "m.example.com A 192.0.2.1", "pass", {"mx.reverse"}),
        (MX + "m.example.com A 192.0.2.1\n1.2.0.192.in-addr.arpa @timeout", "pass", set()),
        ("example.com MX 0 .", "pass", set()),
        ("example.com MX 0 .\n" + MX, "broken", {"mx.null_mixed"}),
        ("example.com @timeout", "unchecked", {"mx.unchecked"}),
        ("example.com @servfail", "unchecked", {"mx.unchecked"}),
        ("example.net A 192.0.2.1", "broken", {"mx.domain_not_found"}),
        ("example.com TXT hello", "not_set_up", {"mx.missing"}),
        ("example.com A 192.0.2.1", "attention", {"mx.implicit"}),
        ("example.com TXT x\nexample.com @timeout A", "unchecked", {"mx.unchecked"}),
        (MX + "m.example.com @timeout", "unchecked", {"mx.host.unchecked"}),
        (MX, "broken", {"mx.host.not_found", "mx.none_usable"}),
        (MX + "m.example.com TXT x", "broken", {"mx.host.no_address", "mx.none_usable"}),
        (
            MX + "example.com MX 20 n.example.com.\nm.example.com A 192.0.2.1\n"
            "1.2.0.192.in-addr.arpa PTR m.example.com.",
            "broken",
            {"mx.host.not_found"},
        ),
        (
            MX + "m.example.com CNAME h.example.com.\nh.example.com A 192.0.2.1\n"
            "1.2.0.192.in-addr.arpa PTR h.example.com.",
            "attention",
            {"mx.alias"},
        ),
        ("example.com MX 10 192.0.2.1.", "broken", {"mx.address", "mx.none_usable"}),
        (MX + "m.example.com A 10.0.0.1", "broken", {"mx.host.private", "mx.reverse"}),
        (MX + "m.example.com AAAA ::1", "broken", {"mx.host.private", "mx.reverse"}),
        (
            MX + "example.com MX 20 m.example.com.\nm.example.com A 192.0.2.1\n"
            "1.2.0.192.in-addr.arpa PTR m.example.com.",
            "attention",
            {"mx.duplicate"},
        ),
    ],
)
def test_each_fault_has_its_finding(zone: str, verdict: str, ids: set[str]) -> None:
    section = mx(zone).section
    assert {finding.id for finding in section.findings} - {"mx.no_ipv6"} == ids
    assert section.verdict == verdict


def test_hosts_by_preference_with_addresses_and_reverse_names() -> None:
    result = mx(
        "example.com MX 20 b.example.com.\nexample.com MX 10 A.example.com.\n"
        "a.example.com A 192.0.2.1\na.example.com AAAA 2001:db8::1\nb.example.com A 192.0.2.2\n"
        "1.2.0.192.in-addr.arpa PTR other.example.net.\nother.example.net A 192.0.2.1"
    )
    assert result.hosts == ("a.example.com", "b.example.com")
    assert [record[:2] for record in result.section.records] == ["10", "20"]
    hosts = result.section.details["hosts"]
    assert isinstance(hosts, list)
    assert hosts[0]["ipv6"] == ["2001:db8::1"]
    assert hosts[0]["reverse"][0] == {
        "address": "192.0.2.1",
        "names": ["other.example.net"],
        "confirmed": True,
    }
    assert result.section.summary == "2 hosts, 3 addresses"


def test_a_null_mx_is_told_to_the_other_checks() -> None:
    assert mx("example.com MX 0 .").null


def test_a_hundred_hosts_do_not_mean_a_thousand_questions() -> None:
    servers: list[NameServer] = []
    zone = "".join(
        f"example.com MX {i} m{i}.example.com.\n" + "".join(
            f"m{i}.example.com A 192.0.{i}.{j}\n" for j in range(20)
        )
        for i in range(100)
    )  # fmt: skip
    mx(zone, servers)
    assert len(servers[0].asked) < 400


def test_that_no_host_has_an_ipv6_address_is_told_and_no_fault() -> None:
    section = mx(MX + "m.example.com A 192.0.2.1").section
    told = {f.id: f.severity.value for f in section.findings}
    assert told["mx.no_ipv6"] == "info"
    with_one = mx(MX + "m.example.com A 192.0.2.1\nm.example.com AAAA 2001:db8::1").section
    assert "mx.no_ipv6" not in {f.id for f in with_one.findings}
