"""Connecting: addresses in order, the race, sources, proxies, UNIX sockets, and every refusal."""

import asyncio
import errno
import os
import socket
from dataclasses import dataclass

import pytest

from mailgui.net import connect as connect_module
from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.errors import NetworkFault, connect_fault
from mailgui.net.stream import Endpoint
from mailgui.transcript import Kind, Masker, Outcome, Recorder, Stage


def greet(connection):
    connection.sendall(b"220 hi\r\n")


def open_and_read(endpoint, recorder, **kwargs):
    async def main():
        stream = await open_stream(endpoint, recorder=recorder, timeout=5, **kwargs)
        octets = await stream.read()
        peer = stream.peer
        await stream.close()
        return octets, peer

    return asyncio.run(main())


def fault_of(endpoint, recorder, *, timeout=5, **kwargs):
    async def main():
        with pytest.raises(NetworkFault) as caught:
            await open_stream(endpoint, recorder=recorder, timeout=timeout, **kwargs)
        return caught.value

    return asyncio.run(main())


@dataclass(frozen=True)
class FakeAnswer:
    status: str
    records: tuple[str, ...] = ()


class FakeResolver:
    """Answers from a table; notes what was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    async def ask(self, name, rdtype, *, recorder=None):
        self.asked.append((name, rdtype))
        return self.answers.get(rdtype, FakeAnswer("nodata"))


def test_a_name_is_looked_up_connected_and_recorded(serve, recorder):
    server = serve(greet)
    settings = ConnectSettings(only="ipv4")
    endpoint = Endpoint("localhost", server.port)
    octets, peer = open_and_read(endpoint, recorder, settings=settings)
    transcript = recorder.finish(Outcome.COMPLETED)
    texts = [event.text for event in transcript.events]
    assert octets == b"220 hi\r\n"
    assert peer == Endpoint("127.0.0.1", server.port)
    assert [phase.name for phase in transcript.phases] == ["dns", "connect"]
    assert f"Connecting to 127.0.0.1 port {server.port}" in texts
    assert texts[-1].startswith(f"Connected to 127.0.0.1 port {server.port} from 127.0.0.1 port ")


def test_an_address_needs_no_lookup(serve, recorder):
    server = serve(greet)
    open_and_read(Endpoint("127.0.0.1", server.port), recorder)
    phase = recorder.finish(Outcome.COMPLETED).phases[0]
    assert (phase.name, phase.duration, phase.note) == ("dns", 0.0, "not needed")


def test_a_refused_connection(recorder, unused_port):
    fault = fault_of(Endpoint("127.0.0.1", unused_port), recorder)
    assert (fault.stage, fault.kind) == (Stage.CONNECT, "refused")
    assert fault.sentence.startswith(f"127.0.0.1 port {unused_port} refused the connection")
    assert recorder.finish(Outcome.FAILED).phases[-1].failed


def test_the_next_address_is_tried(serve, recorder):
    server = serve(greet)
    resolver = FakeResolver(A=FakeAnswer("found", ("127.0.0.2", "127.0.0.1")))
    octets, peer = open_and_read(Endpoint("mx.example", server.port), recorder, resolver=resolver)
    assert octets == b"220 hi\r\n"
    assert peer.host == "127.0.0.1"
    assert sorted(resolver.asked) == [("mx.example", "A"), ("mx.example", "AAAA")]
    refused = [e.text for e in recorder.finish(Outcome.COMPLETED).events if e.expected is False]
    assert len(refused) == 1
    assert refused[0].startswith(f"127.0.0.2 port {server.port} refused the connection: nothing")


def test_a_silent_address_does_not_delay_the_next(serve, recorder, monkeypatch):
    server = serve(greet)
    monkeypatch.setattr(connect_module, "ATTEMPT_DELAY", 0.001)
    ended = []
    real = connect_module._attempt

    async def attempt(candidate, source):
        if candidate.host == "127.0.0.9":
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(candidate.host)
        return await real(candidate, source)

    monkeypatch.setattr(connect_module, "_attempt", attempt)
    resolver = FakeResolver(A=FakeAnswer("found", ("127.0.0.9", "127.0.0.1")))
    _, peer = open_and_read(Endpoint("mx.example", server.port), recorder, resolver=resolver)
    assert peer.host == "127.0.0.1"
    assert ended == ["127.0.0.9"]


def test_a_silent_host_is_a_timeout_that_names_port_25(recorder, monkeypatch):
    async def attempt(candidate, source):
        await asyncio.Event().wait()

    monkeypatch.setattr(connect_module, "_attempt", attempt)
    fault = fault_of(Endpoint("127.0.0.1", 25), recorder, timeout=0.01)
    assert fault.kind == "timed_out"
    assert fault.sentence == (
        "127.0.0.1 port 25 did not answer within 0.01 seconds. "
        "Many networks let nobody out to port 25."
    )


def test_all_addresses_failing_is_said_once(recorder, unused_port):
    resolver = FakeResolver(A=FakeAnswer("found", ("127.0.0.2", "127.0.0.1")))
    fault = fault_of(Endpoint("mx.example", unused_port), recorder, resolver=resolver)
    assert fault.kind == "refused"
    assert fault.sentence.startswith("None of the 2 addresses of mx.example took the connection.")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.ETIMEDOUT, "timed_out"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.EPERM, "blocked"),
        (errno.EADDRNOTAVAIL, "source_address"),
        (errno.ECONNRESET, "reset"),
        (errno.EIO, "unreachable"),
    ],
)
def test_each_error_of_the_system_has_its_kind_and_sentence(number, kind):
    fault = connect_fault(OSError(number, os.strerror(number)), "192.0.2.1 port 25")
    assert fault.kind == kind
    assert "192.0.2.1 port 25" in fault.sentence
    assert fault.sentence.endswith(".")


def test_a_source_address_is_used(serve, recorder):
    sources = []
    server = serve(lambda connection: sources.append(connection.getpeername()[0]))
    settings = ConnectSettings(source="127.0.0.3")
    open_and_read(Endpoint("localhost", server.port), recorder, settings=settings)
    assert sources == ["127.0.0.3"]


@pytest.mark.parametrize("source", ["192.0.2.77", "::1"])
def test_an_impossible_source_address_is_said(recorder, unused_port, source):
    settings = ConnectSettings(source=source)
    fault = fault_of(Endpoint("127.0.0.1", unused_port), recorder, settings=settings)
    assert fault.kind == "source_address"


def test_a_unix_socket(short_path, recorder):
    path = str(short_path / "s")

    async def main():
        async def handler(reader, writer):
            writer.write(b"220 lmtp\r\n")
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_unix_server(handler, path):
            settings = ConnectSettings(unix_path=path)
            stream = await open_stream(
                Endpoint("localhost", 24), recorder=recorder, timeout=5, settings=settings
            )
            octets = await stream.read()
            await stream.close()
            return octets, str(stream.peer)

    assert asyncio.run(main()) == (b"220 lmtp\r\n", path)


def test_a_missing_unix_socket_refuses(short_path, recorder):
    settings = ConnectSettings(unix_path=str(short_path / "none"))
    fault = fault_of(Endpoint("localhost", 24), recorder, settings=settings)
    assert (fault.stage, fault.kind) == (Stage.CONNECT, "refused")


# Proxies


def exactly(connection, count):
    octets = b""
    while len(octets) < count:
        octets += connection.recv(count - len(octets)) or bytes(1 << 20)
    return octets


def socks_server(*, user=None, code=0, bound=b"\x01\x7f\0\0\1\0\0", then=b"220 hi\r\n"):
    """A SOCKS5 proxy that answers as told and, on success, speaks ``then`` itself."""
    asked = []

    def handler(connection):
        _, count = exactly(connection, 2)
        methods = exactly(connection, count)
        if user is not None and b"\x02" not in methods:
            connection.sendall(b"\x05\xff")
            return
        if user is not None:
            connection.sendall(b"\x05\x02")
            name = exactly(connection, exactly(connection, 2)[1])
            password = exactly(connection, exactly(connection, 1)[0])
            good = (name, password) == user
            connection.sendall(b"\x01" + (b"\0" if good else b"\1"))
            if not good:
                return
        else:
            connection.sendall(b"\x05\x00")
        head = exactly(connection, 4)
        length = {1: 4, 4: 16}.get(head[3]) or exactly(connection, 1)[0]
        asked.append((exactly(connection, length), int.from_bytes(exactly(connection, 2), "big")))
        connection.sendall(b"\x05" + bytes([code]) + b"\x00" + bound + then)

    handler.asked = asked
    return handler


@pytest.mark.parametrize(
    "bound", [b"\x01\x7f\0\0\1\0\0", b"\x04" + bytes(18), b"\x03\x05proxy\0\0"]
)
def test_a_proxy_looks_the_name_up_and_connects(serve, recorder, bound):
    handler = socks_server(bound=bound)
    server = serve(handler)
    settings = ConnectSettings(proxy=f"socks5://127.0.0.1:{server.port}")
    octets, _ = open_and_read(Endpoint("mx.example", 25), recorder, settings=settings)
    assert octets == b"220 hi\r\n"
    assert handler.asked == [(b"mx.example", 25)]
    assert recorder.finish(Outcome.COMPLETED).phases[-1].note == "through a proxy"


def test_a_proxy_that_wants_a_password_gets_it_and_no_record_does(serve):
    recorder = Recorder(Kind.SMTP, masker=Masker())
    server = serve(socks_server(user=(b"ann", b"s3cret/pw")))
    settings = ConnectSettings(proxy=f"socks5://ann:s3cret%2Fpw@127.0.0.1:{server.port}")
    octets, _ = open_and_read(Endpoint("mx.example", 25), recorder, settings=settings)
    recorder.info("s3cret/pw", layer="tcp")
    assert octets == b"220 hi\r\n"
    assert "s3cret" not in repr(recorder.finish(Outcome.COMPLETED))
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("handler", "proxy", "words"),
    [
        (socks_server(code=5), "socks5://127.0.0.1:{}", "that host refused the connection"),
        (socks_server(code=2), "socks5://127.0.0.1:{}", "its rules forbid it"),
        (socks_server(user=(b"a", b"b")), "socks5://127.0.0.1:{}", "wants another way"),
        (socks_server(user=(b"a", b"b")), "socks5://a:x@127.0.0.1:{}", "refused the user name"),
        (lambda c: c.sendall(b"220 mail\r\n"), "socks5://127.0.0.1:{}", "does not speak SOCKS5"),
        (lambda c: c.recv(10), "socks5://127.0.0.1:{}", "closed the connection"),
        (greet, "ftp://127.0.0.1:{}", "socks5://host:port"),
    ],
)
def test_what_a_proxy_may_do_wrong(serve, recorder, handler, proxy, words):
    server = serve(handler)
    settings = ConnectSettings(proxy=proxy.format(server.port))
    fault = fault_of(Endpoint("mx.example", 25), recorder, settings=settings)
    assert (fault.stage, fault.kind) == (Stage.CONNECT, "proxy")
    assert words in fault.sentence


def test_a_silent_proxy(serve, recorder):
    server = serve(lambda connection: connection.recv(10) and connection.recv(10))
    settings = ConnectSettings(proxy=f"socks5://127.0.0.1:{server.port}")
    fault = fault_of(Endpoint("mx.example", 25), recorder, settings=settings, timeout=0.2)
    assert fault.kind == "proxy"
    assert fault.sentence.endswith("did not answer.")


def test_cancelling_leaves_no_socket_open(recorder, monkeypatch):
    opened = []
    real = socket.socket

    class Watched(real):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            opened.append(self)

    connecting = asyncio.Event()

    async def never(loop, sock, address):
        connecting.set()
        await asyncio.Event().wait()

    async def main():
        monkeypatch.setattr(connect_module.socket, "socket", Watched)
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(type(loop), "sock_connect", never)
        opening = asyncio.ensure_future(
            open_stream(Endpoint("192.0.2.1", 25), recorder=recorder, timeout=5)
        )
        await connecting.wait()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        return opening.cancelled()

    assert asyncio.run(main())
    assert [sock.fileno() for sock in opened] == [-1]
