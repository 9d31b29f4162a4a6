import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgui.domain.spf import SpfReport, evaluate, to_json_dict
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone


def report(
    zone: Zone | str,
    domain: str = "example.com",
    *,
    servers: list[NameServer] | None = None,
    **sender: str,
) -> SpfReport:
    return against(
        zone,
        lambda r: evaluate(domain, resolver=r, **sender),  # type: ignore[arg-type]
        servers=servers,
    )


ZONE = """
example.com TXT v=spf1 include:a.example.com mx -all exp=why.example.com
example.com MX 10 mx.example.com.
mx.example.com A 192.0.2.1
a.example.com TXT v=spf1 ip4:198.51.100.1 -all
why.example.com TXT Not %{i}.
"""


def test_the_document_with_an_address() -> None:
    document = to_json_dict(
        report(ZONE, ip="203.0.113.1", mail_from="a@example.com", helo="h.example")
    )
    json.dumps(document)
    assert document["result"] == "fail"
    assert document["explanation"] == "Not 203.0.113.1."
    assert (document["lookups"], document["lookups_total"], document["void_lookups"]) == (2, 2, 0)
    assert document["error"] is None
    trace = document["trace"]
    assert isinstance(trace, list)
    assert [node["term"] for node in trace] == [
        "include:a.example.com",
        "mx",
        "-all",
        "exp=why.example.com",
    ]
    assert trace[0]["children"][0]["result"] == "no match"


def test_a_match_spends_less_than_the_whole_tree() -> None:
    document = to_json_dict(report(ZONE, ip="198.51.100.1"))
    assert (document["result"], document["lookups"], document["lookups_total"]) == ("pass", 1, 2)


def test_the_document_without_an_address() -> None:
    document = to_json_dict(report(ZONE))
    assert document["result"] is None
    assert document["lookups"] is None
    assert document["lookups_total"] == 2
    assert [n["network"] for n in document["networks"]] == ["198.51.100.1/32", "192.0.2.1/32"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("zone", "result"),
    [
        ("", "none"),
        ("example.com @timeout", "temperror"),
        ("example.com TXT v=spf1 moo", "permerror"),
        ("example.com TXT v=spf1\nexample.com TXT v=spf1 a", "permerror"),
    ],
)
def test_what_holds_for_every_address_is_told_without_one(zone: str, result: str) -> None:
    document = to_json_dict(report(zone))
    assert document["result"] == result
    assert document["error"]


def test_evaluation_and_tree_ask_everything_once() -> None:
    servers: list[NameServer] = []
    report(ZONE, ip="203.0.113.1", servers=servers)
    questions = servers[0].questions()
    assert len(questions) == len(set(questions)) == 5


@pytest.mark.parametrize("domain", ["", ".", "..", "a", "[::1]", "x" * 300, "\x00", "é..b", "-"])
def test_a_malformed_domain_is_none(domain: str) -> None:
    assert report("", domain, ip="192.0.2.1").result == "none"


names = st.sampled_from(["example.com", "a.example.com", "b.example.com", "c.example.com"])
words = st.one_of(
    st.builds(
        "{}{}".format,
        st.sampled_from(["", "-", "~", "?"]),
        st.sampled_from(["a", "mx", "ptr", "all", "a/0", "mx//0", "a:%{p}.example.com", "moo"]),
    ),
    st.builds(
        "{}{}".format,
        st.sampled_from(
            ["include:", "redirect=", "exists:", "exists:%{l}.", "a:", "mx:", "exp=", "ptr:"]
        ),
        names,
    ),
    st.sampled_from(["include:x.%{d}", "include:%{d}", "redirect=y.%{d}", "a:z.%{d}"]),
)
records = st.lists(words, max_size=14).map(lambda terms: " ".join(["v=spf1", *terms]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    zone=st.lists(st.tuples(names, records), max_size=6),
    mx=st.lists(st.tuples(names, names), max_size=30),
    alias=st.lists(st.tuples(names, names), max_size=2),
    ip=st.sampled_from(["192.0.2.1", "2001:db8::1"]),
)
def test_no_policy_makes_it_crash_hang_or_ask_without_end(
    zone: list[tuple[str, str]], mx: list[tuple[str, str]], alias: list[tuple[str, str]], ip: str
) -> None:
    built = Zone(
        "*.example.com TXT v=spf1 include:x.%{d} a:y.%{d} -all\n1.2.0.192.in-addr.arpa PTR a."
    )
    for name, record in zone:
        built.add(name, "TXT", record)
    for preference, (name, host) in enumerate(mx):
        built.add(name, "MX", f"{preference} {host}.")
    for name, target in alias:
        built.add(name, "CNAME", f"{target}.")
    servers: list[NameServer] = []
    result = report(built, ip=ip, mail_from="l@example.com", servers=servers)
    json.dumps(to_json_dict(result))
    assert result.outcome is not None
    assert result.outcome.lookups <= 10
    assert result.outcome.void_lookups <= 3
    assert len(servers[0].asked) <= 400
