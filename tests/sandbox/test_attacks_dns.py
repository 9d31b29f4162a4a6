"""The embedded DNS server against a client that means it ill."""

import contextlib
import socket
import struct
from collections.abc import Callable

import dns.message
import dns.query
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgui.sandbox import dns_server
from mailgui.sandbox.dns_zones import ZoneAnswerer, load_zones
from mailgui.sandbox.sandbox import Sandbox
from tests.support.effort import bounded_effort

Drive = Callable[..., None]
ANSWERER = ZoneAnswerer(load_zones())
WIRE = dns.message.make_query("good.example", "MX").to_wire()
HEAD = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0)


@settings(max_examples=400)
@given(st.binary(max_size=200), st.booleans())
def test_any_octets_get_an_answer_or_none(octets: bytes, udp: bool) -> None:
    for query in (octets, HEAD + octets, WIRE + octets):
        answer = ANSWERER.answer(query, udp=udp)
        assert answer.silent or answer.octets[:2] == query[:2]
        assert len(answer.octets) <= (1232 if udp else 65_535)


@given(st.integers(0, len(WIRE) - 1), st.integers(0, 255))
def test_any_octet_may_be_another(place: int, octet: int) -> None:
    query = WIRE[:place] + bytes([octet]) + WIRE[place + 1 :]
    answer = ANSWERER.answer(query, udp=True)
    assert answer.silent or answer.octets[:2] == query[:2]


@pytest.mark.parametrize(
    "question",
    [
        b"\xc0\x0c\0\1\0\1",  # a pointer to itself
        b"\1a\xc0\x0c\0\1\0\1",  # to the name that it ends
        b"\xc0\x0e\xc0\x0c\0\1\0\1",  # two that point to one another
        b"\xff\xff\0\1\0\1",
        b"\x3f" * 255 + b"\0\0\1\0\1",
        b"\1a" * 200 + b"\0\0\1\0\1",
        b"\x80a\0\0\1\0\1",
    ],
)
def test_names_that_lead_round_in_circles(question: bytes) -> None:
    with bounded_effort():
        answer = ANSWERER.answer(HEAD + question, udp=True)
    assert answer.octets[3] & 0xF == 1  # FORMERR


def test_counts_that_promise_much_and_queries_as_big_as_can_be(drive: Drive) -> None:
    promising = struct.pack("!HHHHHH", 7, 0x0100, 65_535, 65_535, 65_535, 65_535)
    big = promising + b"\1a\xc0\x0c\0\1\0\1" * 8_000

    def work(sandbox: Sandbox) -> None:
        address = (sandbox.dns.host, sandbox.dns.port)
        with socket.create_connection(address, timeout=30) as tcp, tcp.makefile("rb") as stream:
            for query in (promising, big[:65_535], WIRE):
                tcp.sendall(struct.pack("!H", len(query)) + query)
                (length,) = struct.unpack("!H", stream.read(2))
                answer = stream.read(length)
            assert dns.message.from_wire(answer).answer

    with bounded_effort():
        drive(work)


def test_connections_without_number_and_questions_nobody_reads_the_answers_to(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns_server, "_IDLE", 0.2)
    framed = struct.pack("!H", len(WIRE)) + WIRE

    def flood(tcp: socket.socket) -> None:
        while True:
            tcp.sendall(framed * 1_000)

    def work(sandbox: Sandbox) -> None:
        address = (sandbox.dns.host, sandbox.dns.port)
        with contextlib.ExitStack() as held:
            for _ in range(dns_server.MAX_CONNECTIONS + 20):
                held.enter_context(socket.create_connection(address, timeout=30))
            tcp = socket.socket()
            held.enter_context(tcp)
            tcp.settimeout(30)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            tcp.connect(address)
            with pytest.raises(OSError, match=r"reset|pipe"):
                flood(tcp)
        found = dns.query.udp(
            dns.message.make_query("good.example", "MX"), address[0], port=address[1], timeout=30
        )
        assert found.answer

    drive(work)
