import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from mailgui.net.resolver import AnswerStatus, Resolver
from tests.support.name_server import NameServer


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, str]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    return ca, str(tmp_path / "ca.pem")


async def tls_server(server: NameServer, ca: trustme.CA, name: str) -> asyncio.Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return await asyncio.start_server(server._serve_tcp, "127.0.0.1", 0, ssl=context)


def test_dns_over_tls_shares_one_connection(authority: tuple[trustme.CA, str]) -> None:
    ca, ca_file = authority

    async def main() -> None:
        async with NameServer("a.example A 192.0.2.1\nb.example @servfail") as server:
            connections = 0
            serve = server._serve_tcp

            async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                nonlocal connections
                connections += 1
                await serve(reader, writer)

            server._serve_tcp = counted  # type: ignore[method-assign]
            listener = await tls_server(server, ca, "127.0.0.1")
            port = listener.sockets[0].getsockname()[1]
            resolver = Resolver(f"tls://127.0.0.1:{port}", ca_file=ca_file)
            answers = await asyncio.gather(
                *[resolver.ask(name, "A") for name in ("a.example", "b.example", "c.example")]
            )
            assert [a.status for a in answers] == ["found", "servfail", "nxdomain"]
            assert answers[0].server == f"tls://127.0.0.1:{port}"
            assert connections == 1
            await resolver.close()
            listener.close()
            await listener.wait_closed()

    asyncio.run(main())


def test_a_closed_connection_is_opened_again(authority: tuple[trustme.CA, str]) -> None:
    ca, ca_file = authority

    async def main() -> None:
        async with NameServer("a.example A 192.0.2.1") as server:

            async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                length = int.from_bytes(await reader.readexactly(2), "big")
                for wire in await server.answer(await reader.readexactly(length), True):
                    writer.write(len(wire).to_bytes(2, "big") + wire)
                await writer.drain()
                writer.close()

            server._serve_tcp = once  # type: ignore[method-assign]
            listener = await tls_server(server, ca, "127.0.0.1")
            port = listener.sockets[0].getsockname()[1]
            resolver = Resolver(f"tls://127.0.0.1:{port}", ca_file=ca_file)
            for name in ("a.example", "x.example", "y.example"):
                assert (await resolver.ask(name, "A")).conclusive
            await resolver.close()
            listener.close()
            await listener.wait_closed()

    asyncio.run(main())


def test_a_certificate_for_another_name_is_refused(authority: tuple[trustme.CA, str]) -> None:
    ca, ca_file = authority

    async def main() -> None:
        async with NameServer("a.example A 192.0.2.1") as server:
            listener = await tls_server(server, ca, "other.example")
            port = listener.sockets[0].getsockname()[1]
            resolver = Resolver(f"tls://127.0.0.1:{port}", ca_file=ca_file)
            answer = await resolver.ask("a.example", "A")
            assert answer.status is AnswerStatus.FAILED
            assert "certificate" in answer.reason
            assert server.asked == []
            await resolver.close()
            listener.close()
            await listener.wait_closed()

    asyncio.run(main())
