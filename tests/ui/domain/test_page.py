import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mailgui.findings import Verdict
from mailgui.ui.domain.page import EXPECTED, DomainPage
from mailgui.ui.domain.words import SPF_MEANINGS

PATIENCE = 30_000


@pytest.fixture
def page(bridge, services, show):
    return show(DomainPage(bridge, services, {"ask": "sandbox"}), 1180, 760)


@pytest.fixture
def check(page, qtbot):
    def checked(domain):
        page.check(domain)
        qtbot.waitUntil(lambda: page.report is not None, timeout=PATIENCE)
        return page.report

    return checked


def test_before_the_first_check_the_page_says_what_will_be_here(page):
    assert page.findChild(object, "domain-empty").isVisible()
    assert not page.bar.export.isEnabled()


def test_enter_checks_a_good_domain(page, qtbot):
    page.bar.domain.setText("good.example")
    QTest.keyClick(page.bar.domain, Qt.Key.Key_Return)
    assert page.bar.button.text() == "Cancel"
    assert page.checks.keys == EXPECTED
    qtbot.waitUntil(lambda: page.report is not None, timeout=PATIENCE)
    for key in ("mx", "spf", "dkim", "dmarc"):
        assert page.checks.verdict(key) is Verdict.PASS, key
    assert "good.example" in page.sentence.text()
    assert "questions" in page.facts.text()
    assert page.bar.button.text() == "Check"
    assert page.checks.keys == EXPECTED


def test_a_broken_domain_gets_its_verdicts_and_records_to_publish(page, check):
    check("broken.example")
    for key in ("spf", "dkim", "dmarc"):
        assert page.checks.verdict(key) is Verdict.BROKEN, key
    page.checks.set_key("dmarc")
    assert page.detail.badge.verdict is Verdict.BROKEN
    assert any("_dmarc.broken.example" in str(c.finding.record) for c in page.detail.findings.cards)
    assert ("pct", "50") in [row[:2] for row in page.detail.dmarc.tags.rows]
    assert page.detail.dmarc.policies.rows[0] == ("Mail from the domain", "none", "none")


def test_the_record_says_where_it_is_from(page, check):
    check("good.example")
    page.checks.set_key("spf")
    assert [box.text for box in page.detail.boxes] == ["v=spf1 mx include:_spf.good.example -all"]
    (line,) = page.detail.sources
    assert line.startswith("TXT at good.example · TTL 300 s · answered by 127.0.0.1:")


def test_keys_and_hosts_are_tables(page, check):
    check("good.example")
    page.checks.set_key("dkim")
    keys = {row[0]: row[1:3] for row in page.detail.dkim.rows}
    assert keys["default"] == ("rsa", "2048")
    assert keys["ed25519"][0] == "ed25519"
    assert all(box.text.startswith("v=DKIM1") for box in page.detail.boxes)
    page.checks.set_key("mx")
    assert [row[0] for row in page.detail.hosts.rows] == ["mx1.good.example", "mx2.good.example"]
    assert page.detail.dkim.rows == ()


def test_spf_for_a_sender_and_back_to_the_policy(page, check, qtbot):
    check("good.example")
    page.checks.set_key("spf")
    panel = page.detail.spf
    assert "2 of 10" in panel.gauge.accessibleName()
    for ip, result in (("192.0.2.25", "pass"), ("203.0.113.7", "fail")):
        panel.ip.setText(ip)
        QTest.keyClick(panel.ip, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda result=result: panel.result.text == result, timeout=PATIENCE)
        assert panel.words.text() == SPF_MEANINGS[result]
    panel.ip.clear()
    QTest.keyClick(panel.ip, Qt.Key.Key_Return)
    assert panel.result.isHidden()


