"""The stream over a real socket: reading, writing, holding back, ends of every kind."""

import asyncio
import socket
import struct
import threading

import pytest

from mailgui.net.errors import NetworkFault
from mailgui.net.stream import Endpoint, open_socket_stream
from mailgui.transcript import Stage


def echo(connection):
    while octets := connection.recv(65536):
        connection.sendall(octets)


async def connect(server):
    sock = socket.create_connection(("127.0.0.1", server.port))
    sock.setblocking(False)
    return await open_socket_stream(sock)


def reset(connection):
    """Close with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    ("endpoint", "text", "words"),
    [
        (Endpoint("mx.example", 25), "mx.example:25", "mx.example port 25"),
        (Endpoint("::1", 25), "[::1]:25", "::1 port 25"),
        (Endpoint("/run/lmtp", 0), "/run/lmtp", "/run/lmtp"),
    ],
)
def test_an_endpoint_is_written_as_people_write_it(endpoint, text, words):
    assert (str(endpoint), endpoint.words) == (text, words)


def test_what_is_written_comes_back_whole(serve):
    server = serve(echo)
    payload = bytes(range(256)) * 8192  # 2 MiB: more than all buffers hold

    async def main():
        stream = await connect(server)
        received = bytearray()

        async def read_all():
            while len(received) < len(payload):
                received.extend(await stream.read())

        async with asyncio.TaskGroup() as group:
            group.create_task(read_all())
            await stream.write(payload)
        await stream.close()
        return bytes(received)

    assert asyncio.run(main()) == payload


def test_a_limit_cuts_a_chunk_and_keeps_the_rest(serve):
    server = serve(lambda connection: connection.sendall(b"abcdef"))

    async def main():
        stream = await connect(server)
        first = await stream.read(2)
        waiting = stream.waiting
        rest = b""
        while chunk := await stream.read():
            rest += chunk
        await stream.close()
        return first, waiting, rest, stream.ended

    first, waiting, rest, ended = asyncio.run(main())
    assert first == b"ab"
    assert waiting + 2 <= 6
    assert rest == b"cdef"
    assert ended


def test_a_peer_that_ends_still_hears_us(serve):
    heard = []

    def handler(connection):
        connection.shutdown(socket.SHUT_WR)
        heard.append(connection.recv(100))

    server = serve(handler)

    async def main():
        stream = await connect(server)
        assert await stream.read() == b""
        assert await stream.read() == b""
        await stream.write(b"QUIT\r\n")
        await stream.close()

    asyncio.run(main())
    server.stop()
    assert heard == [b"QUIT\r\n"]


def test_a_reset_is_a_fault_that_the_caller_places(serve):
    def handler(connection):
        connection.recv(10)
        reset(connection)

    server = serve(handler)

    async def main():
        stream = await connect(server)
        await stream.write(b"x")
        with pytest.raises(NetworkFault) as caught:
            await stream.read()
        with pytest.raises(NetworkFault):
            await stream.write(b"x")
        await stream.close()
        return caught.value

    fault = asyncio.run(main())
    assert fault.kind == "reset"
    assert fault.sentence == f"127.0.0.1 port {server.port} broke the connection off."
    moved = fault.at(Stage.RCPT)
    assert (moved.stage, moved.kind, moved.sentence) == (Stage.RCPT, fault.kind, fault.sentence)


def test_the_last_words_of_a_server_that_hangs_up_are_read(serve):
    def handler(connection):
        connection.recv(10)
        connection.sendall(b"552 too big\r\n")
        # The rest of what was sent stays unread: closing resets the connection.

    server = serve(handler)

    async def main():
        stream = await connect(server)

        async def flood():
            while True:
                await stream.write(b"x" * 262144)

        with pytest.raises(NetworkFault):
            await flood()
        words = await stream.read()
        stream.abort()
        return words

    assert asyncio.run(main()) == b"552 too big\r\n"


def test_a_peer_that_reads_nothing_holds_the_writer_back(serve):
    done = threading.Event()
    server = serve(lambda connection: done.wait())

    async def main():
        stream = await connect(server)
        writing = asyncio.ensure_future(stream.write(b"x" * 64 * 1024 * 1024))
        await asyncio.wait([writing], timeout=0.05)
        blocked = not writing.done()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        stream.abort()
        await stream.close()
        return blocked

    try:
        assert asyncio.run(main())
    finally:
        done.set()


def test_a_peer_that_floods_is_held_back(serve):
    flooded = threading.Event()

    def handler(connection):
        connection.settimeout(0.2)
        try:
            while True:
                connection.sendall(b"x" * 65536)
        except TimeoutError:
            flooded.set()

    server = serve(handler)

    async def main():
        stream = await connect(server)
        await asyncio.to_thread(flooded.wait)
        held = stream.waiting
        drained = 0
        while chunk := await stream.read():
            drained += len(chunk)
        await stream.close()
        return held, drained

    held, drained = asyncio.run(main())
    assert held <= 6 * 65536
    assert drained > held


def test_a_cancelled_read_loses_nothing(serve):
    go = threading.Event()

    def handler(connection):
        go.wait()
        connection.sendall(b"late")

    server = serve(handler)

    async def main():
        stream = await connect(server)
        reading = asyncio.ensure_future(stream.read())
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        go.set()
        octets = await stream.read()
        await stream.close()
        return octets

    assert asyncio.run(main()) == b"late"


def test_lines_leave_at_once(serve):
    server = serve(echo)

    async def main():
        sock = socket.create_connection(("127.0.0.1", server.port))
        sock.setblocking(False)
        stream = await open_socket_stream(sock)
        value = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await stream.close()
        return value

    assert asyncio.run(main()) != 0


def test_closing_ends_although_the_peer_never_reads(serve):
    done = threading.Event()
    server = serve(lambda connection: done.wait())

    async def main():
        stream = await connect(server)
        writing = asyncio.ensure_future(stream.write(b"x" * 64 * 1024 * 1024))
        await asyncio.wait([writing], timeout=0.05)
        await stream.close()
        await asyncio.gather(writing, return_exceptions=True)

    try:
        asyncio.run(main())
    finally:
        done.set()


def test_a_socket_that_was_reset_already_is_refused_and_closed(serve):
    server = serve(reset)

    async def main():
        sock = socket.create_connection(("127.0.0.1", server.port))
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        sock.setblocking(False)
        with pytest.raises(OSError, match="not connected"):
            await open_socket_stream(sock)
        return sock.fileno()

    assert asyncio.run(main()) == -1
