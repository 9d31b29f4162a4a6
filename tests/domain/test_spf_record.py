from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.domain.spf_record import is_spf, parse_record


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"v=spf1", True),
        (b"v=spf1 ", True),
        (b"V=SpF1 a", True),
        (b"v=spf10", False),
        (b"v=spf1\ta", False),
        (b" v=spf1", False),
        (b"v=spf2.0/pra", False),
        (b"", False),
    ],
)
def test_what_is_an_spf_record(octets: bytes, expected: bool) -> None:
    assert is_spf(octets) is expected


def test_terms_in_their_places() -> None:
    record = parse_record(b"v=spf1  +A:a.example/24//64 redirect=b.example -mx x.y=%{d} ~all ")
    assert not record.faults
    assert [(t.position, t.text) for t in record.terms] == [
        (8, "+A:a.example/24//64"),
        (28, "redirect=b.example"),
        (47, "-mx"),
        (51, "x.y=%{d}"),
        (60, "~all"),
    ]
    a, mx, ending = record.directives
    assert (a.qualifier, a.mechanism, a.prefix4, a.prefix6) == ("+", "a", 24, 64)
    assert a.domain is not None
    assert a.domain.text == "a.example"
    assert (mx.qualifier, mx.domain) == ("-", None)
    assert (ending.qualifier, ending.mechanism) == ("~", "all")
    assert [m.name for m in record.modifiers] == ["redirect", "x.y"]


@pytest.mark.parametrize(
    ("term", "network"),
    [
        ("ip4:192.0.2.1", "192.0.2.1/32"),
        ("ip4:192.0.2.1/24", "192.0.2.0/24"),
        ("IP4:192.0.2.1/0", "0.0.0.0/0"),
        ("ip6:2001:db8::1", "2001:db8::1/128"),
        ("ip6:2001:DB8::1/32", "2001:db8::/32"),
        ("ip6:::1.1.1.1/0", "::/0"),
    ],
)
def test_networks(term: str, network: str) -> None:
    (directive,) = parse_record(f"v=spf1 {term}".encode()).directives
    assert directive.network == ip_network(network)


@pytest.mark.parametrize(
    "term",
    [
        "moo", "all.", "all:x", "all/8", "-all-", "include", "include:", "include:com",
        "exists", "exists:", "exists:a.example/24", "include:a.example/24", "ptr/0", "ptr:",
        "a:", "mx:", "a/33", "a//129", "a/24/64", "a/032", "a:111.222.33.44", "a:museum",
        "a:museum.", "mx:a.example:25", "ip4", "ip4:", "ip4:1.2.3", "ip4:1.2.3.4:25",
        "ip4:1.2.3.4/33", "ip4:1.2.3.4/", "ip4:01.2.3.4", "ip4:1.2.3.4//32", "ip4:2001:db8::1",
        "ip6", "ip6:1.2.3.4", "ip6:::1/129", "ip6:fe80::1%eth0", "ip6::CAFE::BABE", "=x",
        "1up=x", "redirect=", "exp=", "redirect:a.example", "redirect=-all", "exp=%{r}.example",
        "x=%abc", "%{d}", "a:%{x}.example", "+redirect=a.example", "++a", "a:b\tc",
    ],
)  # fmt: skip
def test_every_fault_is_found_and_spoils_the_record(term: str) -> None:
    record = parse_record(f"v=spf1 ip4:1.2.3.4 {term} -all".encode())
    assert len(record.faults) == 1
    assert record.faults[0].term == term
    assert record.faults[0].position >= 19
    assert record.faults[0].sentence.endswith(".")
    assert len(record.directives) == 2


@pytest.mark.parametrize("name", ["redirect", "exp"])
def test_a_modifier_twice_is_a_fault(name: str) -> None:
    record = parse_record(f"v=spf1 {name}=a.example -all {name}=a.example".encode())
    assert [fault.sentence for fault in record.faults] == [f"{name}= stands here twice."]


def test_octets_beyond_ascii_are_faults() -> None:
    assert parse_record(b"v=spf1 a:\xef\xbb\xbfx.example -all").faults
    assert parse_record(b"v=spf1 a\x0dmx -all").faults


def test_a_zero_prefix_and_unusual_names() -> None:
    assert not parse_record(b"v=spf1 a/0 a//0 mx/0//0 a:foo:bar/baz.example.com a:%{d}/0").faults


@given(st.binary(max_size=200))
def test_any_octets_are_a_record_or_have_faults(octets: bytes) -> None:
    record = parse_record(b"v=spf1 " + octets)
    words = [word for word in octets.split(b" ") if word]
    assert len(record.terms) + len(record.faults) == len(words)


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        ("ip4:1.2.3.4é".encode(), "ip4:1.2.3.4é"),
        (b"ip4:\xff", "ip4:\\xff"),
        ("ip4:\u202e".encode(), "ip4:\\u202e"),
        (b"ip4:\x1b[31m", "ip4:\\x1b[31m"),
    ],
)
def test_a_fault_is_shown_as_it_stands(term: bytes, shown: str) -> None:
    (fault,) = parse_record(b"v=spf1 " + term + b" -all").faults
    assert fault.shown == shown
