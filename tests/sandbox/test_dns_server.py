import asyncio
import socket
import struct
from collections.abc import Callable

import dns.message
import dns.query
import dns.rcode
import pytest

from mailgui.net.stream import Endpoint
from mailgui.sandbox import dns_server
from mailgui.sandbox.dns_server import DnsServer
from mailgui.sandbox.dns_zones import ZoneAnswerer, load_zones
from mailgui.sandbox.sandbox import Sandbox

Drive = Callable[..., None]


def query(name: str = "good.example", kind: str = "MX") -> dns.message.QueryMessage:
    return dns.message.make_query(name, kind)


def test_udp_and_tcp_on_one_port(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        where = {"where": sandbox.dns.host, "port": sandbox.dns.port, "timeout": 20}
        for ask in (dns.query.udp, dns.query.tcp):
            assert len(ask(query(), **where).answer[0]) == 2
            assert ask(query("example.com"), **where).rcode() == dns.rcode.REFUSED
        answer, by_tcp = dns.query.udp_with_fallback(query("truncated.good.example", "A"), **where)
        assert by_tcp
        assert answer.answer

    drive(work)


def test_several_questions_in_one_connection_and_in_one_packet(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        wire = query().to_wire()
        framed = struct.pack("!H", len(wire)) + wire
        with socket.create_connection((sandbox.dns.host, sandbox.dns.port), timeout=20) as tcp:
            tcp.sendall(framed * 3)
            with tcp.makefile("rb") as stream:
                for _ in range(3):
                    (length,) = struct.unpack("!H", stream.read(2))
                    assert dns.message.from_wire(stream.read(length)).answer

    drive(work)


def test_garbage_and_half_questions_harm_nobody(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        address = (sandbox.dns.host, sandbox.dns.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for octets in (b"", b"x", b"\xff" * 600):
                udp.sendto(octets, address)
        for octets in (b"", b"\0", b"\xff\xff", b"\0\3abc", b"\0\0"):
            with socket.create_connection(address, timeout=20) as tcp:
                tcp.sendall(octets)
        found = dns.query.udp(query(), address[0], port=address[1], timeout=20)
        assert found.answer

    drive(work)


def test_connections_left_open_are_closed_at_the_end(drive: Drive) -> None:
    open_ones: list[socket.socket] = []

    def work(sandbox: Sandbox) -> None:
        for octets in (b"", b"\0\x40abc"):
            tcp = socket.create_connection((sandbox.dns.host, sandbox.dns.port), timeout=20)
            tcp.sendall(octets)
            open_ones.append(tcp)
        answer = dns.query.tcp(query(), sandbox.dns.host, port=sandbox.dns.port, timeout=20)
        assert answer.answer

    drive(work)
    for tcp in open_ones:
        with tcp:
            assert tcp.recv(1) == b""


def test_ipv6_and_a_connection_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_server, "MAX_CONNECTIONS", 1)

    async def main() -> None:
        server = DnsServer(ZoneAnswerer(load_zones()))
        await server.start(Endpoint("::1", 0))
        port = server.endpoint.port
        _, first = await asyncio.open_connection("::1", port)
        reader, second = await asyncio.open_connection("::1", port)
        assert await reader.read() == b""
        await server.stop()
        await server.stop()
        for writer in (first, second):
            writer.close()
            await asyncio.wait({asyncio.ensure_future(writer.wait_closed())})

    asyncio.run(main())


def test_a_port_that_is_taken_for_udp_only() -> None:
    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            server = DnsServer(ZoneAnswerer(load_zones()))
            with pytest.raises(OSError, match="in use"):
                await server.start(Endpoint("127.0.0.1", port))
            await server.stop()

    asyncio.run(main())
