"""A name server that misbehaves: each question ends in the right status, after few questions."""

import asyncio
from collections.abc import Callable, Iterable

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.net.dns_answer import Answer
from mailgui.net.dns_message import ParsedAnswer, parse_answer
from mailgui.net.dns_question import Question, make_question
from mailgui.net.dns_reply import MalformedAnswer, read_reply
from mailgui.net.resolver import Resolver
from tests.support.name_server import NameServer, Zone

NAME = "a.example"
Handler = Callable[[dns.message.Message, bool], Iterable[bytes]]
MOST = 6  # questions for one answer: three rounds, each by UDP and by TCP


def ask(
    handler: Handler | None = None,
    *,
    zone: Zone | str = "",
    name: str = NAME,
    rdtype: str = "A",
    timeout: float = 60,
    signed: bool = False,
) -> tuple[Answer, list[tuple[str, str, str]]]:
    """Return the answer, and what the server was asked."""

    async def main() -> tuple[Answer, list[tuple[str, str, str]]]:
        async with NameServer(zone, handler=handler) as server:
            resolver = Resolver(server.address, timeout=timeout)
            try:
                return await resolver.ask(name, rdtype, signed=signed), server.asked
            finally:
                await resolver.close()

    return asyncio.run(main())


def response(query: dns.message.Message, *records: str, rcode: int = 0) -> dns.message.Message:
    """Return an answer with records in zone-file form: ``name TTL IN TYPE data``."""
    made = dns.message.make_response(query, recursion_available=True)
    made.set_rcode(dns.rcode.Rcode.make(rcode))
    for record in records:
        owner, ttl, rdclass, rdtype, data = record.split(None, 4)
        rrset = dns.rrset.from_text(owner, int(ttl), rdclass, rdtype, data)
        made.answer.append(rrset)
    return made


FOUND = f"{NAME}. 300 IN A 192.0.2.1"


def header(query: dns.message.Message, answers: int, rest: bytes, *, flags: int = 0x8180) -> bytes:
    """Return a message made by hand: the question, then ``rest`` as ``answers`` records."""
    question = query.question[0].name.to_wire() + int(query.question[0].rdtype).to_bytes(2, "big")
    counts = b"\0\1" + answers.to_bytes(2, "big") + bytes(4)
    head = query.id.to_bytes(2, "big") + flags.to_bytes(2, "big") + counts
    return head + question + b"\0\1" + rest


def fixed(octets: bytes, rdtype: int = 1, ttl: int = 300, owner: bytes = b"\xc0\x0c") -> bytes:
    """Return one record of class IN; its owner is by default the question's name."""
    return (
        owner + rdtype.to_bytes(2, "big") + b"\0\1" + ttl.to_bytes(4, "big")
        + len(octets).to_bytes(2, "big") + octets
    )  # fmt: skip


