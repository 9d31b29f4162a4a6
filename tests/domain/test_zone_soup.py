"""No zone content makes a check crash, hang, go beyond its limits or ask without end."""

import json

import dns.rdata
import dns.rdataclass
import dns.rdatatype
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgui.domain.report import SECTIONS, DomainReport, to_json_dict
from mailgui.findings import Verdict
from tests.support.broken_domains import checked_zone, good
from tests.support.name_server import NameServer, Zone

MOST = 900  # questions for one check, whatever stands in the zone
NAMES = [
    "good.example", "*.good.example", "mx1.good.example", "out.good.example", "_dmarc.good.example",
    "_dmarc.example", "default._domainkey.good.example", "_domainkey.good.example",
    "*._domainkey.good.example", "_mta-sts.good.example", "mta-sts.good.example",
    "_smtp._tls.good.example", "default._bimi.good.example", "_25._tcp.mx1.good.example",
    "_spf.vendor.example", "a.vendor.example", "b.vendor.example", "1.2.0.192.in-addr.arpa",
    "1.2.0.192.zen.spamhaus.org", "2.0.0.127.zen.spamhaus.org", "*.bl.spamcop.net",
    "good.example._report._dmarc.reports.example", "example", "*",
]  # fmt: skip
TYPES = ["A", "AAAA", "MX", "TXT", "PTR", "TLSA", "CAA", "SOA", "DS", "DNSKEY", "SPF", "NS"]
PIECES = [
    "v=spf1", "v=SPF1 ", "include:_spf.vendor.example", "include:a.vendor.example", "a mx ptr",
    "redirect=b.vendor.example", "exists:%{i}.%{d}", "include:x.%{d}", "exp=a.vendor.example",
    "mx:good.example", "-all", "?all", "moo", "v=DMARC1;", "p=reject;", "p=x;", "sp=none;",
    "psd=y;", "rua=mailto:a@b.example!1k,mailto:x@y.example;", "t=y;", "pct=;", "v=DKIM1;",
    "k=ed25519;", "p=", "p=AAAA", "h=sha1;", "s=x;", "v=STSv1;", "id=1;", "v=TLSRPTv1;",
    "v=BIMI1;", "l=https://x/a.svg;", "a=;", ";;", "=", "\x00", "\x1b[31m", "\u202e", "é", "<b>",
    "%{", '"', "\\",
]  # fmt: skip

names = st.sampled_from(NAMES)
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(max_size=60, alphabet=st.characters(codec="utf-8")),
)
raw = st.tuples(names, st.sampled_from(TYPES), st.binary(max_size=60))
targets = st.sampled_from([".", "good.example.", "mx1.good.example.", "192.0.2.9.", "x.y.example."])


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    lines = good() if draw(st.booleans()) else ["good.example A 192.0.2.1"]
    faults = st.sampled_from(
        ["servfail", "garbage", "truncate_always", "refused", "nxdomain", "timeout", "no_edns"]
    )
    for name, fault in draw(st.lists(st.tuples(names, faults), max_size=2)):
        lines.append(f"{name} @{fault}")
    zone = Zone("\n".join(lines))
    for name, text in draw(st.lists(st.tuples(names, texts), max_size=10)):
        octets = text.encode()[:2000]
        zone.add_txt(name, *(octets[at : at + 255] for at in range(0, len(octets), 255)))
    for name, rdtype, octets in draw(st.lists(raw, max_size=8)):
        number = dns.rdatatype.from_text(rdtype)
        zone.add_rdata(name, number, dns.rdata.GenericRdata(dns.rdataclass.IN, number, octets))
    for name, target in draw(st.lists(st.tuples(names, targets), max_size=3)):
        zone.add(name, "CNAME", target)
    for host in range(draw(st.sampled_from([0, 0, 1, 30, 100]))):
        zone.add("good.example", "MX", f"{host} m{host}.good.example.")
        for number in range(draw(st.sampled_from([0, 1, 20])) if host < 3 else 1):
            zone.add(f"m{host}.good.example", "A", f"192.0.{host}.{number}")
    return zone


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(zone=zones())
def test_a_soup_of_records(zone: Zone) -> None:
    servers: list[NameServer] = []
    report = checked_zone(zone, servers=servers)
    assert len(servers[0].asked) <= MOST
    _is_sound(report)


def _is_sound(report: DomainReport) -> None:
    document = json.dumps(to_json_dict(report, evidence=False))
    assert [section.name for section in report.sections] == list(SECTIONS)
    assert report.sentence.endswith(".")
    assert len(document) < 2_000_000
    for section in report.sections:
        assert "\n" not in section.summary
        if section.verdict is Verdict.BROKEN:
            assert any(finding.severity == "broken" for finding in section.findings), section.name
    for finding in report.findings:
        shown = (finding.title, finding.explanation, finding.fix, *finding.evidence)
        for text in (*shown, finding.record or ""):
            assert not set(text) & _UNSEEN, (finding.id, text)
        assert finding.explanation.rstrip().endswith(".")


_UNSEEN = {
    *map(chr, range(32)),
    "\x7f",
    "\u202e",
}  # nothing that a terminal or a label would act on
