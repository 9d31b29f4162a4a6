from pathlib import Path

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.sandbox.dns_zones import ZoneAnswerer, ZoneProblem, load_zones

ANSWERER = ZoneAnswerer(load_zones())


def ask(
    name: str, kind: str = "TXT", *, udp: bool = True, payload: int = 1232
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=0 if payload else False, payload=payload)
    answer = ANSWERER.answer(query.to_wire(), udp=udp)
    assert not answer.silent
    response = dns.message.from_wire(answer.octets)
    assert query.is_response(response)
    return response


def texts(name: str) -> list[str]:
    rrset = ask(name).answer[-1]
    return ["".join(s.decode() for s in record.strings) for record in rrset]


def test_the_good_domain_has_all_it_needs() -> None:
    assert "v=spf1 mx include:_spf.good.example -all" in texts("good.example")
    assert texts("_dmarc.good.example")[0].startswith("v=DMARC1; p=reject;")
    assert texts("default._domainkey.good.example")[0].startswith("v=DKIM1; k=rsa; p=MIIB")
    assert texts("ed25519._domainkey.good.example")[0].startswith("v=DKIM1; k=ed25519; p=")
    assert texts("_mta-sts.good.example") == ["v=STSv1; id=20261124T000000;"]
    assert texts("_smtp._tls.good.example")[0].startswith("v=TLSRPTv1; rua=mailto:")
    assert len(ask("good.example", "MX").answer[0]) == 2
    for host in ("mx1", "mx2", "mta-sts"):
        assert ask(f"{host}.good.example", "A").answer


def test_dkim_keys_have_the_lengths_that_they_are_there_for() -> None:
    from base64 import b64decode

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    lengths = {}
    for selector in ("default", "mail"):
        key = load_der_public_key(
            b64decode(texts(f"{selector}._domainkey.good.example")[0].rpartition("p=")[2])
        )
        assert isinstance(key, RSAPublicKey)
        lengths[selector] = key.key_size
    assert lengths == {"default": 2048, "mail": 2048}
    short = b64decode(texts("mail._domainkey.broken.example")[0].rpartition("p=")[2])
    assert 90 < len(short) < 100  # 512 bits
    assert texts("default._domainkey.broken.example") == ["v=DKIM1; k=rsa; p="]


def test_the_broken_domain_is_broken() -> None:
    assert sum(text.startswith("v=spf1") for text in texts("broken.example")) == 2
    assert texts("lookups.broken.example")[0].count("include:") == 11
    assert "p=" not in texts("_dmarc.broken.example")[0]
    assert ask("mail.broken.example", "A").answer[0].rdtype == dns.rdatatype.CNAME
    assert ask("gone.broken.example", "A").rcode() == dns.rcode.NXDOMAIN


def test_answers_are_authoritative_and_nothing_is_asked_on_behalf_of_others() -> None:
    response = ask("good.example")
    assert response.flags & dns.flags.AA
    assert not response.flags & dns.flags.RA


@pytest.mark.parametrize(
    "name", ["example", "example.com", ".", "evil-good.example", "good.example.com"]
)
def test_other_names_are_refused(name: str) -> None:
    response = ask(name, "A")
    assert response.rcode() == dns.rcode.REFUSED
    assert not response.flags & dns.flags.AA


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        ("good.example", "SRV", dns.rcode.NOERROR),
        ("_domainkey.good.example", "TXT", dns.rcode.NOERROR),  # it has names below it
        ("_tls.good.example", "TXT", dns.rcode.NOERROR),
        ("nothing.good.example", "A", dns.rcode.NXDOMAIN),
        ("below.www.good.example", "A", dns.rcode.NXDOMAIN),
    ],
)
def test_nothing_there_comes_with_the_soa(name: str, kind: str, rcode: dns.rcode.Rcode) -> None:
    response = ask(name, kind)
    assert response.rcode() == rcode
    assert response.answer == []
    assert [rrset.rdtype for rrset in response.authority] == [dns.rdatatype.SOA]


def test_names_are_compared_without_case() -> None:
    assert len(ask("GOOD.Example", "MX").answer[0]) == 2


