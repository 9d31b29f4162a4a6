"""The report in Markdown and HTML, of the sandbox's broken domain and of a hostile one."""

import asyncio
import html.parser
import re

import pytest

from mailgui.domain.report import SECTIONS, DomainReport, Section
from mailgui.findings import Finding, Severity, Verdict
from mailgui.jobs.check import check_domain
from mailgui.jobs.report_html import report_html
from mailgui.jobs.report_markdown import report_markdown
from mailgui.jobs.report_words import TITLES
from mailgui.jobs.services import Services
from tests.support.sandbox import running_sandbox

EVIL = "<script>alert(1)</script> [x](http://evil.example) `` *b* \u202e\x1b[2J | {{ 7*7 }}"


@pytest.fixture(scope="module")
def broken():
    async def check(server):
        services = Services()
        try:
            return await check_domain(services, "broken.example", server=server, dns_only=True)
        finally:
            await services.close()

    with running_sandbox() as sandbox:
        return asyncio.run(check(str(sandbox.dns)))


@pytest.fixture
def hostile():
    finding = Finding("spf.x", Severity.BROKEN, EVIL, EVIL, EVIL, record=EVIL)
    section = Section("spf", Verdict.BROKEN, EVIL, (EVIL,), (finding,))
    return DomainReport("evil.example", (section,), (finding,), EVIL, 1, 0.0, 0.0, ())


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()
        self.words = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words += data


def test_every_section_has_its_title_in_the_order_of_the_report():
    assert tuple(TITLES) == SECTIONS


def test_both_hold_every_verdict_record_and_finding(broken):
    page = Reader()
    page.feed(report_html(broken))
    markdown = report_markdown(broken)
    unescaped = re.sub(r"\\(.)", r"\1", markdown)
    assert "broken.example" in page.words
    for section in broken.sections:
        for record in section.records:
            assert record in page.words
            assert record in markdown
        for finding in section.findings:
            assert finding.title in page.words
            assert finding.title in unescaped
            assert not finding.record or finding.record in page.words


def test_html_takes_nothing_from_strangers_for_markup(hostile):
    text = report_html(hostile)
    page = Reader()
    page.feed(text)
    assert not page.tags & {"script", "a", "img", "b"}
    assert "<script>" not in text
    assert "\x1b" not in text
    assert "{{ 7*7 }}" in page.words


def test_the_page_needs_nothing_from_outside(broken):
    text = report_html(broken)
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=", text)


def test_markdown_takes_nothing_from_strangers_for_markup(hostile):
    text = report_markdown(hostile)
    outside = re.sub(r"(?ms)^(`{3,})$.*?^\1$", "", text)
    assert "<script>" not in outside
    assert not re.search(r"(?<!\\)\[x\]", outside)
    assert not re.search(r"(?<!\\)`", outside)
    assert "\x1b" not in text
    assert re.search(r"(?m)^`{3}$", text)
