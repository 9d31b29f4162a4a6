"""What the DNS says about TLSA records, and when it is believed."""

import asyncio

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from mailgui.net.dane import find_tlsa, is_trusted_resolver
from mailgui.net.resolver import Resolver
from tests.support.exchangers import ValidatingServer
from tests.support.name_server import NameServer, Zone

HOST = "mx.good.example"
DIGEST = "ab" * 32
ADDRESS = f"{HOST} A 127.0.0.1\n"
TLSA = f"_25._tcp.{HOST} TLSA 3 1 1 {DIGEST}\n"


def find(server, *, host=HOST, **options):
    async def main():
        async with server as names:
            resolver = Resolver(names.address, timeout=0.5)
            try:
                return await find_tlsa(host, 25, resolver, **options), names.questions("TLSA")
            finally:
                await resolver.close()

    return asyncio.run(main())


def test_validated_records_are_secure():
    answer, _ = find(ValidatingServer(ADDRESS + TLSA))
    assert (answer.status, answer.problem, answer.base) == ("secure", "", HOST)
    assert [str(record) for record in answer.records] == [f"3 1 1 {DIGEST}"]
    assert answer.usable == answer.records


def test_unsigned_records_are_insecure():
    answer, _ = find(NameServer(ADDRESS + TLSA))
    assert answer.status == "insecure"
    assert "DNSSEC" in answer.problem
    assert len(answer.records) == 1


def test_no_records():
    assert find(ValidatingServer(ADDRESS))[0].status == "none"
    assert find(NameServer(ADDRESS))[0].status == "none"


def test_the_ad_bit_of_a_resolver_that_cannot_be_believed():
    answer, _ = find(ValidatingServer(ADDRESS + TLSA), trust_ad=False)
    assert answer.status == "unknown"
    assert "anybody on the way" in answer.problem
    assert len(answer.records) == 1


@pytest.mark.parametrize(
    ("server", "trusted"),
    [
        ("127.0.0.1:53", True),
        ("127.1.2.3:5300", True),
        ("[::1]:53", True),
        ("192.168.1.1:53", False),
        ("8.8.8.8:53", False),
        ("tls://9.9.9.9:853", True),
        ("https://dns.example/dns-query", True),
        ("", False),
    ],
)
def test_which_resolvers_are_believed_unasked(server, trusted):
    assert is_trusted_resolver(server) is trusted


def test_servfail_under_a_secure_host_is_as_bad_as_bogus():
    answer, _ = find(ValidatingServer(ADDRESS + f"_25._tcp.{HOST} @servfail TLSA"))
    assert answer.status == "bogus"
    assert answer.problem.endswith(".")


def test_servfail_under_an_insecure_host_is_no_verdict():
    answer, _ = find(NameServer(ADDRESS + f"_25._tcp.{HOST} @servfail TLSA"))
    assert answer.status == "unknown"


def test_a_time_out_is_no_verdict():
    answer, _ = find(ValidatingServer(ADDRESS + f"_25._tcp.{HOST} @timeout TLSA"))
    assert answer.status == "unknown"
    assert "timeout" in answer.problem


def test_records_of_no_use_are_named():
    zone = ADDRESS + TLSA + f"_25._tcp.{HOST} TLSA 1 0 1 {DIGEST}\n"
    answer, _ = find(ValidatingServer(zone))
    assert answer.status == "secure"
    assert len(answer.records) == 2
    assert [record.usage for record in answer.usable] == [3]
    assert "Usage 1 (PKIX-EE)" in answer.problem


def test_a_secure_alias_leads_to_the_records_of_its_target():
    zone = f"{HOST} CNAME real.good.example\nreal.good.example A 127.0.0.1\n"
    zone += f"_25._tcp.real.good.example TLSA 3 1 1 {DIGEST}\n"
    answer, asked = find(ValidatingServer(zone))
    assert (answer.status, answer.base) == ("secure", "real.good.example")
    assert asked == [("_25._tcp.real.good.example", "TLSA")]


def test_an_alias_without_records_at_its_target_keeps_its_own():
    zone = f"{HOST} CNAME real.good.example\nreal.good.example A 127.0.0.1\n" + TLSA
    answer, asked = find(ValidatingServer(zone))
    assert (answer.status, answer.base) == ("secure", HOST)
    assert len(asked) == 2


def test_an_insecure_alias_is_not_followed():
    zone = f"{HOST} CNAME real.good.example\nreal.good.example A 127.0.0.1\n" + TLSA
    answer, asked = find(ValidatingServer(zone, insecure=(HOST,)))
    assert (answer.status, answer.base) == ("secure", HOST)
    assert asked == [(f"_25._tcp.{HOST}", "TLSA")]


def test_malformed_records_do_not_count():
    zone = Zone(ADDRESS)
    short = dns.rdata.GenericRdata(dns.rdataclass.IN, dns.rdatatype.TLSA, b"\x03\x01")
    zone.add_rdata(f"_25._tcp.{HOST}", dns.rdatatype.TLSA, short)
    answer, _ = find(ValidatingServer(zone))
    assert answer.usable == ()
    assert answer.status in ("unknown", "secure")