A = fixed(bytes([192, 0, 2, 1]))
WIRES: dict[str, tuple[Callable[[dns.message.Message], list[bytes]], str]] = {
    "another id, then the right one": (
        lambda q: [bytes([q.id >> 8 ^ 1]) + header(q, 1, A)[1:], header(q, 1, A)],
        "found",
    ),
    "a query in place of a response": (
        lambda q: [header(q, 1, A, flags=0x0180), header(q, 1, A)],
        "found",
    ),
    "another opcode": (lambda q: [header(q, 1, A, flags=0xA180), header(q, 1, A)], "found"),
    "too short": (lambda q: [b"", b"\0" * 11, header(q, 1, A)], "found"),
    "two answers, the second one forged": (
        lambda q: [header(q, 1, A), header(q, 1, fixed(bytes([6, 6, 6, 6])))],
        "found",
    ),
    "the question in other letters": (
        lambda q: [header(q, 1, A).replace(b"\1a\7example", b"\1A\7eXAMPle")],
        "found",
    ),
    "octets behind the end": (lambda q: [header(q, 1, A) + b"\xff" * 99], "found"),
    "more answers claimed than there are": (lambda q: [header(q, 9, A)], "failed"),
    "tens of thousands claimed": (lambda q: [header(q, 65535, A)], "failed"),
    "a record that goes beyond the end": (
        lambda q: [header(q, 1, A[:-6] + b"\xff\xff" + A[-4:])],
        "failed",
    ),
    "an address of three octets": (lambda q: [header(q, 1, fixed(b"\1\2\3"))], "failed"),
    "a bad record beside a good one": (lambda q: [header(q, 2, fixed(b"\1\2\3") + A)], "found"),
    "an address of somebody else": (
        lambda q: [header(q, 1, fixed(bytes([6, 6, 6, 6]), owner=b"\4evil\7example\0"))],
        "nodata",
    ),
    "an address of another class": (
        lambda q: [header(q, 1, b"\xc0\x0c\0\1\0\3" + A[6:])],
        "nodata",
    ),
    "an owner that points to itself": (
        lambda q: [(m := header(q, 1, b"")) + fixed(b"\1\2\3\4", owner=_pointer(len(m)))],
        "failed",
    ),
    "an owner that points ahead": (
        lambda q: [(m := header(q, 1, b"")) + fixed(b"\1\2\3\4", owner=_pointer(len(m) + 600))],
        "failed",
    ),
    "a label of an unknown kind": (
        lambda q: [header(q, 1, fixed(b"\1\2\3\4", owner=b"\x80\0"))],
        "failed",
    ),
    "a name that is longer than names may be": (
        lambda q: [header(q, 1, fixed(b"\1\2\3\4", owner=(b"\x3f" + b"x" * 63) * 5 + b"\0"))],
        "failed",
    ),
    "a CNAME that points to itself": (
        lambda q: [header(q, 1, fixed(_pointer(len(header(q, 0, b"")) + 12), rdtype=5))],
        "failed",
    ),
    "an unknown rcode": (lambda q: [header(q, 0, b"", flags=0x818B)], "failed"),
    "addresses beside SERVFAIL": (lambda q: [header(q, 1, A, flags=0x8182)], "servfail"),
    "addresses beside NXDOMAIN": (lambda q: [header(q, 1, A, flags=0x8183)], "nxdomain"),
    "addresses beside REFUSED": (lambda q: [header(q, 1, A, flags=0x8185)], "refused"),
    "nothing at all, without an SOA": (lambda q: [header(q, 0, b"")], "nodata"),
}


def _pointer(place: int) -> bytes:
    return (0xC000 | place).to_bytes(2, "big")


@pytest.mark.parametrize("what", WIRES)
def test_messages(what: str) -> None:
    make, status = WIRES[what]
    answer, asked = ask(lambda query, _tcp: make(query))
    assert answer.status == status
    assert answer.records == (("192.0.2.1",) if status == "found" else ())
    assert len(asked) <= MOST
    if status not in ("found", "nodata", "nxdomain"):
        assert answer.reason.endswith(".")


def test_a_hundred_names_that_point_to_each_other() -> None:
    """A message of pointers to pointers: each name is followed for a bounded way."""

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        message = header(query, 100, b"")
        start = len(message)
        for index in range(100):
            message += fixed(b"\1\2\3\4", owner=_pointer(start + 16 * ((index + 1) % 100)))
        return [message]

    answer, asked = ask(handler)
    assert (answer.status, len(asked)) == ("failed", 1)


def test_a_referral_is_not_absence() -> None:
    """A lame delegation, or a name that is delegated further: RFC 2308, section 2.2."""

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = dns.message.make_response(query)
        made.authority.append(dns.rrset.from_text("example.", 300, "IN", "NS", "ns.example."))
        made.additional.append(dns.rrset.from_text("ns.example.", 300, "IN", "A", "192.0.2.53"))
        return [made.to_wire()]

    answer, asked = ask(handler)
    assert (answer.status, len(asked)) == ("failed", 1)
    assert "refers to others" in answer.reason


