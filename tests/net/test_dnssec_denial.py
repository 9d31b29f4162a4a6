"""Proofs that there is no DS record: which hold, and what they say."""

import base64
import time

import dns.dnssec
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm

from mailgui.net.dns_answer import Answer, AnswerStatus
from mailgui.net.dnssec_denial import denial_of_ds

ZONE = dns.name.from_text("example.")
PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = dns.dnssec.make_dnskey(PRIVATE.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
KEYS = dns.rrset.from_rdata("example.", 300, KEY)
NOW = time.time()
APEX = "NS SOA RRSIG DNSKEY NSEC3PARAM"
CUT, HOST = "NS", "A RRSIG"


def digest(name: str, iterations: int = 0) -> str:
    return dns.dnssec.nsec3_hash(name + ".", b"", iterations, 1)


def beside(text: str, by: int) -> str:
    """Return the digest that is ``by`` after another."""
    number = int.from_bytes(base64.b32hexdecode(text), "big") + by
    return base64.b32hexencode(number.to_bytes(20, "big")).decode()


def matching(name: str, types: str, *, optout: bool = False, iterations: int = 0) -> str:
    own = digest(name, iterations)
    flag = int(optout)
    return f"{own}.example. NSEC3 1 {flag} {iterations} - {beside(own, 1)} {types}"


def covering(name: str, *, optout: bool = False, algorithm: int = 1, flags: int = 0) -> str:
    own = digest(name)
    flag = flags or int(optout)
    return f"{beside(own, -1)}.example. NSEC3 {algorithm} {flag} 0 - {beside(own, 1)} {HOST}"


def answer(name: str, *records: str, signed: bool = True) -> Answer:
    response = dns.message.make_response(dns.message.make_query(name + ".", "DS"))
    for record in records:
        owner, rdtype, text = record.split(None, 2)
        rrset = dns.rrset.from_text(owner, 300, "IN", rdtype, text)
        response.authority.append(rrset)
        if signed:
            signature = dns.dnssec.sign(
                rrset, PRIVATE, ZONE, KEY, inception=NOW - 60, expiration=NOW + 3600
            )
            response.authority.append(dns.rrset.from_rdata(owner, 300, signature))
    return Answer(name, "DS", AnswerStatus.NODATA, message=response.to_wire())


def denial(name: str, *records: str, signed: bool = True) -> str:
    return denial_of_ds(answer(name, *records, signed=signed), KEYS, NOW)


@pytest.mark.parametrize(
    ("name", "records", "told"),
    [
        # The name itself.
        ("a.example", [matching("a.example", CUT)], "delegation"),
        ("a.example", [matching("a.example", HOST)], "not_a_cut"),
        ("a.example", [matching("a.example", "NS DS RRSIG")], "none"),
        ("a.example", [matching("a.example", APEX)], "none"),
        # Closest encloser and next closer name.
        ("a.example", [matching("example", APEX), covering("a.example")], "not_a_cut"),
        ("a.example", [matching("example", APEX), covering("a.example", optout=True)], "opt_out"),
        (
            "x.a.example",
            [matching("example", APEX), covering("a.example", optout=True)],
            "opt_out",
        ),
        (
            "x.a.example",
            [matching("a.example", HOST), covering("x.a.example", optout=True)],
            "opt_out",
        ),
        # What proves nothing.
        ("a.example", [covering("a.example", optout=True)], "none"),
        ("a.example", [matching("example", APEX)], "none"),
        ("a.example", [matching("example", APEX), covering("b.example", optout=True)], "none"),
        (
            "x.a.example",  # covers the name, but not the next closer one
            [matching("example", APEX), covering("x.a.example", optout=True)],
            "none",
        ),
        (
            "x.a.example",  # below a delegation
            [matching("a.example", CUT), covering("x.a.example", optout=True)],
            "none",
        ),
        (
            "x.a.example",
            [matching("a.example", "DNAME RRSIG"), covering("x.a.example")],
            "none",
        ),
        ("a.example", [matching("example", APEX), covering("a.example", flags=2)], "none"),
        ("a.example", [matching("example", APEX), covering("a.example", algorithm=2)], "none"),
        (
            "a.example",  # of two chains
            [matching("example", APEX, iterations=1), covering("a.example", optout=True)],
            "none",
        ),
        ("a.example", [matching("a.example", CUT, iterations=151)], "opt_out"),
        # NSEC
        ("a.example", ["a.example. NSEC b.example. NS RRSIG NSEC"], "delegation"),
        ("a.example", ["a.example. NSEC b.example. A RRSIG NSEC"], "not_a_cut"),
        ("a.example", ["a.example. NSEC b.example. NS SOA RRSIG NSEC"], "none"),
        ("b.example", ["a.example. NSEC c.example. A RRSIG NSEC"], "not_a_cut"),
        ("b.example", ["a.example. NSEC example. A RRSIG NSEC"], "not_a_cut"),
        ("d.example", ["a.example. NSEC c.example. A RRSIG NSEC"], "none"),
        ("x.a.example", ["a.example. NSEC c.example. NS RRSIG NSEC"], "none"),
        ("x.a.example", ["a.example. NSEC c.example. A RRSIG NSEC"], "not_a_cut"),
    ],
)
def test_what_a_proof_says(name: str, records: list[str], told: str) -> None:
    assert denial(name, *records) == told


@pytest.mark.parametrize(
    "records",
    [
        [matching("a.example", CUT)],
        [matching("example", APEX), covering("a.example", optout=True)],
        ["a.example. NSEC b.example. NS RRSIG NSEC"],
    ],
)
def test_without_signatures_nothing_is_proven(records: list[str]) -> None:
    assert denial("a.example", *records, signed=False) == "none"


def test_no_message_proves_nothing() -> None:
    empty = Answer("a.example", "DS", AnswerStatus.NODATA)
    assert denial_of_ds(empty, KEYS, NOW) == "none"