def test_an_address_that_is_none_is_said_at_the_field(page, check, qtbot):
    check("good.example")
    page.checks.set_key("spf")
    page.detail.spf.ip.setText("nonsense")
    QTest.keyClick(page.detail.spf.ip, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not an IP address" in page.detail.spf.words.text(), timeout=PATIENCE)
    assert page.detail.spf.ip.property("problem") == "true"


def test_ask_again_asks_the_server_and_comes_back_to_the_section(page, check, qtbot):
    first = check("good.example")
    page.checks.set_key("dmarc")
    page.detail.again.click()
    assert page.checks.key == "dmarc"
    qtbot.waitUntil(lambda: page.report is not first and not page.busy, timeout=PATIENCE)
    assert page.checks.key == "dmarc"
    (answer,) = [a for a in page.report.answers if a.name == "_dmarc.good.example"]
    assert not answer.cached
    assert answer not in first.answers


@pytest.mark.parametrize("domain", ["a..b", "x" * 64 + ".example", "-"])
def test_a_malformed_name_is_one_sentence_and_the_field_is_marked(page, qtbot, domain):
    page.check(domain)
    qtbot.waitUntil(lambda: bool(page.notice.sentence), timeout=PATIENCE)
    assert page.notice.sentence.endswith(".")
    assert page.bar.domain.property("problem") == "true"
    assert page.bar.button.text() == "Check"
    page.bar.domain.clear()
    QTest.keyClicks(page.bar.domain, "g")
    assert page.bar.domain.property("problem") == "false"


def test_without_a_name_nothing_is_asked(page):
    page.check("  ")
    assert "Enter the domain" in page.notice.sentence
    assert page.bar.button.text() == "Check"


def test_a_server_that_is_none_is_said_before_anything_is_asked(page):
    page.bar.ask.choice.set_key("other")
    page.bar.ask.field.setText("ftp://x")
    page.check("good.example")
    assert "unknown scheme" in page.notice.sentence
    assert page.bar.ask.field.property("problem") == "true"


def test_a_name_server_that_is_not_there_is_no_missing_record(page, check):
    page.bar.ask.restore(["127.0.0.1:1"], "127.0.0.1:1")
    check("good.example")
    for key in ("spf", "dkim", "dmarc"):
        assert page.checks.verdict(key) is Verdict.UNCHECKED, key


def test_a_resolver_that_refuses_is_no_missing_record(page, check):
    # The sandbox refuses every name outside its zones.
    check("elsewhere.test")
    for key in ("spf", "dkim", "dmarc"):
        assert page.checks.verdict(key) is Verdict.UNCHECKED, key


def test_a_check_can_be_cancelled(sync_bridge, services, show):
    sync_bridge.hold = True
    page = show(DomainPage(sync_bridge, services, {}))
    page.check("good.example")
    page.bar.button.click()
    assert "cancelled" in page.notice.sentence
    assert page.bar.button.text() == "Check"


def test_the_report_goes_to_the_clipboard_and_to_a_file(
    page, check, qtbot, clipboard, tmp_path, monkeypatch
):
    check("good.example")
    page.copy_text()
    assert "v=spf1 mx include:_spf.good.example -all" in clipboard()
    path = tmp_path / "report.json"
    monkeypatch.setattr(
        "mailgui.ui.domain.report_files.save_file", lambda *_: (path, "JSON (*.json)")
    )
    page.bar.save_asked.emit()
    qtbot.waitUntil(lambda: "Saved" in page.notice.sentence, timeout=PATIENCE)
    assert json.loads(path.read_text("utf-8"))["spf"]["verdict"] == "pass"


def test_state_is_kept_and_restored(page, bridge, services, show):
    page.bar.domain.setText("good.example")
    page.bar.selectors.setText("a, b;a")
    assert page.bar.selector_names == ("a", "b")
    page.bar.ask.choice.set_key("other")
    page.bar.ask.field.setText("192.0.2.53")
    assert page.bar.ask.check() == ""
    state = json.loads(json.dumps(page.save_state()))
    again = show(DomainPage(bridge, services, state))
    assert again.save_state() == state
    assert again.bar.ask.key == "192.0.2.53"


def test_damaged_state_is_no_harm(bridge, services, show):
    page = show(
        DomainPage(bridge, services, {"servers": 3, "ask": [], "domain": None, "section": 1})
    )
    assert page.bar.ask.servers == ()
    assert page.bar.ask.key == ""


def test_ask_again_checks_the_section_in_front_alone(page, check, qtbot):
    first = check("good.example")
    page.show_section("spf")
    page.detail.again.click()
    assert page.checks.verdict("spf") is None
    assert page.checks.verdict("dmarc") is Verdict.PASS
    qtbot.waitUntil(lambda: page.report is not first and not page.busy, timeout=PATIENCE)
    assert page.checks.verdict("spf") is Verdict.PASS
    assert [s.name for s in page.report.sections] == [s.name for s in first.sections]
    assert page.report.section("dmarc") is first.section("dmarc")


def test_alignment_is_explained_for_ones_own_domains(page, check, qtbot):
    check("good.example")
    page.show_section("dmarc")
    form = page.detail.alignment
    form.envelope.setText("bounces.good.example")
    form.dkim.setText("d=vendor.example")
    QTest.keyClick(form.dkim, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.result is not None, timeout=PATIENCE)
    assert form.summary.text().startswith("DMARC passes if SPF passes")
    assert "vendor.example" in form.told.text()
    form.dkim.setText("not a domain")
    form.button.click()
    qtbot.waitUntil(lambda: "not" in form.summary.text() and not form.told.text(), timeout=PATIENCE)
