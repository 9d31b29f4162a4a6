"""Received messages made to keep their reader busy, or to bring it down."""

import base64
import hashlib

import pytest

from mailgui.domain.arc_sets import gather
from mailgui.domain.dkim_explain import explain_body, explain_header
from mailgui.domain.dkim_key import parse_key
from mailgui.domain.dkim_lookup import find_keys
from mailgui.domain.dkim_signature import parse_signature
from mailgui.domain.verify_header import header_findings
from mailgui.domain.verify_message import verify
from mailgui.domain.verify_sender import author_domains, find_clues
from mailgui.message.raw_message import Field, read_raw
from mailgui.message.received_hops import read_hops
from tests.support.asking import against
from tests.support.effort import bounded_effort
from tests.support.name_server import Zone
from tests.support.signing import MESSAGE, record, rsa_key

MEGABYTE = 1_000_000
NESTED = ["(" * MEGABYTE, "a:" * (MEGABYTE // 2), "<" * MEGABYTE, "(a:" * 300_000]


def signed(headers: str, body: bytes, hashed: bytes | None = None, more: str = "") -> bytes:
    digest = base64.b64encode(hashlib.sha256(body if hashed is None else hashed).digest()).decode()
    value = base64.b64encode(b"x" * 256).decode()
    return (
        f"DKIM-Signature: v=1; a=rsa-sha256; d=good.example; s=s1; c=relaxed/relaxed; bh={digest};"
        f" b={value}; h={headers}{more}\r\n"
    ).encode()


def message(*fields: bytes, body: bytes = b"x\r\n") -> bytes:
    return b"From: a@good.example\r\n" + b"".join(fields) + b"\r\n" + body


@pytest.mark.parametrize("tags", ["a=;" * 300_000, "".join(f"a{n}=;" for n in range(100_000))])
def test_a_signature_of_many_tags(tags: str) -> None:
    with bounded_effort():
        read = parse_signature(Field(b"dkim-signature", b"DKIM-Signature: " + tags.encode()))
    assert read.faults


@pytest.mark.parametrize(
    "value", ["i=" + " " * MEGABYTE + "x y", "i=1" + "(a) " * 300_000 + "y", "i=1" + "(" * MEGABYTE]
)
def test_arc_results_that_go_on(value: str) -> None:
    made = read_raw(message(f"ARC-Authentication-Results: {value}\r\n".encode()))
    with bounded_effort():
        assert gather(made).fault


@pytest.mark.parametrize("text", NESTED)
def test_addresses_within_each_other(text: str) -> None:
    made = read_raw(f"From: {text}\r\nReply-To: {text}\r\nSender: {text}\r\n\r\nx".encode())
    with bounded_effort():
        assert author_domains(made) == ()
        assert find_clues(made, ()).mail_from.value is None
        header_findings(made, ())


def test_authors_beyond_count() -> None:
    many = ", ".join(f"a@b{n}.example" for n in range(100_000))
    made = read_raw(f"From: {many}\r\n\r\nx".encode())
    with bounded_effort():
        assert author_domains(made) == ()


@pytest.mark.parametrize("text", NESTED)
def test_a_whole_verification_of_nested_addresses(text: str) -> None:
    octets = f"From: {text}\r\nDate: {text}\r\nReceived: {text}; {text}\r\n\r\nx".encode()
    report = against(Zone(), lambda resolver: verify(octets, resolver=resolver))
    assert report.dmarc.result == "permerror"


def test_hops_of_brackets() -> None:
    made = read_raw(message(*[b"Received: " + b"(" * 9_000 + b"\r\n"] * 300))
    with bounded_effort():
        assert len(read_hops(made.all("received"))) == 300


@pytest.mark.parametrize("count", [5_000, 40])
def test_subjects_to_try_without_end(count: int) -> None:
    """Whoever signs chooses how much there is to try: each try is a signature checked."""
    text = b"Subject: [tag] " + b"a" * (4 * MEGABYTE // count) + b"\r\n"
    signature = signed(":".join(["from", *["subject"] * count]), b"x\r\n")
    made = read_raw(message(signature, *[text] * count))
    read = parse_signature(made.all("dkim-signature")[0])
    assert not read.faults
    with bounded_effort():
        assert explain_header(made, read, parse_key(record(rsa_key()))) == ""


def test_copies_to_compare_without_end() -> None:
    copies = "|".join(["x:" + "a" * 5_000] * 40)
    signature = signed("from", b"x\r\n", more=f"; z={copies}")
    made = read_raw(message(signature, *[b"X: y\r\n"] * 4_900))
    read = parse_signature(made.all("dkim-signature")[0])
    with bounded_effort():
        explain_header(made, read, parse_key(record(rsa_key())))


@pytest.mark.parametrize("line", [b"--\r\n", b"a\r\n"])
@pytest.mark.parametrize("size", [250_000, 8 * MEGABYTE])
def test_bodies_to_try_without_end(line: bytes, size: int) -> None:
    body = line * (size // len(line))
    made = read_raw(message(signed("from", body, b"other"), body=body))
    read = parse_signature(made.all("dkim-signature")[0])
    with bounded_effort():
        assert explain_body(made, read) == ""


def test_keys_beyond_count() -> None:
    zone = Zone()
    for number in range(100):
        zone.add("s1._domainkey.good.example", "TXT", f"v=DKIM1; n={number}; p=AAAA")
    found = against(zone, lambda resolver: find_keys("s1._domainkey.good.example", resolver))
    assert len(found.keys) == len(found.records) <= 10


def test_the_good_message_is_still_one() -> None:
    assert author_domains(read_raw(MESSAGE)) == ("good.example",)


@pytest.mark.parametrize("flood", [b"Received: by x; Mon, 1 Jan 2024 00:00:00 +0000\r\n"])
@pytest.mark.parametrize("count", [5_001, 30_000])
def test_a_flood_of_fields_hides_no_author_and_is_told(flood: bytes, count: int) -> None:
    octets = flood * count + b" folded\r\nFrom: a@good.example\r\n (folded)\r\nDate: x\r\n\r\nx"
    with bounded_effort():
        made = read_raw(octets)
        assert author_domains(made) == ("good.example",)
        found = {finding.id: finding for finding in header_findings(made, ())}
    assert made.left_out == count - 5_000
    assert "verify.missing.from" not in found
    assert "verify.form.junk" not in found
    title = f"The header has {count + 2:,} fields"
    assert found["verify.form.too_many_fields"].title == title


def test_a_flood_of_names_has_a_bound() -> None:
    octets = b"".join(b"X-%d: y\r\n" % number for number in range(30_000))
    made = read_raw(octets + b"\r\n")
    assert (len(made.fields), made.left_out) == (10_000, 20_000)
