"""Through a proxy that is spoken to inside TLS: a real one, which relays to real servers."""

import asyncio
import base64
import socket
import ssl
import threading
from contextlib import suppress

import pytest
import trustme

from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.credentials import may_carry_credentials
from mailgui.net.errors import NetworkFault
from mailgui.net.http import HttpClient, HttpSettings
from mailgui.net.stream import Endpoint
from mailgui.transcript import Direction, Kind, Layer, Masker, Outcome, Recorder, Stage

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def proxy(port, asked):
    """A CONNECT proxy whose every way leads to ``port`` here."""

    def relay(source, drain):
        with suppress(OSError):
            while octets := source.recv(65536):
                drain.sendall(octets)
        with suppress(OSError):
            drain.shutdown(socket.SHUT_WR)

    def handler(connection):
        asked.append(head_of(connection))
        with socket.create_connection(("127.0.0.1", port)) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=relay, args=(target, connection))
            back.start()
            relay(connection, target)
            back.join()

    return handler


def head_of(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octet = connection.recv(1)
        if not octet:
            break
        head += octet
    return head


def answering(seen):
    def handler(connection):
        seen.append(head_of(connection))
        connection.sendall(OK)

    return handler


@pytest.fixture(name="far_tls")
def far_tls_fixture(ca):
    """A context for the target, which has a certificate for a name of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("api.example").configure_cert(context)
    return context


def get(url, port, ca_file, recorder, user=""):
    async def main():
        settings = HttpSettings(proxy=f"https://{user}localhost:{port}", ca_file=ca_file, timeout=5)
        async with HttpClient(settings) as client:
            exchange = await client.request("GET", url, [], recorder=recorder)
            return exchange, client.tls_for(url)

    return asyncio.run(main())


def test_a_request_inside_tls_inside_the_proxy_s_tls(serve, server_tls, far_tls, ca_file):
    asked, seen = [], []
    target = serve(answering(seen), far_tls)
    via = serve(proxy(target.port, asked), server_tls)
    recorder = Recorder(Kind.HTTP, masker=Masker())
    exchange, tls = get("https://api.example/", via.port, ca_file, recorder, "ann:s3cret@")
    assert exchange.response_body == b"ok"
    assert asked[0].startswith(b"CONNECT api.example:443 HTTP/1.1\r\n")
    assert b"Basic " + base64.b64encode(b"ann:s3cret") in asked[0]
    assert seen[0].startswith(b"GET / HTTP/1.1\r\n")
    transcript = recorder.finish(Outcome.COMPLETED)
    names = [phase.name for phase in transcript.phases]
    assert [n for n in names if n != "dns"] == ["connect", "tls", "send", "wait", "receive"]
    assert (tls.verified, tls.server_name) == (True, "api.example")
    connect = [e for e in transcript.events if e.text.startswith("CONNECT")]
    assert [event.tls for event in connect] == [True]
    assert any("TLS to the proxy: TLSv1.3" in event.text for event in transcript.events)
    assert "s3cret" not in repr(transcript)
    assert base64.b64encode(b"ann:s3cret").decode() not in repr(transcript)


def test_beyond_the_proxy_there_is_no_tls(serve, server_tls, ca_file):
    """A password must not take the proxy's TLS for the target's."""
    target = serve(lambda connection: connection.sendall(b"220 hello\r\n"))
    via = serve(proxy(target.port, []), server_tls)
    recorder = Recorder(Kind.SMTP)

    async def main():
        settings = ConnectSettings(proxy=f"https://localhost:{via.port}", proxy_ca=ca_file)
        place = Endpoint("localhost", 25)
        stream = await open_stream(place, recorder=recorder, timeout=5, settings=settings)
        octets = await stream.read()
        recorder.received(octets, layer=Layer.SMTP, stage=Stage.BANNER)
        assert stream.peer.port == via.port
        tls = stream.tls
        stream.abort()
        return octets, tls

    octets, tls = asyncio.run(main())
    assert octets == b"220 hello\r\n"
    assert tls is None
    assert not may_carry_credentials("localhost", tls, proxied=True)
    received = [e for e in recorder.events if e.direction is Direction.RECEIVED]
    assert [event.tls for event in received if event.layer is Layer.SMTP] == [False]


def failure(port, ca_file=None, timeout=5):
    async def main():
        settings = ConnectSettings(proxy=f"https://localhost:{port}", proxy_ca=ca_file)
        recorder = Recorder(Kind.SMTP)
        with pytest.raises(NetworkFault) as caught:
            await open_stream(
                Endpoint("api.example", 443), recorder=recorder, timeout=timeout, settings=settings
            )
        return caught.value

    fault = asyncio.run(main())
    assert (fault.stage, fault.kind) == (Stage.CONNECT, "proxy")
    assert fault.sentence.endswith(".")
    return fault


def test_a_proxy_that_cannot_be_verified_is_told_nothing(serve, server_tls, ca):
    asked = []
    via = serve(proxy(1, asked), server_tls)
    fault = failure(via.port)
    assert fault.sentence.startswith("There is no safe connection to the proxy. ")
    assert "certificate" in fault.sentence
    assert fault.tls is None
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(stranger)
    failure(serve(proxy(1, asked), stranger).port)
    elsewhere = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("other.example").configure_cert(elsewhere)
    failure(serve(proxy(1, asked), elsewhere).port)
    assert not asked


def test_the_wrong_name_is_refused_with_the_right_authority_too(serve, ca, ca_file):
    asked = []
    elsewhere = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("other.example").configure_cert(elsewhere)
    fault = failure(serve(proxy(1, asked), elsewhere).port, ca_file)
    assert "localhost" in fault.sentence
    assert not asked


@pytest.mark.parametrize("first", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail\r\n", b"\0" * 9])
def test_a_proxy_without_tls(serve, ca_file, first):
    failure(serve(lambda connection: connection.sendall(first)).port, ca_file)


def test_a_proxy_that_hangs_up(serve, ca_file):
    failure(serve(lambda _connection: None).port, ca_file)


def test_a_proxy_that_never_shakes_hands(serve, ca_file):
    gate = threading.Event()
    try:
        failure(serve(lambda _connection: gate.wait(30)).port, ca_file, timeout=0.2)
    finally:
        gate.set()


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"502 Bad Gateway"])
def test_what_it_refuses_inside_tls(serve, server_tls, ca_file, status):
    def handler(connection):
        head_of(connection)
        connection.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")

    failure(serve(handler, server_tls).port, ca_file)
