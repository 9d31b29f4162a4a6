import pytest

from mailgui.domain.spf_check import check_host
from mailgui.domain.spf_request import make_request
from mailgui.domain.spf_result import SpfOutcome, TraceNode
from tests.support.asking import against
from tests.support.name_server import NameServer, Zone

IP = "192.0.2.1"


def check(
    zone: Zone | str,
    ip: str = IP,
    *,
    domain: str = "example.com",
    mail_from: str | None = "user@example.com",
    helo: str = "mx.example.org",
    servers: list[NameServer] | None = None,
) -> SpfOutcome:
    request = make_request(domain, ip, mail_from=mail_from, helo=helo)
    return against(zone, lambda r: check_host(request, r), servers=servers)


def spf(record: str, more: str = "") -> str:
    return f"example.com TXT {record}\n{more}"


HOSTS = """
example.com A 192.0.2.1
example.com AAAA 2001:db8::1
example.com MX 10 mx.example.com.
mx.example.com A 192.0.2.5
mx.example.com AAAA 2001:db8::5
v4.example.com A 192.0.2.9
pass.example.com TXT v=spf1 +all
fail.example.com TXT v=spf1 -all
soft.example.com TXT v=spf1 ~all
neutral.example.com TXT v=spf1 ?all
plain.example.com TXT hello
broken.example.com TXT v=spf1 moo
time.example.com @timeout
servfail.example.com @servfail
refused.example.com @refused
"""


@pytest.mark.parametrize(
    ("record", "ip", "result"),
    [
        # section 4.6.2, 4.7: qualifiers and the default
        ("v=spf1 +all", IP, "pass"),
        ("v=spf1 -all", IP, "fail"),
        ("v=spf1 ~all", IP, "softfail"),
        ("v=spf1 ?all", IP, "neutral"),
        ("v=spf1", IP, "neutral"),
        ("v=spf1 -ip4:192.0.2.1 +all", IP, "fail"),
        # section 5.6
        ("v=spf1 ip4:192.0.2.0/24 -all", IP, "pass"),
        ("v=spf1 ip4:192.0.3.0/24 -all", IP, "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::", "pass"),
        ("v=spf1 ip6:::/0 -all", IP, "fail"),
        ("v=spf1 ip4:0.0.0.0/0 -all", "2001:db8::1", "fail"),
        ("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", "pass"),
        ("v=spf1 ip6:::ffff:192.0.2.1 -all", "::ffff:192.0.2.1", "fail"),
        # section 5.3
        ("v=spf1 a -all", IP, "pass"),
        ("v=spf1 a -all", "192.0.2.2", "fail"),
        ("v=spf1 a/24 -all", "192.0.2.2", "pass"),
        ("v=spf1 a -all", "2001:db8::1", "pass"),
        ("v=spf1 a//64 -all", "2001:db8::2", "pass"),
        ("v=spf1 a/0 -all", "2001:db8::2", "fail"),
        ("v=spf1 a:v4.example.com//0 -all", "2001:db8::2", "fail"),
        ("v=spf1 a:nothing.example.com/0 -all", IP, "fail"),
        ("v=spf1 a:time.example.com -all", IP, "temperror"),
        ("v=spf1 a:servfail.example.com -all", IP, "temperror"),
        ("v=spf1 a:refused.example.com -all", IP, "temperror"),
        # section 5.4
        ("v=spf1 mx -all", "192.0.2.5", "pass"),
        ("v=spf1 mx -all", "2001:db8::5", "pass"),
        ("v=spf1 mx/24 -all", "192.0.2.7", "pass"),
        ("v=spf1 mx -all", IP, "fail"),
        ("v=spf1 mx:v4.example.com -all", "192.0.2.9", "fail"),
        # section 5.2
        ("v=spf1 include:pass.example.com -all", IP, "pass"),
        ("v=spf1 ~include:pass.example.com -all", IP, "softfail"),
        ("v=spf1 include:fail.example.com ?all", IP, "neutral"),
        ("v=spf1 include:soft.example.com -all", IP, "fail"),
        ("v=spf1 include:neutral.example.com -all", IP, "fail"),
        ("v=spf1 include:plain.example.com -all", IP, "permerror"),
        ("v=spf1 include:nothing.example.com -all", IP, "permerror"),
        ("v=spf1 include:broken.example.com -all", IP, "permerror"),
        ("v=spf1 include:time.example.com -all", IP, "temperror"),
        ("v=spf1 include:x..example.com -all", IP, "permerror"),
        # section 5.7
        ("v=spf1 exists:v4.example.com -all", "2001:db8::9", "pass"),
        ("v=spf1 exists:nothing.example.com -all", IP, "fail"),
        # section 6.1
        ("v=spf1 redirect=pass.example.com", IP, "pass"),
        ("v=spf1 redirect=fail.example.com", IP, "fail"),
        ("v=spf1 redirect=plain.example.com", IP, "permerror"),
        ("v=spf1 redirect=time.example.com", IP, "temperror"),
        ("v=spf1 redirect=pass.example.com -all", IP, "fail"),
        ("v=spf1 ip4:192.0.2.1 redirect=fail.example.com", IP, "pass"),
        # section 4.6: a fault anywhere spoils it all
        ("v=spf1 ip4:192.0.2.1 -all moo", IP, "permerror"),
        ("v=SpF1 IP4:192.0.2.1 -ALL", IP, "pass"),
        ("v=spf1 a:111.222.33.44 -all", IP, "permerror"),
    ],
)  # fmt: skip
def test_results(record: str, ip: str, result: str) -> None:
    outcome = check(spf(record, HOSTS), ip)
    assert outcome.result == result
    assert (outcome.error is not None) == (result in ("temperror", "permerror"))


