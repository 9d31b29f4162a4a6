import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mailgui.net import dns_udp
from mailgui.net.dns_address import ServerAddress
from mailgui.net.dns_question import make_question
from mailgui.net.dns_reply import Reply
from mailgui.net.dns_udp import Outcome, UdpSockets
from mailgui.net.errors import NetworkFault


class Server(asyncio.DatagramProtocol):
    """Answers every question with its own octets as a reply, and notes where it came from."""

    def __init__(self) -> None:
        self.peers: list[tuple[str, int]] = []
        self.heard: list[bytes] = []
        self.answer = lambda data: [data[:2] + b"\x81\x83" + data[4:]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peers.append(addr)
        self.heard.append(data)
        for octets in self.answer(data):
            self.transport.sendto(octets, addr)  # type: ignore[attr-defined]


def with_server(work: Callable[[Server, UdpSockets], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        transport, server = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        sockets = UdpSockets(ServerAddress("udp", "127.0.0.1", port))
        await sockets.open()
        try:
            await work(server, sockets)
        finally:
            sockets.close()
            transport.close()

    asyncio.run(main())


async def ask(sockets: UdpSockets, name: str) -> Outcome:
    answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    sockets.begin(make_question(name, "A"), answer.set_result)
    return await answer


def test_many_questions_share_a_few_sockets_and_each_gets_its_own_answer() -> None:
    async def work(server: Server, sockets: UdpSockets) -> None:
        names = [f"n{number}.example" for number in range(200)]
        answers = await asyncio.gather(*(ask(sockets, name) for name in names))
        for name, answer in zip(names, answers, strict=True):
            assert isinstance(answer, Reply)
            assert name.split(".")[0].encode() in answer.wire
        assert len({port for _, port in server.peers}) == 8
        assert len({data[:2] for data in server.heard}) > 150  # ids are drawn, not counted

    with_server(work)


def test_an_answer_to_another_question_or_id_is_waited_past() -> None:
    async def work(server: Server, sockets: UdpSockets) -> None:
        server.answer = lambda data: [
            bytes([data[0] ^ 1, data[1]]) + b"\x81\x83" + data[4:],
            data[:2] + b"\x81\x83" + data[4:].replace(b"example", b"exomple"),
            data[:2] + b"\x81\x80" + data[4:],
        ]
        answer = await ask(sockets, "a.example")
        assert isinstance(answer, Reply)
        assert answer.rcode == 0

    with_server(work)


def test_nobody_there_is_told_to_all_who_wait_on_that_socket() -> None:
    async def work(_: Server, sockets: UdpSockets) -> None:
        probe = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        port = probe[0].get_extra_info("sockname")[1]
        probe[0].close()
        await asyncio.sleep(0)
        nowhere = UdpSockets(ServerAddress("udp", "127.0.0.1", port))
        await nowhere.open()
        answer = await ask(nowhere, "a.example")
        nowhere.close()
        assert isinstance(answer, NetworkFault)
        assert answer.kind == "refused"

    with_server(work)


def test_a_dropped_question_is_not_told_of() -> None:
    async def work(_: Server, sockets: UdpSockets) -> None:
        told: list[Outcome] = []
        sockets.begin(make_question("a.example", "A"), told.append).drop()
        assert isinstance(await ask(sockets, "b.example"), Reply)
        assert told == []

    with_server(work)


def test_after_a_while_the_ports_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(server: Server, sockets: UdpSockets) -> None:
        await asyncio.gather(*(ask(sockets, f"a{number}.example") for number in range(100)))
        first = {port for _, port in server.peers}
        server.peers.clear()
        monkeypatch.setattr(dns_udp, "_IDLE", -1.0)
        assert not sockets.ready
        await sockets.open()
        await asyncio.gather(*(ask(sockets, f"b{number}.example") for number in range(100)))
        assert not first & {port for _, port in server.peers}

    with_server(work)
