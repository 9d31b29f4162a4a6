import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme

from mailgui.net.resolver import AnswerStatus, Resolver
from tests.support.name_server import NameServer

Respond = Callable[[bytes], Awaitable[tuple[int, bytes]]]


async def https_server(ca: trustme.CA, respond: Respond, seen: list[bytes]) -> asyncio.Server:
    """An HTTP/1.1 server with one answer for each POST."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                seen.append(head)
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                status, body = await respond(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)))
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)


@pytest.mark.parametrize("fault", [None, "status", "garbage", "other"])
def test_dns_over_https(fault: str | None, tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    seen: list[bytes] = []

    async def main() -> None:
        async with NameServer("a.example A 192.0.2.1") as names:

            async def respond(body: bytes) -> tuple[int, bytes]:
                (wire,) = await names.answer(body, True)
                return {
                    None: (200, wire),
                    "status": (503, b""),
                    "garbage": (200, b"<html>"),
                    "other": (200, wire.replace(b"\x01a\x07", b"\x01b\x07")),
                }[fault]

            listener = await https_server(ca, respond, seen)
            port = listener.sockets[0].getsockname()[1]
            url = f"https://127.0.0.1:{port}/dns-query"
            resolver = Resolver(url, ca_file=str(tmp_path / "ca.pem"))
            answer = await resolver.ask("a.example", "A")
            await resolver.close()
            listener.close()
            await listener.wait_closed()
        assert answer.server == url
        if fault is None:
            assert answer.records == ("192.0.2.1",)
        else:
            assert answer.status is AnswerStatus.FAILED
            assert answer.reason.endswith(".")
        assert seen[0].startswith(b"POST /dns-query HTTP/1.1\r\n")
        assert b"application/dns-message" in seen[0]

    asyncio.run(main())
