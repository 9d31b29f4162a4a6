"""Corners of RFC 7208 through ``mailgui spf --resolver``: the result, and the explanation."""

import asyncio

import pytest

from tests.support.name_server import Zone
from tests.support.serving import name_server

ZONE = r"""
host.example A 192.0.2.1
host.example AAAA 2001:db8::1
host.example MX 10 host.example.
many.example A 192.0.2.9
many.example A 192.0.2.1
pass.example TXT v=spf1 +all
none.example TXT hello
why.example TXT %{i} is not one of ours: %{s} %{l} %{o} %{d} %{h} %{v} %{c} %{r}
url.example TXT http://x.example/?who=%{S}&what=a%%20b%-c%_d
words.example TXT Go away.
fail-why.example TXT v=spf1 -all exp=words.example
twowhy.example TXT one
twowhy.example TXT two
latin.example TXT "caf\233"
wrong.example TXT 100% sure
silent.example @servfail
1.2.0.192.in-addr.arpa PTR Host.Example.
1.2.0.192.in-addr.arpa PTR fake.example.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR host.example.
fake.example A 192.0.2.200
loop.example CNAME loop2.example.
loop2.example CNAME loop.example.
alias.example CNAME pass.example.
nullmx.example MX 0 .
user.at.example A 127.0.0.2
1.2.0.192.in-addr.q.example A 127.0.0.2
host.example.p.example A 127.0.0.2
com.example.www.r.example A 127.0.0.2
spfonly.example SPF "v=spf1 -all"
both.example SPF "v=spf1 -all"
both.example TXT v=spf1 +all
prefix.example TXT v=spf10 -all
prefix.example TXT v=spf1 ?all
twice.example TXT v=spf1 -all
twice.example TXT V=SPF1 +all
bare.example TXT v=spf1
blanks.example TXT "v=spf1  ip4:192.0.2.1   -all  "
tab.example TXT "v=spf1\009-all"
joined.example TXT "v=spf1 ip4:192.0" ".2.1 -a" "ll"
other8.example TXT "caf\233"
other8.example TXT v=spf1 -all
"""
V4, V6, OTHER = "192.0.2.1", "2001:db8::1", "203.0.113.7"
# (record of x.example, client, result)
RECORDS = [
    # 4.5, 4.6: what is a record, and faults anywhere
    ("v=spf1 ip4:192.0.2.1 -all junk", V4, "permerror"),
    ("v=spf1 -all ip5:1", V4, "permerror"),
    ("v=spf1 ip4:192.0.2.1 =x -all", V4, "permerror"),
    ("v=spf1 a-b=%{d} -all", OTHER, "fail"),
    ("v=spf1 a_b.c-1=anything%_goes -all", OTHER, "fail"),
    ("v=spf1 1a=x -all", OTHER, "permerror"),
    ("v=spf1 unknown=%{x} -all", OTHER, "permerror"),
    ("v=spf1 default=pass", OTHER, "neutral"),
    ("v=spf1 redirect:pass.example", V4, "permerror"),
    ("v=spf1 exp:words.example -all", V4, "permerror"),
    ("v=spf1 include=pass.example -all", V4, "fail"),  # a modifier nobody knows
    ("v=spf1 redirect=pass.example ip4:203.0.113.0/24", V4, "pass"),
    ("v=spf1 redirect=pass.example -ip4:192.0.2.1", V4, "fail"),
    # 5.1 all
    ("v=spf1 all.", V4, "permerror"),
    ("v=spf1 all:x.example", V4, "permerror"),
    ("v=spf1 all/8", V4, "permerror"),
    ("v=spf1 -?all", V4, "permerror"),
    ("v=spf1 ?all -all", V4, "neutral"),
    # 5.2 include
    ("v=spf1 include:pass.example/24 -all", V4, "permerror"),
    ("v=spf1 include: -all", V4, "permerror"),
    ("v=spf1 include -all", V4, "permerror"),
    ("v=spf1 include:none.example -all", V4, "permerror"),
    ("v=spf1 -include:pass.example +all", V4, "fail"),
    ("v=spf1 include:fail-why.example ~all", V4, "softfail"),
    ("v=spf1 include:silent.example +all", V4, "temperror"),
    ("v=spf1 include:alias.example -all", V4, "pass"),
    ("v=spf1 include:loop.example -all", V4, "temperror"),
    # 5.3 a
    ("v=spf1 a:host.example/24 -all", "192.0.2.77", "pass"),
    ("v=spf1 a:host.example/0 -all", OTHER, "pass"),
    ("v=spf1 a:host.example//0 -all", OTHER, "fail"),
    ("v=spf1 a:host.example//0 -all", "2001:db9::", "pass"),
    ("v=spf1 a:host.example/24//96 -all", "2001:db8::77", "pass"),
    ("v=spf1 a:host.example/33 -all", V4, "permerror"),
    ("v=spf1 a:host.example//129 -all", V6, "permerror"),
    ("v=spf1 a:host.example/ -all", V4, "permerror"),
    ("v=spf1 a:host.example/024 -all", V4, "permerror"),
    ("v=spf1 a:host.example/24/24 -all", V4, "permerror"),
    ("v=spf1 a:many.example -all", V4, "pass"),
    ("v=spf1 a:192.0.2.1 -all", V4, "permerror"),
    ("v=spf1 a:host.1e2 -all", V4, "fail"),
    ("v=spf1 a:host.12 -all", V4, "permerror"),
    ("v=spf1 a:example -all", V4, "permerror"),
    ("v=spf1 a:host.example. -all", V4, "pass"),
    ("v=spf1 a:ho:st.example -all", V4, "fail"),
    ("v=spf1 a: -all", V4, "permerror"),
    ("v=spf1 a:host.example -all", "::ffff:192.0.2.1", "pass"),
    ("v=spf1 a:host.example -all", V6, "pass"),
    ("v=spf1 A:HOST.EXAMPLE -all", V4, "pass"),
    ("v=spf1 a:loop.example -all", V4, "temperror"),
    # 5.4 mx
    ("v=spf1 mx:host.example -all", V4, "pass"),
    ("v=spf1 mx:many.example -all", V4, "fail"),  # no implicit MX
    ("v=spf1 mx:nullmx.example -all", V4, "fail"),
    ("v=spf1 mx:host.example/16//48 -all", "192.0.77.1", "pass"),
    ("v=spf1 mx: -all", V4, "permerror"),
    # 5.5 ptr
    ("v=spf1 ptr:example -all", V4, "permerror"),
    ("v=spf1 ptr:host.example -all", V4, "pass"),
    ("v=spf1 ptr:fake.example -all", V4, "fail"),
    ("v=spf1 ptr:HOST.example -all", V6, "pass"),
    ("v=spf1 ptr:host.example/24 -all", V4, "permerror"),
    ("v=spf1 ptr: -all", V4, "permerror"),
    ("v=spf1 ptr:host.example -all", OTHER, "fail"),
    # 5.6 ip4, ip6
    ("v=spf1 ip4:192.0.2.1/32 -all", V4, "pass"),
    ("v=spf1 ip4:192.0.2.0/032 -all", V4, "permerror"),
    ("v=spf1 ip4:192.0.2 -all", V4, "permerror"),
    ("v=spf1 ip4:192.0.2.1:25 -all", V4, "permerror"),
    ("v=spf1 ip4:192.00.2.1 -all", V4, "permerror"),
    ("v=spf1 ip4 -all", V4, "permerror"),
    ("v=spf1 ip4:2001:db8::1 -all", V6, "permerror"),
    ("v=spf1 ip4:%{i} -all", V4, "permerror"),
    ("v=spf1 ip6:2001:db8::1/128 -all", V6, "pass"),
    ("v=spf1 ip6:2001:DB8:0::/40 -all", V6, "pass"),
    ("v=spf1 ip6:2001:db8::1/129 -all", V6, "permerror"),
    ("v=spf1 ip6:::1/0 -all", V6, "pass"),
    ("v=spf1 ip6:::/0 -all", V4, "fail"),
    ("v=spf1 ip6::2001:db8::1 -all", V6, "permerror"),
    ("v=spf1 ip6:2001:db8:::1 -all", V6, "permerror"),
    ("v=spf1 ip6:fe80::1%eth0 -all", V6, "permerror"),
    ("v=spf1 ip6:::ffff:192.0.2.1 -all", V4, "fail"),
    # 5.7 exists
    ("v=spf1 exists:%{l}.at.example -all", OTHER, "pass"),
    ("v=spf1 exists:%{ir}.%{v}.q.example -all", V4, "pass"),
    ("v=spf1 exists:host.example -all", V6, "pass"),  # always by A
    ("v=spf1 exists:none.example -all", V4, "fail"),
    ("v=spf1 exists -all", V4, "permerror"),
    ("v=spf1 exists: -all", V4, "permerror"),
    ("v=spf1 exists:silent.example +all", V4, "temperror"),
    # 6.1 redirect
    ("v=spf1 redirect=none.example", V4, "permerror"),
    ("v=spf1 redirect=gone.example", V4, "permerror"),
    ("v=spf1 redirect=silent.example", V4, "temperror"),
    ("v=spf1 redirect=%{d}", V4, "permerror"),
    ("v=spf1 ?all redirect=pass.example", V4, "neutral"),
    ("v=spf1 redirect=pass.example redirect=pass.example", V4, "permerror"),
    ("v=spf1 redirect=", V4, "permerror"),
    # 7 macros
    ("v=spf1 exists:%{p}.p.example -all", V4, "pass"),
    ("v=spf1 exists:%(i).example -all", V4, "permerror"),
    ("v=spf1 exists:%{}.example -all", V4, "permerror"),
    ("v=spf1 exists:%{i0}.example -all", V4, "permerror"),
    ("v=spf1 exists:%{i.example -all", V4, "permerror"),
    ("v=spf1 exists:%i.example -all", V4, "permerror"),
    ("v=spf1 exists:100% -all", V4, "permerror"),
    ("v=spf1 exists:%{r}.example -all", V4, "permerror"),
    ("v=spf1 exists:%{hr-}.r.example -all", OTHER, "pass"),
    ("v=spf1 exists:%{d999999999999}.q.example -all", V4, "fail"),
    ("v=spf1 exists:%{l}.%{l}.%{l}.%{l}.%{l}.at.example -all", OTHER, "fail"),
]


