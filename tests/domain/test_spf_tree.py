from mailgui.domain.spf_request import make_request
from mailgui.domain.spf_tree import MAX_TERMS, SpfTree, walk
from tests.support.asking import against
from tests.support.name_server import NameServer


def tree(zone: str, *, servers: list[NameServer] | None = None, **sender: str) -> SpfTree:
    request = make_request("example.com", **sender)  # type: ignore[arg-type]
    return against(zone, lambda r: walk(request, r), servers=servers)


FULL = """
example.com TXT v=spf1 a mx ip4:198.51.100.0/24 include:one.example.net exists:%{i}.x.%{d} ~all
example.com A 192.0.2.1
example.com AAAA 2001:db8::1
example.com MX 10 mx.example.com.
mx.example.com A 192.0.2.2
one.example.net TXT v=spf1 include:two.example.net -ip4:203.0.113.9 ?ip4:203.0.113.8 -all
two.example.net TXT v=spf1 ip4:203.0.113.0/28 redirect=three.example.net
three.example.net TXT v=spf1 ip6:2001:db8:3::/48 -all
"""


def test_the_whole_tree_without_an_address() -> None:
    result = tree(FULL)
    assert result.lookups_total == 6
    assert result.complete
    assert result.voids == ()
    assert [(n.term, n.result, n.lookups) for n in result.trace] == [
        ("a", "resolved", 1),
        ("mx", "resolved", 1),
        ("ip4:198.51.100.0/24", "resolved", 0),
        ("include:one.example.net", "resolved", 3),
        ("exists:%{i}.x.%{d}", "unresolved", 1),
        ("~all", "resolved", 0),
    ]
    assert result.trace[0].resolved == ("192.0.2.1/32", "2001:db8::1/128")
    two = result.trace[3].children[0]
    assert (two.term, two.lookups) == ("include:two.example.net", 2)
    assert two.children[1].children[0].term == "ip6:2001:db8:3::/48"


def test_networks_are_flattened_as_they_count() -> None:
    """Only a pass within an include lets anybody send (RFC 7208, section 5.2)."""
    assert [(n.network, n.qualifier, len(n.path)) for n in tree(FULL).networks] == [
        ("192.0.2.1/32", "+", 1),
        ("2001:db8::1/128", "+", 1),
        ("192.0.2.2/32", "+", 1),
        ("198.51.100.0/24", "+", 1),
        ("203.0.113.0/28", "+", 3),
        ("2001:db8:3::/48", "+", 4),
    ]


def test_denials_at_the_top_are_shown_as_such() -> None:
    networks = tree("example.com TXT v=spf1 -ip4:192.0.2.1 ~ip4:192.0.2.2 +all").networks
    assert [(n.network, n.qualifier) for n in networks] == [
        ("192.0.2.1/32", "-"),
        ("192.0.2.2/32", "~"),
    ]


def test_with_an_address_only_its_family_is_asked_for_and_macros_are_expanded() -> None:
    servers: list[NameServer] = []
    result = tree(FULL, servers=servers, ip="192.0.2.9")
    assert result.trace[4].domain == "192.0.2.9.x.example.com"
    assert result.trace[4].result == "void"
    assert servers[0].questions("AAAA") == []


def test_void_terms_are_named() -> None:
    result = tree(
        "example.com TXT v=spf1 a:no.example.com include:i.example.com -all\n"
        "i.example.com TXT v=spf1 mx:i.example.com -all"
    )
    assert result.voids == (
        ("a:no.example.com", "example.com"),
        ("mx:i.example.com", "i.example.com"),
    )
    assert [n.void_lookups for n in result.trace] == [1, 1, 0]


def test_what_stands_behind_all_is_not_followed() -> None:
    servers: list[NameServer] = []
    result = tree("example.com TXT v=spf1 -all a mx redirect=b.example.com", servers=servers)
    assert [n.result for n in result.trace] == ["resolved", *["not reached"] * 3]
    assert result.lookups_total == 0
    assert len(servers[0].asked) == 1


def test_a_loop_is_named_and_not_followed() -> None:
    result = tree(
        "example.com TXT v=spf1 include:b.example.com -all\n"
        "b.example.com TXT v=spf1 include:EXAMPLE.com -all"
    )
    assert result.trace[0].children[0].result == "loop"


def test_a_timeout_leaves_the_tree_incomplete() -> None:
    result = tree("example.com TXT v=spf1 include:b.example.com -all\nb.example.com @timeout")
    assert not result.complete
    assert result.trace[0].result == "temperror"
    assert not tree("example.com @timeout").complete
    assert tree("").complete


def test_more_than_ten_mx_hosts() -> None:
    hosts = "\n".join(f"example.com MX 10 m{i}.example.com." for i in range(11))
    result = tree(f"example.com TXT v=spf1 mx -all\n{hosts}")
    assert result.trace[0].result == "permerror"
    assert "11 MX hosts" in result.trace[0].detail


def test_a_tree_without_end_is_cut() -> None:
    servers: list[NameServer] = []
    includes = " ".join(f"include:{i}.%{{d}}" for i in range(8))
    record = f"TXT v=spf1 {includes} -all"
    result = tree(f"*.example.com {record}\nexample.com {record}", servers=servers)
    assert not result.complete
    assert len(servers[0].asked) <= MAX_TERMS + 1


def test_faults_stand_in_the_tree() -> None:
    result = tree("example.com TXT v=spf1 moo a -all")
    assert ("moo", "permerror") in [(n.term, n.result) for n in result.trace]
