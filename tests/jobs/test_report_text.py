from mailgui.domain.report import DomainReport
from mailgui.domain.section import Section
from mailgui.findings import Verdict
from mailgui.jobs.report_text import report_text


def test_a_line_a_section_and_nothing_twice() -> None:
    sections = (
        Section("mx", Verdict.PASS, "1 host", ("10 mx.good.example.",)),
        Section("dane", Verdict.NOT_SET_UP, "not set up"),
        Section("dnssec", Verdict.NOT_SET_UP, "not signed"),
    )
    report = DomainReport("good.example", sections, (), "Fine.", 3, 0.1, 0.2, ())
    lines = report_text(report).splitlines()
    assert lines[0] == "good.example: Fine."
    assert lines[2:6] == [
        "MX         pass       1 host",
        "                      10 mx.good.example.",
        "DANE       not set up",
        "DNSSEC     not set up not signed",
    ]
