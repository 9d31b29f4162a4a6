import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.dmarc_builder import DmarcWish, build_dmarc
from mailgui.domain.dmarc_record import Policy, is_dmarc, parse_dmarc

REPORTS = ("dmarc@a.example",)


def ids(built):
    return [finding.id for finding in built.findings]


def test_a_full_wish():
    built = build_dmarc(
        "A.example",
        DmarcWish(
            Policy.REJECT,
            subdomains=Policy.QUARANTINE,
            nonexistent=Policy.REJECT,
            testing=True,
            summaries=REPORTS,
            failures=("f@a.example",),
            strict_dkim=True,
            strict_spf=True,
            each_failure=True,
        ),
    )
    assert built.name == "_dmarc.a.example"
    assert built.text == (
        "v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=s; t=y; "
        "rua=mailto:dmarc@a.example; ruf=mailto:f@a.example; fo=1"
    )
    assert built.zone_line == f'_dmarc.a.example. IN TXT "{built.text}"'
    assert ids(built) == []


def test_what_is_so_anyway_is_left_out():
    wish = DmarcWish(Policy.NONE, Policy.NONE, Policy.NONE, summaries=REPORTS, each_failure=True)
    assert build_dmarc("a.example", wish).text == "v=DMARC1; p=none; rua=mailto:dmarc@a.example"


def test_another_organization_must_agree_to_take_reports():
    built = build_dmarc("a.example", DmarcWish(summaries=("x@reports.example", "y@sub.a.example")))
    assert ids(built) == ["dmarc.build.external"]
    assert built.findings[0].record == (
        'a.example._report._dmarc.reports.example. IN TXT "v=DMARC1"'
    )


def test_no_reports_and_a_strict_start_are_remarked_on():
    built = build_dmarc("a.example", DmarcWish(Policy.REJECT))
    assert ids(built) == ["dmarc.build.no_reports", "dmarc.build.strict_start"]


@pytest.mark.parametrize("mailbox", ["nobody", "@a.example", "a b@a.example", "a@"])
def test_what_is_no_mailbox(mailbox):
    with pytest.raises(ValueError, match=r".*\."):
        build_dmarc("a.example", DmarcWish(summaries=(mailbox,)))


@given(
    st.builds(
        DmarcWish,
        st.sampled_from(Policy),
        st.none() | st.sampled_from(Policy),
        st.none() | st.sampled_from(Policy),
        st.booleans(),
        st.lists(
            st.sampled_from(["a,b@a.example", "q!z@b.example", "c@a.example"]), max_size=5
        ).map(tuple),
    )
)
def test_whatever_is_wished_can_be_read_again(wish):
    text = build_dmarc("a.example", wish).text
    assert is_dmarc(text)
    record = parse_dmarc(text)
    assert (record.invalid, record.unknown, record.tags.faults) == ((), (), ())
    assert record.p is wish.policy
    assert (record.sp or record.p) is (wish.subdomains or wish.policy)
    below = wish.nonexistent or wish.subdomains or wish.policy
    assert (record.np or record.sp or record.p) is below
    assert record.testing is wish.testing
    assert len(record.rua) == len(wish.summaries)