@pytest.mark.parametrize(
    ("zone", "domain", "result"),
    [
        ("example.com A 192.0.2.1", "example.com", "none"),
        ("other.com A 192.0.2.1", "example.com", "none"),
        ("example.com TXT v=spf1 -all\nexample.com TXT v=spf1 +all", "example.com", "permerror"),
        ("example.com TXT v=spf10\nexample.com TXT v=spf1 -all", "example.com", "fail"),
        ("example.com @timeout", "example.com", "temperror"),
        ("example.com @servfail", "example.com", "temperror"),
        ("com TXT v=spf1 -all", "com", "none"),
        ("", "[192.0.2.1]", "none"),
        ("", "a..example.com", "none"),
        ("", "x" * 64 + ".example.com", "none"),
        ("", "", "none"),
        ("xn--bcher-kva.example TXT v=spf1 -all", "bücher.example", "fail"),
        ("example.com TXT v=spf1 -all", "EXAMPLE.com.", "fail"),
        ("example.com CNAME b.example.net.\nb.example.net TXT v=spf1 -all", "example.com", "fail"),
    ],
)
def test_selecting_the_record(zone: str, domain: str, result: str) -> None:
    assert check(zone, domain=domain).result == result


def test_strings_are_joined_without_a_space() -> None:
    zone = Zone().add_txt("example.com", b"v=spf1 ip4:192.0", b".2.1 -all")
    assert check(zone).result == "pass"


# section 5.5
PTR = """
1.2.0.192.in-addr.arpa PTR liar.example.com.
1.2.0.192.in-addr.arpa PTR Mail.Example.COM.
1.2.0.192.in-addr.arpa PTR mail.other.net.
mail.example.com A 192.0.2.1
mail.other.net A 192.0.2.1
liar.example.com A 192.0.2.77
"""


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ptr -all", "pass"),
        ("v=spf1 ptr:other.net -all", "pass"),
        ("v=spf1 ptr:liar.example.com -all", "fail"),
        ("v=spf1 ptr:ample.com -all", "fail"),
        ("v=spf1 exists:%{p}.list.example.com -all", "pass"),
    ],
)
def test_ptr(record: str, result: str) -> None:
    zone = spf(record, PTR + "mail.example.com.list.example.com A 127.0.0.2")
    assert check(zone).result == result


def test_a_silent_reverse_zone_is_no_match() -> None:
    zone = spf("v=spf1 ptr -all", "1.2.0.192.in-addr.arpa @timeout")
    assert check(zone).result == "fail"


def test_only_the_first_ten_ptr_names_count() -> None:
    names = "\n".join(f"1.2.0.192.in-addr.arpa PTR n{i}.example.net." for i in range(10))
    zone = spf("v=spf1 ptr -all", f"{names}\n1.2.0.192.in-addr.arpa PTR example.com.\n{HOSTS}")
    servers: list[NameServer] = []
    assert check(zone, servers=servers).result == "fail"
    assert len(servers[0].questions("A")) == 10


