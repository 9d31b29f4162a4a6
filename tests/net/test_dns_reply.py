import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.dns_message import parse_answer
from mailgui.net.dns_question import make_question
from mailgui.net.dns_reply import MalformedAnswer, read_reply, skim
from tests.support.name_server import NameServer, Zone

QUESTION = make_question("example.com", "A")


def response(zone: str = "", name: str = "example.com", rdtype: str = "A") -> dns.message.Message:
    query = dns.message.from_wire(make_question(name, rdtype).to_wire(7))
    return NameServer(Zone(zone)).respond(query)


def test_a_fitting_answer_is_read() -> None:
    reply = read_reply(response("example.com A 192.0.2.1").to_wire(), QUESTION, 7)
    assert reply is not None
    assert parse_answer(reply, QUESTION).records == ("192.0.2.1",)


def test_the_case_of_the_question_makes_no_difference() -> None:
    wire = response("example.com A 192.0.2.1").to_wire()
    assert read_reply(wire.replace(b"example", b"eXAmple", 1), QUESTION, 7) is not None


@pytest.mark.parametrize("number", [6, 8, 0])
def test_another_id_is_no_answer(number: int) -> None:
    assert read_reply(response().to_wire(), QUESTION, number) is None


def test_another_question_is_no_answer() -> None:
    for name, rdtype in [("example.org", "A"), ("example.com", "AAAA"), ("a.example.com", "A")]:
        assert read_reply(response("", name, rdtype).to_wire(), QUESTION, 7) is None


def test_our_own_query_coming_back_is_no_answer() -> None:
    assert read_reply(QUESTION.to_wire(7), QUESTION, 7) is None


def test_a_formerr_may_lack_the_question() -> None:
    wire = (7).to_bytes(2, "big") + b"\x80\x01" + bytes(8)
    assert read_reply(wire, QUESTION, 7) is not None
    assert read_reply(wire[:3] + b"\x02" + wire[4:], QUESTION, 7) is None  # a SERVFAIL may not


def test_too_many_records_are_refused() -> None:
    wire = response().to_wire()
    with pytest.raises(MalformedAnswer, match="60002"):
        read_reply(wire[:6] + (60000).to_bytes(2, "big") + wire[8:], QUESTION, 7)


def test_the_negative_ttl_is_the_smaller_of_ttl_and_minimum() -> None:
    assert skim(response().to_wire()).negative_ttl == 60


def test_extended_errors_and_the_whole_rcode() -> None:
    message = response()
    message.authority.clear()
    message.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "no signature")])
    message.set_rcode(dns.rcode.BADVERS)
    message.flags |= dns.flags.AD
    reply = read_reply(message.to_wire(), QUESTION, 7)
    assert reply is not None
    parsed = parse_answer(reply, QUESTION)
    assert (parsed.rcode, parsed.ad) == ("BADVERS", True)
    assert parsed.ede == ("6 Dnssec bogus: no signature",)


def test_a_name_of_pointers_without_end_is_malformed() -> None:
    wire = bytearray(response("example.com CNAME a.example.com.").to_wire())
    position = wire.index(b"\xc0\x0c")
    wire[position : position + 2] = (0xC000 | position).to_bytes(2, "big")
    reply = read_reply(bytes(wire), QUESTION, 7)
    assert reply is not None
    with pytest.raises(MalformedAnswer):
        parse_answer(reply, QUESTION)


@given(st.binary(max_size=400), st.integers(0, 5))
def test_hostile_octets_are_an_answer_or_malformed(noise: bytes, claimed: int) -> None:
    head = (7).to_bytes(2, "big") + b"\x81\x80\0\1" + bytes((0, claimed, 0, claimed, 0, claimed))
    try:
        reply = read_reply(head + QUESTION.section + noise, QUESTION, 7)
        assert reply is not None
        parse_answer(reply, QUESTION)
    except MalformedAnswer:
        pass


@given(st.data())
def test_a_damaged_answer_is_an_answer_or_malformed(data: st.DataObject) -> None:
    zone = "example.com CNAME b.example.com\nb.example.com A 192.0.2.1\nb.example.com A 192.0.2.2"
    wire = bytearray(response(zone).to_wire())
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(12 + len(QUESTION.section), len(wire) - 1))
        wire[position] = data.draw(st.integers(0, 255))
    try:
        reply = read_reply(bytes(wire), QUESTION, 7)
        assert reply is not None
        parse_answer(reply, QUESTION)
    except MalformedAnswer:
        pass
