"""What the report says of a policy that differs from the one that senders still keep."""

import pytest

from mailgui.domain.mta_sts import with_kept
from mailgui.domain.section import Section
from mailgui.findings import Verdict
from mailgui.net.mta_sts import PolicyFetch, parse_policy
from mailgui.net.mta_sts_cache import PolicyCache

TEXT = "version: STSv1\nmode: enforce\nmx: a.good.example\nmax_age: 86400\n"
POLICY, OTHER = parse_policy(TEXT), parse_policy(TEXT.replace("a.good", "b.good"))


def section(record_id: str) -> Section:
    return Section("mta_sts", Verdict.PASS, "mode enforce", (), (), {"tags": [["id", record_id]]})


def again(cache: PolicyCache, record_id: str, fetched: PolicyFetch) -> Section:
    return with_kept(section(record_id), "good.example", fetched, cache)


def test_the_first_time_nothing_is_kept() -> None:
    cache = PolicyCache()
    found = again(cache, "1", PolicyFetch("https://x", POLICY))
    assert (found.details["kept"], found.findings) == (None, ())
    assert cache.get("good.example") is not None


@pytest.mark.parametrize(
    ("record_id", "policy", "ids", "same"),
    [
        ("1", POLICY, [], True),
        ("1", OTHER, ["mta_sts.id_unchanged"], False),
        ("2", OTHER, [], False),
        ("1", None, [], None),
    ],
)
def test_another_policy_under_the_same_id_is_told(record_id, policy, ids, same) -> None:
    cache = PolicyCache()
    again(cache, "1", PolicyFetch("https://x", POLICY))
    found = again(cache, record_id, PolicyFetch("https://x", policy))
    assert [finding.id for finding in found.findings] == ids
    assert found.verdict is (Verdict.ATTENTION if ids else Verdict.PASS)
    kept = found.details["kept"]
    assert isinstance(kept, dict)
    assert (kept["id"], kept["mx"], kept["same"]) == ("1", ["a.good.example"], same)


def test_a_verdict_that_is_worse_stays() -> None:
    cache = PolicyCache()
    again(cache, "1", PolicyFetch("https://x", POLICY))
    broken = Section("mta_sts", Verdict.BROKEN, "", (), (), {"tags": [["id", "1"]]})
    assert (
        with_kept(broken, "good.example", PolicyFetch("x", OTHER), cache).verdict is Verdict.BROKEN
    )
