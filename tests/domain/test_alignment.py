import pytest

from mailgui.domain.alignment import explain_alignment
from tests.support.asking import against

RELAXED = 'a.example TXT x\n_dmarc.a.example TXT "v=DMARC1; p=reject"\n'
STRICT = 'a.example TXT x\n_dmarc.a.example TXT "v=DMARC1; p=reject; adkim=s; aspf=s"\n'


def explained(zone, author="news@a.example", **named):
    return against(zone, lambda asker: explain_alignment(author, asker=asker, **named))


def test_the_same_domain_is_aligned_either_way():
    for zone in (RELAXED, STRICT):
        result = explained(zone, envelope="b@a.example", dkim="a.example")
        assert result.passes
        assert "strict or relaxed" in result.alignments[0].sentence
        assert result.sentence == "DMARC passes by either, if SPF and DKIM pass."


def test_a_subdomain_is_aligned_only_when_relaxed():
    relaxed = explained(RELAXED, envelope="bounce.a.example")
    assert relaxed.passes
    assert relaxed.organizational == "a.example"
    assert "both belong to a.example: aligned (relaxed)" in relaxed.alignments[0].sentence
    strict = explained(STRICT, envelope="bounce.a.example")
    assert not strict.passes
    assert "only a.example itself would do" in strict.alignments[0].sentence


def test_another_organization_is_not():
    result = explained(RELAXED, envelope="bounce.vendor.example", dkim="vendor.example")
    assert not result.passes
    assert all("not aligned" in each.sentence for each in result.alignments)
    assert result.sentence.startswith("DMARC fails whatever")


def test_one_of_two_suffices_and_is_named():
    result = explained(RELAXED, envelope="bounce.vendor.example", dkim="mail.a.example")
    assert result.passes
    assert result.sentence.startswith("DMARC passes if DKIM passes")


def test_without_a_name_it_says_what_is_missing():
    assert "Name the envelope" in explained(RELAXED).sentence


@pytest.mark.parametrize("bad", ["a b", "x"])
def test_what_is_no_domain(bad):
    with pytest.raises(ValueError, match=r".*\."):
        explained(RELAXED, dkim=bad)