# section 4.6.4
def test_the_tenth_look_up_is_allowed_and_the_eleventh_is_not() -> None:
    ten = "v=spf1 " + " ".join(["a:v4.example.com"] * 10)
    outcome = check(spf(ten + " ip4:192.0.2.1 -all", HOSTS))
    assert (outcome.result, outcome.lookups) == ("pass", 10)
    outcome = check(spf(ten + " a:mx.example.com ip4:192.0.2.1 -all", HOSTS))
    assert (outcome.result, outcome.lookups) == ("permerror", 10)
    assert outcome.error == "“a:mx.example.com” would be look-up number 11; SPF allows 10."


def test_look_ups_of_includes_and_redirects_count_together() -> None:
    zone = spf("v=spf1 include:a.example.com redirect=b.example.com") + (
        "a.example.com TXT v=spf1 a:v4.example.com mx:v4.example.com ?all\n"
        "b.example.com TXT v=spf1 exists:no.example.com -all\n" + HOSTS
    )
    outcome = check(zone)
    assert (outcome.result, outcome.lookups) == ("fail", 5)
    include, redirect = outcome.trace
    assert (include.lookups, redirect.lookups) == (3, 2)


@pytest.mark.parametrize("record", ["v=spf1 include:example.com", "v=spf1 redirect=example.com"])
def test_loops_end_at_the_limit(record: str) -> None:
    servers: list[NameServer] = []
    outcome = check(spf(record), servers=servers)
    assert outcome.result == "permerror"
    assert len(servers[0].asked) == 1


def test_two_void_look_ups_are_allowed_and_three_are_not() -> None:
    outcome = check(spf("v=spf1 a:x.example.com exists:y.example.com ?all"))
    assert (outcome.result, outcome.void_lookups) == ("neutral", 2)
    outcome = check(spf("v=spf1 a:x.example.com exists:y.example.com mx:z.example.com ?all"))
    assert outcome.result == "permerror"
    assert (
        outcome.error == "“mx:z.example.com” is the third term that finds nothing; SPF allows two."
    )
    assert [node.void for node in outcome.trace] == [True, True, False]


def test_hosts_of_one_mx_term_are_one_void_look_up_at_most() -> None:
    zone = spf("v=spf1 mx ip6:2001:db8::/32 -all") + "".join(
        f"example.com MX 10 m{i}.example.com.\nm{i}.example.com A 192.0.2.{i + 10}\n"
        for i in range(4)
    )
    outcome = check(zone, "2001:db8::1")
    assert (outcome.result, outcome.lookups, outcome.void_lookups) == ("pass", 1, 1)


@pytest.mark.parametrize(("hosts", "result"), [(10, "pass"), (11, "permerror")])
def test_at_most_ten_mx_hosts(hosts: int, result: str) -> None:
    zone = spf("v=spf1 mx -all") + "".join(
        f"example.com MX {i} m{i}.example.com.\nm{i}.example.com A 192.0.2.{i + 1}\n"
        for i in range(hosts)
    )
    assert check(zone, f"192.0.2.{hosts}").result == result


def test_mx_hosts_are_tried_by_preference_and_a_match_ends_it() -> None:
    zone = spf("v=spf1 mx -all") + (
        "example.com MX 20 slow.example.com.\nexample.com MX 10 mx.example.com.\n"
        "mx.example.com A 192.0.2.1\nslow.example.com @timeout\n"
    )
    assert check(zone).result == "pass"
    assert check(zone, "192.0.2.2").result == "temperror"


def test_a_null_mx_matches_nobody() -> None:
    assert check(spf("v=spf1 mx ?all", "example.com MX 0 .")).result == "neutral"


# section 6.2
EXPLAIN = """
why.example.com TXT See http://%{d}/why?s=%{S}&i=%{i}
two.example.com TXT one
two.example.com TXT two
bad.example.com TXT 100% wrong
long.example.com TXT %{h} %{r} from %{c} is not us.
"""