def test_after_a_referral_the_next_server_is_asked() -> None:
    def lame(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = dns.message.make_response(query)
        made.authority.append(dns.rrset.from_text(".", 300, "IN", "NS", "a.root-servers.net."))
        return [made.to_wire()]

    async def main() -> None:
        async with NameServer(handler=lame) as first, NameServer(f"{NAME} A 192.0.2.1") as second:
            resolver = Resolver(f"{first.address},{second.address}")
            answer = await resolver.ask(NAME, "A")
            await resolver.close()
            assert (answer.status, answer.server) == ("found", second.address)
            assert len(first.asked) == 1

    asyncio.run(main())


@pytest.mark.parametrize("aa", [True, False])
def test_that_there_is_nothing_may_come_with_the_zones_servers(aa: bool) -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = dns.message.make_response(query)
        made.authority.append(dns.rrset.from_text("example.", 300, "IN", "NS", "ns.example."))
        if aa:
            made.flags |= dns.flags.AA
        else:
            soa = "ns.example. h.example. 1 2 3 4 5"
            made.authority.append(dns.rrset.from_text("example.", 300, "IN", "SOA", soa))
        return [made.to_wire()]

    assert ask(handler)[0].status == "nodata"


@pytest.mark.parametrize("payload", [513, 1400, 4096, 8000])
def test_an_answer_larger_than_was_asked_for_is_taken(payload: int) -> None:
    zone = Zone().add_txt(NAME, *[b"x" * 250] * (payload // 251 + 1))

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        return [NameServer(zone).respond(query).to_wire(max_size=65535)]

    answer, asked = ask(handler, rdtype="TXT")
    assert answer.status == "found"
    assert [road for _, _, road in asked] == ["udp"]


def test_a_text_of_sixty_thousand_octets() -> None:
    answer, asked = ask(zone=Zone().add_txt(NAME, *[b"x" * 255] * 240), rdtype="TXT")
    assert len(answer.records[0]) == 255 * 240
    assert [road for _, _, road in asked] == ["udp", "tcp"]


def test_a_hundred_mail_hosts() -> None:
    zone = "\n".join(f"{NAME} MX {number} m{number}.{NAME}." for number in range(100))
    assert len(ask(zone=zone, rdtype="MX")[0].records) == 100


@pytest.mark.parametrize("fault", ["truncate_always", "garbage", "servfail", "refused"])
def test_faults_cost_few_questions(fault: str) -> None:
    answer, asked = ask(zone=f"{NAME} @{fault}\n{NAME} A 192.0.2.1")
    assert not answer.conclusive
    assert answer.reason.endswith(".")
    assert len(asked) <= MOST


def test_servfail_for_one_type_only() -> None:
    zone = f"{NAME} @servfail TXT\n{NAME} A 192.0.2.1\n{NAME} TXT hello"
    assert ask(zone=zone, rdtype="TXT")[0].status == "servfail"
    assert ask(zone=zone, rdtype="A")[0].status == "found"
    assert ask(zone=zone, rdtype="MX")[0].status == "nodata"


@pytest.mark.parametrize(
    ("ttl", "kept"), [(0, False), (1, True), (2**31 - 1, True), (2**31, False), (2**32 - 1, False)]
)
def test_ttls_at_their_ends(ttl: int, kept: bool) -> None:
    async def main() -> None:
        def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
            return [header(query, 1, fixed(b"\1\2\3\4", ttl=ttl))]

        async with NameServer(handler=handler) as server:
            resolver = Resolver(server.address, clock=lambda: 1000.0)
            answers = [await resolver.ask(NAME, "A") for _ in range(2)]
            await resolver.close()
            assert [answer.cached for answer in answers] == [False, kept]
            assert answers[0].ttl is not None
            assert 0 <= answers[0].ttl < 2**31

    asyncio.run(main())


def test_a_dname_with_the_cname_that_it_makes() -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = response(
            query,
            "example. 300 IN DNAME example.net.",
            f"{NAME}. 300 IN CNAME a.example.net.",
            "a.example.net. 300 IN A 192.0.2.1",
        )
        return [made.to_wire()]

    answer, asked = ask(handler)
    assert (answer.status, answer.cname, len(asked)) == ("found", ("a.example.net",), 1)


def test_a_dname_without_the_cname_is_not_absence() -> None:
    """Servers must make the CNAME (RFC 6672, section 3.1); one that does not is broken."""
    answer, asked = ask(lambda q, _: [response(q, "example. 300 IN DNAME example.net.").to_wire()])
    assert (answer.status, len(asked)) == ("failed", 1)
    assert "DNAME" in answer.reason


def test_a_dname_that_leads_to_itself() -> None:
    """Every answer makes the name longer, until there is no such name."""

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        name = query.question[0].name
        longer = name.relativize(dns.name.from_text("example.")).derelativize(
            dns.name.from_text("x.example.")
        )
        return [response(query, f"{name} 300 IN CNAME {longer}").to_wire()]

    answer, asked = ask(handler)
    assert answer.status == "failed"
    assert len(asked) <= 14


def test_two_cnames_at_one_name() -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = response(query, f"{NAME}. 9 IN CNAME b.example.", f"{NAME}. 9 IN CNAME c.example.")
        made.answer.append(dns.rrset.from_text("b.example.", 9, "IN", "A", "192.0.2.1"))
        return [made.to_wire()]

    answer, asked = ask(handler)
    assert answer.status == "found"
    assert len(asked) == 1


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP"])
def test_a_server_that_refuses_edns_is_asked_without(rcode: str) -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        if query.edns >= 0:
            made = dns.message.make_response(query)
            made.use_edns(-1)
            made.set_rcode(dns.rcode.from_text(rcode))
            return [made.to_wire()]
        return [response(query, FOUND).to_wire()]

    answer, asked = ask(handler)
    assert (answer.status, len(asked)) == ("found", 2)


def test_a_server_that_refuses_without_edns_as_well() -> None:
    answer, asked = ask(lambda q, _: [response(q, rcode=dns.rcode.FORMERR).to_wire()])
    assert answer.status == "failed"
    assert len(asked) == 2
    assert "FORMERR" in answer.reason


def test_badvers() -> None:
    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        made = dns.message.make_response(query)
        made.set_rcode(dns.rcode.BADVERS)
        return [made.to_wire()]

    answer, asked = ask(handler)
    assert (answer.status, len(asked)) == ("failed", 1)


TCP: dict[str, tuple[list[bytes], str]] = {
    "nothing": ([], "timeout"),
    "an empty message": ([b""], "timeout"),
    "octets that are no message": ([b"\xff" * 20], "timeout"),
}


@pytest.mark.parametrize("what", TCP)
def test_by_tcp(what: str) -> None:
    messages, status = TCP[what]

    def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
        return messages if tcp else [header(query, 0, b"", flags=0x8380)]

    answer, asked = ask(handler, timeout=0.4)
    assert answer.status == status
    assert len(asked) <= MOST


class Slow(NameServer):
    """Truncates every answer; by TCP it sends octet by octet, for ever, or closes in the middle."""

    def __init__(self, *, closes: bool) -> None:
        super().__init__()
        self._closes = closes
        self.connections = 0

    async def answer(self, wire: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(wire)
        self.asked.append((str(query.question[0].name), "A", "udp"))
        return [header(query, 0, b"", flags=0x8380)]

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await reader.readexactly(2)
            writer.write(b"\xff\xff")
            while not self._closes:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.mark.parametrize(("closes", "status"), [(False, "timeout"), (True, "failed")])
def test_a_stream_that_drips_or_breaks_off(closes: bool, status: str) -> None:
    async def main() -> None:
        async with Slow(closes=closes) as server:
            resolver = Resolver(server.address, timeout=0.5)
            answer = await resolver.ask(NAME, "A")
            await resolver.close()
            assert answer.status == status
            assert answer.reason.endswith(".")
            assert server.connections <= 3
            assert len(server.asked) <= 3

    asyncio.run(main())


def parsed(wire: bytes, question: Question) -> ParsedAnswer | None:
    """Return what a message says; None where it is refused, which takes one sentence."""
    try:
        reply = read_reply(wire, question, 7)
        return None if reply is None else parse_answer(reply, question)
    except MalformedAnswer as error:
        sentence = str(error)
    assert sentence.endswith(".")
    return None


TYPES = ("A", "AAAA", "TXT", "MX", "PTR", "TLSA", "CAA", "DNSKEY", "DS", "SOA", "SPF")


@given(
    rest=st.binary(max_size=600), answers=st.integers(0, 20), flags=st.integers(0, 0xFFFF),
    rdtype=st.sampled_from(TYPES),
)  # fmt: skip
def test_no_message_makes_it_crash(rest: bytes, answers: int, flags: int, rdtype: str) -> None:
    question = make_question(NAME, rdtype)
    query = dns.message.from_wire(question.to_wire(7))
    parsed(header(query, answers, rest, flags=flags | 0x8000), question)


@given(
    records=st.lists(st.binary(max_size=80), max_size=6), signed=st.booleans(),
    rdtype=st.sampled_from(TYPES),
)  # fmt: skip
def test_no_record_makes_it_crash(records: list[bytes], signed: bool, rdtype: str) -> None:
    question = make_question(NAME, rdtype, signed=signed)
    query = dns.message.from_wire(question.to_wire(7))
    body = b"".join(fixed(record, rdtype=question.rdtype) for record in records)
    found = parsed(header(query, len(records), body), question)
    assert found is None or len(found.records) <= len(records)
