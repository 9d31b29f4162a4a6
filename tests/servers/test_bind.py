"""BIND serves the zones that a test gives it."""

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.servers.process import ServerFault

LONG = "a" * 255
ZONES = {
    "good.example": f"""
@ IN MX 10 mail
mail IN A 192.0.2.1
@ IN TXT "v=spf1 mx -all"
_dmarc IN TXT "v=DMARC1; p=reject"
long IN TXT ( "{LONG}" "{LONG}" )
""",
    "other.example": "@ IN A 192.0.2.2",
}


@pytest.fixture(scope="module")
def bind(start_bind):
    return start_bind(ZONES)


def ask(server, name, rdtype, way=dns.query.udp):
    return way(dns.message.make_query(name, rdtype), server.host, timeout=10, port=server.port)


def test_answers(bind):
    assert ask(bind, "good.example", "TXT").answer[0][0].strings == (b"v=spf1 mx -all",)
    assert ask(bind, "good.example", "MX").answer[0][0].preference == 10
    assert ask(bind, "other.example", "A").answer[0][0].address == "192.0.2.2"


def test_no_such_name_and_no_such_data_are_told_apart(bind):
    missing = ask(bind, "nothing.good.example", "TXT")
    empty = ask(bind, "mail.good.example", "TXT")
    assert missing.rcode() == dns.rcode.NXDOMAIN
    assert (empty.rcode(), empty.answer) == (dns.rcode.NOERROR, [])


def test_a_zone_that_it_does_not_have_is_refused(bind):
    assert ask(bind, "elsewhere.example", "A").rcode() == dns.rcode.REFUSED


def test_tcp(bind):
    assert ask(bind, "good.example", "TXT", way=dns.query.tcp).rcode() == dns.rcode.NOERROR


def test_options_of_a_test(start_bind):
    server = start_bind({"small.example": ZONES["good.example"]}, "max-udp-size 512;")
    answer = ask(server, "long.small.example", "TXT", way=dns.query.tcp)
    assert [len(text) for text in answer.answer[0][0].strings] == [255, 255]


def test_a_zone_with_a_fault_is_named(start_bind, monkeypatch):
    monkeypatch.setattr("tests.servers.process.PATIENCE", 1.0)
    with pytest.raises(ServerFault, match=r"not a valid IP|bad dotted quad"):
        start_bind({"wrong.example": "@ IN A 1.2.3.4.5"})
