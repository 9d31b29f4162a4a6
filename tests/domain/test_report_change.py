import copy

import pytest

from mailgui.domain.report_change import NotAReport, changes
from mailgui.findings import Verdict


def document(**sections):
    return {"domain": "a.example", "queries": 3, "findings": [], **sections}


def section(verdict, *records, **findings):
    listed = [{"id": key, "title": title} for key, title in findings.items()]
    return {"verdict": verdict, "records": list(records), "findings": listed}


OLD = document(
    spf=section("broken", "v=spf1 +all", all="Anybody may send"),
    dkim=section("pass", "s1: p=AA"),
    mx=section("pass", "10 a."),
)


def test_nothing_changed():
    assert changes(OLD, copy.deepcopy(OLD)) == ()


def test_better_worse_new_and_gone():
    new = document(
        spf=section("pass", "v=spf1 -all"),
        dkim=section("attention", "s1: p=AA", weak="The key is short"),
        dane=section("not_set_up"),
    )
    spf, dkim, dane, mx = changes(OLD, new)
    assert (spf.direction, spf.added, spf.gone) == (1, ("v=spf1 -all",), ("v=spf1 +all",))
    assert spf.settled == ("Anybody may send",)
    assert (dkim.direction, dkim.appeared) == (-1, ("The key is short",))
    assert (dane.before, dane.now, dane.direction) == (None, Verdict.NOT_SET_UP, 0)
    assert (mx.now, mx.gone) == (None, ("10 a.",))


@pytest.mark.parametrize(
    ("other", "words"),
    [({}, "no report"), ([], "no report"), ({"domain": "b.example"}, "on b.example, not")],
)
def test_what_is_no_report_on_the_domain(other, words):
    with pytest.raises(NotAReport, match=words):
        changes(other, OLD)


def test_odd_contents_are_borne():
    odd = document(spf={"verdict": "pass", "records": 3, "findings": [7, {"id": None}]}, dkim="x")
    assert changes(odd, odd) == ()
