"""The sentence for a manager says that all is well only where nothing is broken."""

import pytest

from mailgui.domain.report import SECTIONS
from mailgui.domain.section import Section
from mailgui.domain.sentence import summarise
from mailgui.findings import Finding, Severity, Verdict

WELL = "Receivers can verify mail from example.com, and mail that fakes it is refused"
DMARC = {"rfc9989": {"policy": {"domain": "reject"}}}


def section(
    name: str, verdict: Verdict = Verdict.PASS, title: str = "It is wrong", slug: str = "bogus"
) -> Section:
    broken = verdict is Verdict.BROKEN
    slug = "mx" if name == "mta_sts" and slug == "bogus" else slug
    findings = (Finding(f"{name}.{slug}", Severity.BROKEN, title, "", ""),) if broken else ()
    details = DMARC if name == "dmarc" else {}
    return Section(name, verdict, "summary", (), findings, details)


def sentence(*odd: Section) -> str:
    changed = {each.name: each for each in odd}
    return summarise("example.com", [changed.get(name) or section(name) for name in SECTIONS])


def test_all_is_well() -> None:
    assert sentence() == f"{WELL}."


@pytest.mark.parametrize("name", ["mx", "mta_sts", "dane"])
def test_what_keeps_mail_from_arriving_is_told(name: str) -> None:
    assert sentence(section(name, Verdict.BROKEN)) == (
        f"{WELL}; mail to example.com risks not arriving: it is wrong."
    )


@pytest.mark.parametrize(
    ("name", "slug", "words"),
    [
        ("mta_sts", "id", "MTA-STS is broken, too"),
        ("mta_sts", "policy.status", "MTA-STS is broken, too"),
        ("dane", "unusable", "DANE is broken, too"),
    ],
)
def test_what_senders_pass_over_keeps_no_mail_from_arriving(name, slug, words) -> None:
    assert sentence(section(name, Verdict.BROKEN, slug=slug)) == f"{WELL}; {words}."


def test_without_an_answer_on_spf_nothing_is_half_secured() -> None:
    told = sentence(section("spf", Verdict.UNCHECKED), section("dkim", Verdict.NOT_SET_UP))
    assert told.startswith("Mail from example.com is not secured by DKIM")
    assert told.endswith("SPF could not be looked up.")


@pytest.mark.parametrize("name", ["spf", "dkim", "dnssec", "blocklists"])
def test_what_has_mail_refused_is_told(name: str) -> None:
    assert sentence(section(name, Verdict.BROKEN)) == (
        "Mail from example.com risks being refused: it is wrong, and mail that fakes it is refused."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tls_rpt", "TLS reports are broken, too"),
        ("bimi", "BIMI is broken, too"),
        ("caa", "CAA is broken, too"),
    ],
)
def test_what_is_broken_beside_is_named(name: str, words: str) -> None:
    assert sentence(section(name, Verdict.BROKEN)) == f"{WELL}; {words}."


def test_several_are_all_named() -> None:
    broken = [section(name, Verdict.BROKEN) for name in ("mx", "mta_sts", "dane", "spf", "bimi")]
    assert sentence(*broken) == (
        "Mail from example.com risks being refused: it is wrong, and mail that fakes it is "
        "refused; mail to example.com risks not arriving: it is wrong; MTA-STS, DANE and BIMI are "
        "broken, too."
    )


@pytest.mark.parametrize("name", SECTIONS)
def test_nothing_that_is_broken_is_passed_over(name: str) -> None:
    assert sentence(section(name, Verdict.BROKEN)) != f"{WELL}."


def test_a_logo_that_only_dmarc_holds_back_is_no_second_fault() -> None:
    finding = Finding("bimi.policy", Severity.BROKEN, "Receivers show no logo", "", "")
    bimi = Section("bimi", Verdict.BROKEN, "", (), (finding,))
    view = {"rfc9989": {"policy": {"domain": "none"}}}
    dmarc = Section("dmarc", Verdict.ATTENTION, "", (), (), view)
    assert sentence(bimi, dmarc).endswith("anyone can fake it: DMARC asks receivers to do nothing.")


def test_an_abbreviation_keeps_its_letters() -> None:
    title = "DNSSEC fails for mx.example.com"
    assert f": {title}." in sentence(section("dane", Verdict.BROKEN, title))
