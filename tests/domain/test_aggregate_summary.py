from dataclasses import replace

from mailgui.domain.aggregate_report import AggregateReport, AuthResult, Row
from mailgui.domain.aggregate_summary import advice, summarise

GOOD = Row("192.0.2.1", 100, "none", True, True, "a.example")
BY_SPF = Row("192.0.2.1", 5, "none", False, True, "a.example")
UNALIGNED = Row(
    "198.51.100.1", 40, "quarantine", False, False, "a.example",
    spf_results=(AuthResult("bounce.vendor.example", "pass"),),
)  # fmt: skip
FORGED = Row(
    "203.0.113.9", 7, "none", False, False, "a.example", spf_results=(AuthResult("x", "fail"),)
)
FORWARDED = replace(UNALIGNED, reasons=("forwarded",))


def report(*rows, report_id="1", domain="a.example", reporter="r"):
    return AggregateReport(reporter, report_id, domain, None, None, (), rows)


def ids(*rows):
    (summary,) = summarise([report(*rows)])
    return [finding.id for finding in advice(summary)]


def test_rows_of_one_address_are_added_up_over_all_reports():
    (summary,) = summarise([report(GOOD), report(BY_SPF, UNALIGNED, report_id="2", reporter="s")])
    first, second = summary.sources
    assert (first.address, first.messages, first.both, first.by_spf, first.fails) == (
        "192.0.2.1", 105, 100, 5, 0,
    )  # fmt: skip
    assert (second.fails, second.treated, second.domains) == (40, 40, ("bounce.vendor.example",))
    assert (summary.messages, summary.passes, summary.fails) == (145, 105, 40)
    assert summary.reporters == ("r", "s")


def test_a_report_opened_twice_counts_once():
    (summary,) = summarise([report(GOOD), report(GOOD)])
    assert (summary.reports, summary.messages) == (1, 100)


def test_each_domain_has_its_own():
    domains = [s.domain for s in summarise([report(GOOD, domain="b"), report(GOOD, domain="a")])]
    assert domains == ["a", "b"]


def test_all_pass_then_reject_is_safe():
    assert ids(GOOD, BY_SPF) == ["dmarc.reports.ready"]


def test_a_service_that_is_not_aligned_would_lose_mail():
    assert ids(GOOD, UNALIGNED) == ["dmarc.reports.losses", "dmarc.reports.source_fails"]


def test_forgery_and_forwarding_are_no_loss_of_ones_own():
    assert ids(GOOD, FORGED, FORWARDED) == ["dmarc.reports.forged"]


def test_no_mail_at_all():
    assert ids() == ["dmarc.reports.empty"]
