from hypothesis import given
from hypothesis import strategies as st

from mailgui.message.authentication_results import parse_authentication_results as parse


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
