import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.dns_question import make_question, wire_name


@pytest.mark.parametrize("rdtype", ["A", "TXT", "MX", "CAA", "TLSA", "HTTPS", "TYPE65280"])
@pytest.mark.parametrize("edns", [True, False])
def test_the_message_is_what_dnspython_reads(rdtype: str, edns: bool) -> None:
    message = dns.message.from_wire(make_question("A.example.com.", rdtype).to_wire(77, edns=edns))
    assert message.id == 77
    assert message.question[0].name.to_text() == "a.example.com."
    assert message.question[0].rdtype == dns.rdatatype.from_text(rdtype)
    assert (message.edns, message.payload) == ((0, 1232) if edns else (-1, 0))
    assert dns.flags.to_text(message.flags) == "RD AD"


def test_unusual_octets_are_labels_like_any_other() -> None:
    assert wire_name("a\\b (c);x.d:e") == b"\x09a\\b (c);x\x03d:e\0"


def test_u_labels_become_a_labels() -> None:
    assert wire_name("bücher.example") == b"\x0dxn--bcher-kva\x07example\0"


def test_the_root() -> None:
    assert wire_name(".") == wire_name("") == b"\0"


@pytest.mark.parametrize(
    "name", ["a..b", "a..", ".a", "x" * 64 + ".b", ".".join(["abcdefgh"] * 29), "\u2028.b"]
)
def test_a_name_that_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        wire_name(name)


def test_the_longest_name() -> None:
    assert len(wire_name(".".join(["x" * 63] * 3 + ["y" * 61]))) == 255


@pytest.mark.parametrize("rdtype", ["", "NONSENSE", "A B", "TYPE99999999", "тип"])
def test_a_type_that_does_not_exist(rdtype: str) -> None:
    with pytest.raises(ValueError, match="not a type"):
        make_question("example.com", rdtype)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_a_sentence(text: str) -> None:
    try:
        wire = wire_name(text)
    except ValueError:
        return
    assert len(wire) <= 255
