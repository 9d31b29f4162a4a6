"""Through an HTTP proxy by CONNECT."""

import asyncio

import pytest

from mailgui.net.connect import ConnectSettings, open_stream
from mailgui.net.errors import NetworkFault
from mailgui.net.http import HttpClient, HttpSettings
from mailgui.net.stream import Endpoint
from mailgui.transcript import Kind, Masker, Outcome, Recorder, Stage


def proxy_that(answer, then=b""):
    asked = []

    def handler(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            octet = connection.recv(1)
            if not octet:
                return
            head += octet
        asked.append(head)
        connection.sendall(answer)
        if then:
            connection.sendall(then)
            connection.recv(65536)

    handler.asked = asked
    return handler


def go(port, *, user="", recorder=None):
    async def main():
        settings = ConnectSettings(proxy=f"http://{user}127.0.0.1:{port}")
        stream = await open_stream(
            Endpoint("api.example", 443), recorder=recorder, timeout=5, settings=settings
        )
        octets = await stream.read()
        await stream.close()
        return octets

    return asyncio.run(main())


def test_it_connects_and_what_follows_is_the_target_s(serve, recorder):
    handler = proxy_that(b"HTTP/1.1 200 Connection established\r\n\r\n", then=b"hello")
    assert go(serve(handler).port, recorder=recorder) == b"hello"
    assert handler.asked[0].startswith(b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443")
    transcript = recorder.finish(Outcome.COMPLETED)
    assert any("Connection established" in event.text for event in transcript.events)
    assert transcript.phases[-1].note == "through a proxy"


def test_a_password_goes_out_and_into_no_record(serve):
    recorder = Recorder(Kind.HTTP, masker=Masker())
    handler = proxy_that(b"HTTP/1.1 200 OK\r\n\r\n", then=b"x")
    go(serve(handler).port, user="ann:s3cret@", recorder=recorder)
    assert b"Proxy-Authorization: Basic YW5uOnMzY3JldA==" in handler.asked[0]
    said = repr(recorder.finish(Outcome.COMPLETED))
    assert "s3cret" not in said
    assert "YW5uOnMzY3JldA" not in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "refused the user name"),
        (b"HTTP/1.1 403 Forbidden by policy\r\n\r\n", "403 Forbidden by policy"),
        (b"220 mail.example\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, "without end"),
    ],
)
def test_what_it_may_do_wrong(serve, recorder, answer, words):
    with pytest.raises(NetworkFault, match=words) as caught:
        go(serve(proxy_that(answer)).port, recorder=recorder)
    assert (caught.value.stage, caught.value.kind) == (Stage.CONNECT, "proxy")


def test_a_whole_request_through_it(serve, recorder):
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def handler(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.recv(65536)
        connection.sendall(ok)

    port = serve(handler).port

    async def main():
        settings = HttpSettings(proxy=f"http://127.0.0.1:{port}")
        async with HttpClient(settings) as client:
            return await client.request("GET", "http://api.example/", [], recorder=recorder)

    assert asyncio.run(main()).response_body == b"ok"