def test_aliases_are_followed_inside_the_zones() -> None:
    answer = ask("www.good.example", "A").answer
    assert [rrset.rdtype for rrset in answer] == [dns.rdatatype.CNAME, dns.rdatatype.A]
    assert [r.rdtype for r in ask("www.good.example", "CNAME").answer] == [dns.rdatatype.CNAME]


def test_aliases_that_lead_out_or_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.example.zone").write_text(
        "@ 60 SOA ns h 1 1 1 1 1\n@ NS ns\nout CNAME www.example.com.\nto CNAME fro\nfro CNAME to\n"
        "gone CNAME nowhere\nover CNAME in.b.example.\n"
    )
    (tmp_path / "b.example.zone").write_text("@ 60 SOA ns h 1 1 1 1 1\n@ NS ns\nin A 192.0.2.1\n")
    answerer = ZoneAnswerer(load_zones(tmp_path))

    def answer(name: str) -> dns.message.Message:
        query = dns.message.make_query(name, "A")
        return dns.message.from_wire(answerer.answer(query.to_wire(), udp=True).octets)

    out = answer("out.a.example")
    assert (out.rcode(), len(out.answer), out.authority) == (dns.rcode.NOERROR, 1, [])
    assert answer("to.a.example").rcode() == dns.rcode.NOERROR
    assert answer("gone.a.example").rcode() == dns.rcode.NXDOMAIN
    assert answer("over.a.example").answer[1].rdtype == dns.rdatatype.A


def test_answers_too_big_for_a_datagram_are_truncated() -> None:
    small = ask("default._domainkey.good.example", payload=0)
    big = ask("good.example", "ANY", payload=0)
    assert not small.flags & dns.flags.TC or len(small.to_wire()) <= 512
    assert (
        len(
            ANSWERER.answer(
                dns.message.make_query("good.example", "ANY").to_wire(), udp=False
            ).octets
        )
        > 200
    )
    assert len(big.to_wire()) <= 512


def test_faults_on_order() -> None:
    assert ask("servfail.good.example").rcode() == dns.rcode.SERVFAIL
    truncated = ask("truncated.good.example", "A")
    assert truncated.flags & dns.flags.TC
    assert truncated.answer == []
    assert ask("truncated.good.example", "A", udp=False).answer
    silent = dns.message.make_query("silent.good.example", "A").to_wire()
    assert ANSWERER.answer(silent, udp=True).silent
    assert ANSWERER.answer(silent, udp=False).silent


def test_queries_that_are_none() -> None:
    update = dns.message.make_query("good.example", "A")
    update.set_opcode(dns.opcode.NOTIFY)
    wire = ANSWERER.answer(update.to_wire(), udp=True).octets
    assert dns.message.from_wire(wire).rcode() == dns.rcode.NOTIMP
    chaos = dns.message.make_query("good.example", "TXT", rdclass=dns.rdataclass.CH)
    wire = ANSWERER.answer(chaos.to_wire(), udp=True).octets
    assert dns.message.from_wire(wire).rcode() == dns.rcode.REFUSED
    response = dns.message.make_response(dns.message.make_query("good.example", "A"))
    assert ANSWERER.answer(response.to_wire(), udp=True).silent
    header = dns.message.make_query("good.example", "A").to_wire()[:14]
    answer = ANSWERER.answer(header, udp=True).octets
    assert answer[:2] == header[:2]
    assert answer[3] & 0xF == dns.rcode.FORMERR


@given(st.binary(max_size=80))
def test_any_octets_are_answered_or_not_but_never_raise(octets: bytes) -> None:
    answer = ANSWERER.answer(octets, udp=True)
    assert answer.silent or answer.octets[:2] == octets[:2]


@pytest.mark.parametrize("content", ["nonsense", "@ 60 SOA x\n", "@ 60 A 192.0.2.1\n", "\x00"])
def test_a_zone_file_that_is_none_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.example.zone").write_text(content)
    with pytest.raises(ZoneProblem, match=r"a\.example\.zone cannot be read"):
        load_zones(tmp_path)