@pytest.fixture(scope="module")
def server():
    zone = Zone(ZONE)
    zone.add_txt("nul.example", b"v=spf1 a:host.example\0 -all")
    zone.add_txt("high.example", b"v=spf1 a:h\xf6st.example -all")
    zone.add_txt("empty.example", b"")
    for number, (record, _, _) in enumerate(RECORDS):
        zone.add(f"r{number}.example", "TXT", record)
    for number, (record, _) in enumerate(EXPLANATIONS):
        zone.add(f"e{number}.example", "TXT", record)
    _limits(zone)
    with name_server(zone) as running:
        yield running


@pytest.fixture
def spf(cli_json, server):
    def call(domain, ip=V4, mail_from=None, helo="www-example-com"):
        words = ["--ip", ip, "--helo", helo, "--resolver", server.address]
        sender = f"user@{domain}" if mail_from is None else mail_from
        code, document = cli_json("spf", domain, "--mail-from", sender, *words)
        assert code == 0
        assert (document["error"] is None) == (document["result"] in _SPOKEN), document["error"]
        assert document["lookups"] <= 10
        return document

    return call


_SPOKEN = ("pass", "fail", "softfail", "neutral")


@pytest.mark.parametrize("number", range(len(RECORDS)), ids=[f"{r} {i}" for r, i, _ in RECORDS])
def test_records(spf, number):
    _, ip, result = RECORDS[number]
    assert spf(f"r{number}.example", ip)["result"] == result


