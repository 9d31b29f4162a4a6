import pytest

from mailgui.domain.policy_records import BIMI, MTA_STS, TLS_RPT, RecordKind, check_record
from mailgui.domain.section import Section
from tests.support.asking import against

STS, RPT, LOGO = "_mta-sts.example.com", "_smtp._tls.example.com", "default._bimi.example.com"


def check(kind: RecordKind, zone: str) -> Section:
    return against(
        f"example.com A 192.0.2.1\n{zone}", lambda r: check_record(kind, "example.com", r)
    )


@pytest.mark.parametrize(
    ("kind", "zone", "verdict", "ids"),
    [
        (MTA_STS, "", "not_set_up", []),
        (MTA_STS, f"{STS} @timeout", "unchecked", ["mta_sts.unchecked"]),
        (MTA_STS, f"{STS} TXT v=STSv1; id=20240101T000000Z;", "pass", []),
        (MTA_STS, f"{STS} TXT v=STSv1; id=a; ext=b", "pass", []),
        (MTA_STS, f"{STS} TXT v=STSv1;", "broken", ["mta_sts.id"]),
        (MTA_STS, f"{STS} TXT v=STSv1; id=a-b", "broken", ["mta_sts.id"]),
        (MTA_STS, f"{STS} TXT v=STSv1; id=" + "a" * 33, "broken", ["mta_sts.id"]),
        (MTA_STS, f"{STS} TXT v=stsv1; id=a", "broken", ["mta_sts.version"]),
        (
            MTA_STS,
            f"{STS} TXT v=STSv1; id=a\n{STS} TXT v=STSv1; id=b",
            "broken",
            ["mta_sts.multiple"],
        ),
        (MTA_STS, f"{STS} TXT hello", "not_set_up", []),
        (TLS_RPT, f"{RPT} TXT v=TLSRPTv1; rua=mailto:a@example.com", "pass", []),
        (TLS_RPT, f"{RPT} TXT v=TLSRPTv1;rua=https://a.example/,mailto:a@b.example", "pass", []),
        (TLS_RPT, f"{RPT} TXT v=TLSRPTv1;", "broken", ["tls_rpt.rua"]),
        (TLS_RPT, f"{RPT} TXT v=TLSRPTv1; rua=a@example.com", "broken", ["tls_rpt.rua"]),
        (
            BIMI,
            f"{LOGO} TXT v=BIMI1; l=https://a.example/l.svg; a=https://a.example/c.pem",
            "pass",
            [],
        ),
        (
            BIMI,
            f"{LOGO} TXT v=BIMI1; l=https://a.example/l.svg; a=;",
            "pass",
            ["bimi.no_authority"],
        ),
        (BIMI, f"{LOGO} TXT v=BIMI1; l=; a=;", "pass", []),
        (
            BIMI,
            f"{LOGO} TXT v=BIMI1; l=http://a.example/l.svg; a=https://a.example/c.pem",
            "broken",
            ["bimi.logo"],
        ),
        (
            BIMI,
            f"{LOGO} TXT v=BIMI1; l=https://a.example/l.svg; a=http://a.example/c.pem",
            "broken",
            ["bimi.authority"],
        ),
    ],
)
def test_each_fault_has_its_finding(
    kind: RecordKind, zone: str, verdict: str, ids: list[str]
) -> None:
    section = check(kind, zone)
    assert [finding.id for finding in section.findings] == ids
    assert (section.name, section.verdict) == (kind.section, verdict)


def test_a_broken_record_is_shown_and_one_proposed() -> None:
    section = check(TLS_RPT, f"{RPT} TXT v=tlsrptv1; rua=x")
    assert section.records == ("v=tlsrptv1; rua=x",)
    assert section.findings[0].record == (
        '_smtp._tls.example.com. IN TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.com"'
    )
