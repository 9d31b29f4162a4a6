import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.dns_records import present, read_labels, read_strings
from mailgui.net.dns_reply import MalformedAnswer, RawRecord, skim


def raw(text: str, rdtype: str) -> tuple[bytes, RawRecord]:
    message = dns.message.make_response(dns.message.make_query("example.com", rdtype))
    message.answer.append(dns.rrset.from_text("example.com.", 60, "IN", rdtype, text))
    wire = message.to_wire()
    return wire, skim(wire).answers[0]


@pytest.mark.parametrize(
    ("rdtype", "text"),
    [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("AAAA", "::ffff:192.0.2.1"),
        ("MX", "10 mx.Other.net."),
        ("MX", "0 ."),
        ("PTR", "a_b-c.example.com."),
        ("NS", "ns.example.com."),
        ("CNAME", r"with\032space.example."),
        ("MX", r"5 do\.t.example."),
        ("SRV", "1 2 3 target.example."),
        ("TLSA", "3 1 1 " + "ab" * 32),
        ("CAA", '0 issue "ca.example"'),
        ("SOA", "ns.example.com. hostmaster.example.com. 1 2 3 4 5"),
    ],
)
def test_records_stand_as_the_library_writes_them(rdtype: str, text: str) -> None:
    assert present(*raw(text, rdtype)) == text


def test_the_strings_of_a_text() -> None:
    wire, record = raw(r'"a b" "\200"', "TXT")
    assert read_strings(wire, record) == (b"a b", b"\xc8")
    assert present(wire, record) == r"a b\xc8"


@pytest.mark.parametrize("data", [b"", b"\5ab"])
def test_a_text_whose_strings_do_not_fit(data: bytes) -> None:
    with pytest.raises(ValueError, match="TXT record"):
        read_strings(data, RawRecord(0, 16, 0, 0, len(data)))


@pytest.mark.parametrize("wire", [b"\xc0\0", b"\x80\0", b"\1a\xc0\0", b"\3ab", b"\xc0", b"\x3fa"])
def test_a_name_that_is_none(wire: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read_labels(wire, 0)


def test_a_name_longer_than_names_are() -> None:
    with pytest.raises(MalformedAnswer, match="does not end"):
        read_labels(b"\x3f" + b"a" * 63 + b"\xc0\0", 0)


@given(st.binary(max_size=80), st.sampled_from([1, 2, 5, 12, 15, 16, 28, 52, 257, 46, 48, 65280]))
def test_whatever_octets_are_a_text_or_an_error(wire: bytes, rdtype: int) -> None:
    try:
        assert isinstance(present(wire, RawRecord(0, rdtype, 0, 0, len(wire))), str)
    except (ValueError, MalformedAnswer):
        assert True
