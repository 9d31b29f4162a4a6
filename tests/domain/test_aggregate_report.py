import contextlib
import gzip
import io
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain import aggregate_container, aggregate_report
from mailgui.domain.aggregate_container import ReportProblem

OLD = b"""<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <report_metadata>
    <org_name>receiver.example</org_name><email>noreply@receiver.example</email>
    <report_id>abc-1</report_id>
    <date_range><begin>1764547200</begin><end>1764633599</end></date_range>
    <error>one resolver was slow</error>
  </report_metadata>
  <policy_published>
    <domain>Good.Example</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><pct>100</pct>
  </policy_published>
  <record>
    <row><source_ip>192.0.2.1</source_ip><count>40</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf>
      </policy_evaluated></row>
    <identifiers><header_from>good.example</header_from></identifiers>
    <auth_results>
      <dkim><domain>good.example</domain><selector>s1</selector><result>pass</result></dkim>
      <spf><domain>bounce.vendor.example</domain><scope>mfrom</scope><result>pass</result></spf>
    </auth_results>
  </record>
  <record>
    <row><source_ip>::ffff:198.51.100.7</source_ip><count>2</count>
      <policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf>
        <reason><type>forwarded</type><comment>looks so</comment></reason>
      </policy_evaluated></row>
    <identifiers><header_from>good.example</header_from></identifiers>
    <auth_results/>
  </record>
  <record><row><source_ip>not an address</source_ip><count>1</count></row></record>
</feedback>"""

NEW = b"""<?xml version="1.0"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
  <version>1.0</version>
  <report_metadata><org_name>New</org_name><report_id>n1</report_id></report_metadata>
  <policy_published><domain>good.example</domain><discovery_method>treewalk</discovery_method>
    <p>quarantine</p><np>reject</np><testing>y</testing></policy_published>
  <record><row><source_ip>2001:DB8::1</source_ip><count>3</count>
    <policy_evaluated><disposition>pass</disposition><dkim>pass</dkim><spf>pass</spf>
    </policy_evaluated></row>
    <identifiers><header_from>good.example</header_from><envelope_from>good.example</envelope_from>
    </identifiers></record>
</feedback>"""


def zipped(*documents):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"{number}.xml", document)
    return buffer.getvalue()


def mailed(octets, subtype="gzip"):
    message = EmailMessage()
    message["Subject"] = "Report Domain: good.example"
    message.set_content("See the attachment.")
    message.add_attachment(octets, maintype="application", subtype=subtype, filename="r.xml.gz")
    return message.as_bytes()


def read_reports(octets):
    """Return the reports; raise what could not be read."""
    problems = []
    reports = aggregate_report.read_reports(octets, problems.append)
    if problems:
        raise problems[0]
    return reports


def test_an_rfc_7489_report():
    (report,) = read_reports(OLD)
    assert (report.reporter, report.report_id, report.domain) == (
        "receiver.example",
        "abc-1",
        "good.example",
    )
    assert report.begin.isoformat() == "2025-12-01T00:00:00+00:00"
    assert report.errors == ("one resolver was slow",)
    assert dict(report.policy)["p"] == "none"
    first, second = report.rows
    assert (first.source, first.count, first.passes) == ("192.0.2.1", 40, True)
    assert first.dkim_results[0].selector == "s1"
    assert first.spf_results[0].domain == "bounce.vendor.example"
    assert (second.source, second.passes) == ("198.51.100.7", False)
    assert second.reasons == ("forwarded (looks so)",)
    assert (report.messages, report.skipped) == (42, 1)


def test_an_rfc_9990_report_with_its_namespace():
    (report,) = read_reports(NEW)
    assert dict(report.policy)["discovery_method"] == "treewalk"
    assert report.rows[0].source == "2001:db8::1"
    assert report.begin is None


@pytest.mark.parametrize(
    "document", [OLD, b"\xef\xbb\xbf" + OLD, b"\r\n " + OLD.partition(b"?>")[2]]
)
def test_bare_with_or_without_a_byte_order_mark(document):
    assert read_reports(document)[0].messages == 42


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(OLD),
        gzip.compress(OLD[:500]) + gzip.compress(OLD[500:]),
        zipped(OLD),
        mailed(gzip.compress(OLD)),
        mailed(zipped(OLD), "zip"),
        mailed(OLD, "xml"),
    ],
    ids=["gzip", "gzip-members", "zip", "mail-gzip", "mail-zip", "mail-xml"],
)
def test_whatever_it_comes_in(packed):
    assert read_reports(packed)[0].messages == 42


def test_a_zip_file_with_several():
    assert [report.messages for report in read_reports(zipped(OLD, NEW))] == [42, 3]


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "empty"),
        (b"Hello", "no aggregate report"),
        (b"<html></html>", "begins with <html>"),
        (b"<feedback>", "line 1"),
        (OLD.replace(b"<feedback>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><feedback>"), "document type"),
        (b"<feedback>" + b"<a>" * 20 + b"</a>" * 20 + b"</feedback>", "deeper"),
        (gzip.compress(OLD)[:-40], "ends in the middle"),
        (b"\x1f\x8bnonsense", "gzip"),
        (b"PK\x03\x04nonsense", "zip"),
        (zipped(*[b"<feedback/>"] * 51), "over 50 files"),
        (b"<?xml version='1.0' encoding='klingon'?><feedback/>", "encoding"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(octets, words):
    with pytest.raises(ReportProblem) as caught:
        read_reports(octets)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("octets", "place"),
    [
        (zipped(OLD, b"<feedback>", NEW), "1.xml: "),
        (mailed(zipped(OLD, b"<feedback>", NEW), "zip"), "r.xml.gz, 1.xml: "),
    ],
)
def test_one_that_is_spoilt_is_named_and_the_others_are_read(octets, place):
    problems = []
    reports = aggregate_report.read_reports(octets, problems.append)
    assert [report.messages for report in reports] == [42, 3]
    assert [str(problem) for problem in problems] == [
        f"{place}The XML is broken in line 1: no element found."
    ]


def test_what_an_attachment_is_packed_in_is_named_too():
    with pytest.raises(ReportProblem, match=r"^r\.xml\.gz: The file looks like gzip"):
        read_reports(mailed(b"\x1f\x8bnonsense"))


@pytest.mark.parametrize("pack", [gzip.compress, zipped], ids=["gzip", "zip"])
def test_a_bomb_is_not_unpacked(pack, monkeypatch):
    monkeypatch.setattr(aggregate_container, "MOST_OCTETS", 1_000_000)
    bomb = pack(b"<feedback>" + b" " * 5_000_000 + b"</feedback>")
    assert len(bomb) < 20_000
    with pytest.raises(ReportProblem, match="larger than"):
        read_reports(bomb)


@given(st.binary(max_size=300), st.integers(0, len(OLD)))
def test_whatever_comes_only_a_report_problem_is_raised(junk, where):
    for octets in (junk, OLD[:where] + junk + OLD[where:], gzip.compress(OLD[:where] + junk)):
        with contextlib.suppress(ReportProblem):
            reports = read_reports(octets)
            assert all(row.count >= 0 for report in reports for row in report.rows)