@pytest.mark.parametrize(
    ("record", "explanation"),
    [
        ("v=spf1 -all", None),
        (
            "v=spf1 -all exp=why.%{d}",
            "See http://example.com/why?s=user%40example.com&i=192.0.2.1",
        ),
        ("v=spf1 -all exp=long.example.com", "mx.example.org unknown from 192.0.2.1 is not us."),
        ("v=spf1 -all exp=two.example.com", None),
        ("v=spf1 -all exp=bad.example.com", None),
        ("v=spf1 -all exp=nothing.example.com", None),
        ("v=spf1 -all exp=silent.example.com", None),
        ("v=spf1 -all exp=x..example.com", None),
        ("v=spf1 ~all exp=why.example.com", None),
        ("v=spf1 exp=two.example.com redirect=r.example.com", "Of the redirect."),
        ("v=spf1 include:inc.example.com -all", None),
    ],
)
def test_explanations(record: str, explanation: str | None) -> None:
    zone = spf(record, EXPLAIN) + (
        "silent.example.com @timeout\n"
        "r.example.com TXT v=spf1 -all exp=rwhy.example.com\n"
        "rwhy.example.com TXT Of the redirect.\n"
        "inc.example.com TXT v=spf1 -all exp=why.example.com\n"
    )
    outcome = check(zone)
    assert outcome.explanation == explanation
    assert outcome.void_lookups == 0


def test_a_control_character_in_an_explanation_is_made_visible() -> None:
    zone = Zone(spf("v=spf1 -all exp=e.example.com"))
    zone.add_txt("e.example.com", b"a%_b")
    assert check(zone).explanation == "a b"


# RFC 8616
@pytest.mark.parametrize("term", ["exists:%{l}.example.com", "include:%{s}.example.com"])
def test_a_local_part_beyond_ascii_matches_no_term_that_names_it(term: str) -> None:
    zone = spf(f"v=spf1 {term} ?all", "*.example.com A 127.0.0.2")
    servers: list[NameServer] = []
    outcome = check(zone, mail_from="jörg@example.com", servers=servers)
    assert outcome.result == "neutral"
    assert len(servers[0].asked) == 1


def test_the_null_sender_is_postmaster_at_the_helo_name() -> None:
    zone = (
        "mx.example.org TXT v=spf1 exists:%{l}.%{o}.x.example.org -all\n"
        "postmaster.mx.example.org.x.example.org A 127.0.0.2"
    )
    assert check(zone, domain="mx.example.org", mail_from="").result == "pass"


def test_the_trace_tells_what_was_matched_and_what_it_cost() -> None:
    zone = spf(
        "v=spf1 ip4:198.51.100.0/24 include:inc.example.com a:v4.example.com -all", HOSTS
    ) + ("inc.example.com TXT v=spf1 mx:example.com ip4:192.0.2.1 a:no.example.com -all\n")
    outcome = check(zone)
    assert [(n.term, n.result, n.lookups) for n in outcome.trace] == [
        ("ip4:198.51.100.0/24", "no match", 0),
        ("include:inc.example.com", "match", 2),
        ("a:v4.example.com", "not reached", 0),
        ("-all", "not reached", 0),
    ]
    include = outcome.trace[1]
    assert include.domain == "inc.example.com"
    assert include.record == "v=spf1 mx:example.com ip4:192.0.2.1 a:no.example.com -all"
    assert [(n.term, n.result) for n in include.children] == [
        ("mx:example.com", "no match"),
        ("ip4:192.0.2.1", "match"),
        ("a:no.example.com", "not reached"),
        ("-all", "not reached"),
    ]
    assert include.children[0].resolved == ("mx.example.com 192.0.2.5",)
    assert isinstance(include, TraceNode)


def test_an_error_is_named_in_the_trace_where_it_happened() -> None:
    zone = spf("v=spf1 include:a.example.com -all") + (
        "a.example.com TXT v=spf1 a:time.example.com -all\ntime.example.com @timeout\n"
    )
    outcome = check(zone)
    (include,) = outcome.trace
    assert (include.result, include.children[0].result) == ("temperror", "temperror")
    assert "time.example.com A (timeout)" in (outcome.error or "")


def test_it_ends_in_time() -> None:
    request = make_request("example.com", IP)
    zone = spf("v=spf1 a:long.example.com -all", "long.example.com @silent")
    outcome = against(zone, lambda r: check_host(request, r, timeout=0.05))
    assert outcome.result == "temperror"
    assert outcome.error == "The evaluation took longer than 0.05 seconds."


@pytest.mark.parametrize("ip", ["", "x", "1.2.3", "::g"])
def test_what_is_not_an_address(ip: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        make_request("example.com", ip)