@pytest.mark.parametrize(
    ("domain", "result"),
    [
        ("spfonly.example", "none"),
        ("both.example", "pass"),
        ("prefix.example", "neutral"),
        ("twice.example", "permerror"),
        ("bare.example", "neutral"),
        ("blanks.example", "pass"),
        ("tab.example", "none"),
        ("joined.example", "pass"),
        ("other8.example", "fail"),
        ("nul.example", "permerror"),
        ("high.example", "permerror"),
        ("empty.example", "none"),
        ("gone.example", "none"),
        ("silent.example", "temperror"),
        ("loop.example", "temperror"),
        ("alias.example", "pass"),
        ("example", "none"),
        ("[192.0.2.1]", "none"),
        ("a..example", "none"),
        (f"{'x' * 64}.example", "none"),
        (f"{'x' * 63}.example", "none"),
    ],
)
def test_which_record(spf, domain, result):
    assert spf(domain)["result"] == result


EXPLANATIONS = [
    ("v=spf1 -all", None),
    (
        "v=spf1 -all exp=why.example",
        (
            "203.0.113.7 is not one of ours: user@{x} user {x} {x} www-example-com in-addr "
            "203.0.113.7 unknown"
        ),
    ),
    ("v=spf1 exp=url.example -all", "http://x.example/?who=user%40{x}&what=a%20b%20c d"),
    ("v=spf1 -all EXP=WORDS.example.", "Go away."),
    ("v=spf1 -all exp=wor%%ds.example", None),
    ("v=spf1 -all exp=gone.example", None),
    ("v=spf1 -all exp=silent.example", None),
    ("v=spf1 -all exp=twowhy.example", None),
    ("v=spf1 -all exp=latin.example", None),
    ("v=spf1 -all exp=wrong.example", None),
    ("v=spf1 include:fail-why.example -all", None),
    ("v=spf1 exp=twowhy.example redirect=fail-why.example", "Go away."),
    ("v=spf1 exp=words.example -include:pass.example", "Go away."),
]


@pytest.mark.parametrize("number", range(len(EXPLANATIONS)), ids=[r for r, _ in EXPLANATIONS])
def test_explanations(spf, number):
    _, explanation = EXPLANATIONS[number]
    name = f"e{number}.example"
    document = spf(name, OTHER)
    assert document["result"] == "fail"
    assert document["explanation"] == (explanation and explanation.format(x=name))
    assert document["void_lookups"] == 0


