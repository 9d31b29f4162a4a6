import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.authentication_results import parse_authentication_results as parse
from tests.support.effort import bounded_effort


def test_methods_with_their_properties():
    read = parse(
        'mx.example.org; dkim=pass (good; signature) header.d=good.example header.s="s1"; '
        'spf=fail reason="not; allowed" smtp.mailfrom=ann@good.example; dmarc=pass'
    )
    dkim, spf, dmarc = read.results
    assert read.server == "mx.example.org"
    assert (dkim.method, dkim.result, dkim.comment) == ("dkim", "pass", "good; signature")
    assert dkim.property("header.i", "header.d") == "good.example"
    assert (spf.reason, spf.property("smtp.mailfrom")) == ("not; allowed", "ann@good.example")
    assert (dmarc.method, dmarc.result) == ("dmarc", "pass")


def test_versions_and_nothing_done():
    assert parse("example.org 1; none").results == ()
    assert parse("example.org; dkim/1 = fail").results[0].result == "fail"
    assert parse("").server == ""


@given(st.text(max_size=200))
def test_nothing_makes_it_fail(text):
    parse(text)


@pytest.mark.parametrize("rest", ["a" * 20_000, "a-" * 10_000, "a." * 10_000, "a.a_" * 5_000])
def test_words_without_end_take_no_time(rest: str) -> None:
    with bounded_effort():
        for _ in range(200):
            parse(f"x; dkim=pass {rest}")