def test_there_is_no_explanation_for_what_does_not_fail(spf):
    assert spf("pass.example")["explanation"] is None


def _limits(zone):
    """Add domains at the limits of section 4.6.4, and one beyond."""
    for count in (10, 11):
        terms = "a:many.example " * count
        zone.add(f"terms{count}.example", "TXT", f"v=spf1 {terms}-all")
        zone.add(f"mx{count}.example", "TXT", "v=spf1 mx -all")
        for host in range(count):
            zone.add(f"mx{count}.example", "MX", f"{host} h{host}.example.")
        name = f"chain{count}.example"
        zone.add(name, "TXT", f"v=spf1 include:c{count - 1}.{name} -all")
        for step in range(1, count):
            zone.add(f"c{step}.{name}", "TXT", f"v=spf1 include:c{step - 1}.{name} -all")
        zone.add(f"c0.{name}", "TXT", "v=spf1 ip4:192.0.2.1 -all")
    for host in range(11):
        zone.add(f"h{host}.example", "A", f"192.0.2.{host + 100}")
    for count in (2, 3):
        terms = " ".join(f"a:gone{n}.example" for n in range(count))
        zone.add(f"void{count}.example", "TXT", f"v=spf1 {terms} ip4:192.0.2.1 -all")
    zone.add("self.example", "TXT", "v=spf1 include:self.example -all")
    zone.add("circle.example", "TXT", "v=spf1 redirect=circle2.example")
    zone.add("circle2.example", "TXT", "v=spf1 redirect=circle.example")
    for number in range(12):
        zone.add("9.2.0.192.in-addr.arpa", "PTR", f"p{number}.ptr.example.")
        zone.add(f"p{number}.ptr.example", "A", "192.0.2.9")
    zone.add("ptrs.example", "TXT", "v=spf1 ptr:p0.ptr.example -all")


@pytest.mark.parametrize(
    ("domain", "ip", "result", "lookups"),
    [
        ("terms10.example", V4, "pass", 1),
        ("terms10.example", OTHER, "fail", 10),
        ("terms11.example", OTHER, "permerror", 10),
        ("mx10.example", "192.0.2.109", "pass", 1),
        ("mx11.example", "192.0.2.100", "permerror", 1),
        ("chain10.example", V4, "pass", 10),
        ("chain11.example", V4, "permerror", 10),
        ("void2.example", V4, "pass", 2),
        ("void3.example", V4, "permerror", 3),
        ("self.example", V4, "permerror", 10),
        ("circle.example", V4, "permerror", 10),
        ("ptrs.example", "192.0.2.9", "pass", 1),
    ],
)
def test_limits(spf, domain, ip, result, lookups):
    document = spf(domain, ip)
    assert (document["result"], document["lookups"]) == (result, lookups)


@pytest.mark.parametrize(
    ("mail_from", "helo", "domain", "result"),
    [
        ("", "pass.example", "pass.example", "pass"),
        ("@pass.example", "h.example", "pass.example", "pass"),
        ("user@pass.example", "[192.0.2.1]", "pass.example", "pass"),
        ("user", "h.example", "pass.example", "pass"),
        ('"a b"@pass.example', "h.example", "pass.example", "pass"),
    ],
)
def test_senders(spf, mail_from, helo, domain, result):
    assert spf(domain, mail_from=mail_from, helo=helo)["result"] == result


def test_silence_is_a_temperror_and_never_none():
    """Really waited for, all at once."""
    from mailgui.jobs.services import Services
    from mailgui.jobs.spf import evaluate

    zone = """
    txt.example @timeout
    a.example TXT v=spf1 a:txt.example -all
    mx.example TXT v=spf1 mx:host.example -all
    host.example MX 10 txt.example.
    before.example TXT v=spf1 ip4:192.0.2.1 a:txt.example -all
    include.example TXT v=spf1 include:txt.example -all
    exp.example TXT v=spf1 -all exp=txt.example
    ptr.example TXT v=spf1 ptr -all
    1.2.0.192.in-addr.arpa @timeout
    """
    expected = {
        "txt.example": "temperror", "a.example": "temperror", "mx.example": "temperror",
        "before.example": "pass", "include.example": "temperror", "exp.example": "fail",
        "ptr.example": "fail",
    }  # fmt: skip

    async def main(address):
        services = Services()
        try:
            reports = await asyncio.gather(
                *(evaluate(services, name, ip=V4, server=address) for name in expected)
            )
        finally:
            await services.close()
        return {name: str(r.result) for name, r in zip(expected, reports, strict=True)}

    with name_server(zone) as server:
        assert asyncio.run(main(server.address)) == expected
        assert len(server.asked) < 60
