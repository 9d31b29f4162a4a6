"""HTTP against real servers: the record, reuse, HTTP/2, and every bad answer."""

import asyncio
import gzip
import hashlib
import ssl
import threading

import h2.config
import h2.connection
import h2.events
import pytest

from mailgui.net.errors import NetworkFault
from mailgui.net.http import HttpClient, HttpSettings
from mailgui.transcript import Direction, Kind, Layer, Masker, Outcome, Recorder, Stage


def read_request(connection):
    """Return one request's head and body, or b"" at the end."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        octets += chunk
    head, _, body = octets.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*answers):
    """A server that gives one answer to each request of a connection, then closes."""
    requests = []

    def handler(connection):
        for octets in answers:
            request = read_request(connection)
            if not request:
                return
            requests.append(request)
            connection.sendall(octets)

    handler.requests = requests
    return handler


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok"


def exchange(server, recorder, *, scheme="http", method="POST", body=b"hi", headers=(), **settings):
    async def main():
        async with HttpClient(HttpSettings(**{"timeout": 5, **settings})) as client:
            url = f"{scheme}://localhost:{server.port}/v1/send"
            result = await client.request(method, url, list(headers), body, recorder=recorder)
            return result, client.tls_for(url)

    return asyncio.run(main())


def fault_of(server, recorder, **kwargs):
    with pytest.raises(NetworkFault) as caught:
        exchange(server, recorder, **kwargs)
    assert caught.value.sentence.endswith(".")
    return caught.value


def lines(transcript, direction):
    return [e.text for e in transcript.with_direction(direction, Layer.HTTP) if e.octets]


def test_an_exchange_and_its_record(serve, recorder):
    handler = answering(OK)
    server = serve(handler)
    result, tls = exchange(server, recorder, headers=[("X-Tag", "a")])
    assert (result.status, result.reason, result.http_version) == (200, "OK", "HTTP/1.1")
    assert result.response_body == b"ok"
    assert result.response_headers == (("Content-Length", "2"), ("X-Id", "7"))
    assert tls is None
    transcript = recorder.finish(Outcome.COMPLETED)
    sent = lines(transcript, Direction.SENT)
    assert "\r\n".join(sent) + "\r\n\r\nhi" == handler.requests[0].decode()
    assert sent[0] == "POST /v1/send HTTP/1.1"
    assert sent[1:] == [f"{name}: {value}" for name, value in result.request_headers]
    received = lines(transcript, Direction.RECEIVED)
    assert received == ["HTTP/1.1 200 OK", "Content-Length: 2", "X-Id: 7"]
    bodies = [
        (e.direction, e.data_length, e.data_digest) for e in transcript.events if e.data_length
    ]
    assert bodies == [
        (Direction.SENT, 2, hashlib.sha256(b"hi").hexdigest()),
        (Direction.RECEIVED, 2, hashlib.sha256(b"ok").hexdigest()),
    ]
    names = [phase.name for phase in transcript.phases]
    assert names == ["dns", "connect", "send", "wait", "receive"]
    assert not any(phase.failed for phase in transcript.phases)
    starts = [phase.start for phase in transcript.phases]
    assert starts == sorted(starts)


def test_https_is_verified_and_recorded_inside_tls(serve, server_tls, ca_file, recorder):
    server = serve(answering(OK), server_tls)
    result, tls = exchange(server, recorder, scheme="https", ca_file=ca_file)
    assert result.status == 200
    assert (tls.verified, tls.alpn) == (True, None)
    transcript = recorder.finish(Outcome.COMPLETED)
    assert all(e.tls for e in transcript.events if e.layer is Layer.HTTP)
    names = [phase.name for phase in transcript.phases]
    assert names == ["dns", "connect", "tls", "send", "wait", "receive"]


def test_an_untrusted_server_gets_no_request(serve, server_tls, recorder):
    handler = answering(OK)
    fault = fault_of(serve(handler, server_tls), recorder, scheme="https")
    assert (fault.stage, fault.kind) == (Stage.TLS, "certificate_untrusted")
    assert fault.tls.chain
    assert handler.requests == []


def test_https_spoken_to_http(serve, recorder):
    fault = fault_of(
        serve(lambda c: c.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")), recorder, scheme="https"
    )
    assert fault.kind == "tls_plaintext_peer"


def test_http_spoken_to_https(serve, server_tls, recorder):
    fault = fault_of(serve(answering(OK), server_tls), recorder)
    assert fault.kind in ("http_malformed", "lost", "reset")


@pytest.mark.parametrize("secure", [False, True])
def test_a_connection_is_reused_and_says_so(serve, server_tls, ca_file, secure):
    server = serve(answering(OK, OK), server_tls if secure else None)
    url = f"{'https' if secure else 'http'}://localhost:{server.port}/"
    first, second = Recorder(Kind.HTTP), Recorder(Kind.HTTP)

    async def main():
        async with HttpClient(HttpSettings(ca_file=ca_file)) as client:
            await client.request("GET", url, [], recorder=first)
            await client.request("GET", url, [], recorder=second)

    asyncio.run(main())
    assert server.accepted == 1
    transcript = second.finish(Outcome.COMPLETED)
    phases = [(p.name, p.note) for p in transcript.phases]
    reused = [("connect", "reused")] + ([("tls", "reused")] if secure else [])
    assert phases == [*reused, ("send", ""), ("wait", ""), ("receive", "")]
    assert {e.tls for e in transcript.events if e.layer is Layer.HTTP} == {secure}


def test_a_connection_that_the_server_closed_is_not_reused(serve):
    server = serve(answering(OK))
    url = f"http://localhost:{server.port}/"

    async def main():
        async with HttpClient() as client:
            for _ in range(2):
                recorder = Recorder(Kind.HTTP)
                await client.request("GET", url, [], recorder=recorder)
                idle = [c for kept in client._pool._idle.values() for c in kept]
                while idle and idle[0].usable:  # noqa: ASYNC110  # the end comes unasked
                    await asyncio.sleep(0)

    asyncio.run(main())
    assert server.accepted == 2


def test_many_at_once_each_with_its_own_record(serve):
    server = serve(answering(*[OK] * 8))
    recorders = [Recorder(Kind.HTTP) for _ in range(8)]

    async def main():
        async with HttpClient() as client, asyncio.TaskGroup() as group:
            for index, recorder in enumerate(recorders):
                url = f"http://127.0.0.1:{server.port}/{index}"
                group.create_task(client.request("GET", url, [], recorder=recorder))

    asyncio.run(main())
    for index, recorder in enumerate(recorders):
        transcript = recorder.finish(Outcome.COMPLETED)
        assert lines(transcript, Direction.SENT)[0] == f"GET /{index} HTTP/1.1"
        assert lines(transcript, Direction.RECEIVED)[0] == "HTTP/1.1 200 OK"


def test_keys_are_masked_in_both_directions(serve):
    recorder = Recorder(Kind.HTTP, masker=Masker(["sk-secret-1"]))
    echo = b"HTTP/1.1 401 No\r\nX-Echo: sk-secret-1\r\nContent-Length: 11\r\n\r\nsk-secret-1"
    result, _ = exchange(serve(answering(echo)), recorder, headers=[("Key", "sk-secret-1")])
    transcript = recorder.finish(Outcome.REFUSED, exchanges=(result,))
    assert "sk-secret-1" not in repr(transcript)


def test_a_large_body_goes_out_whole(serve, recorder):
    handler = answering(OK)
    body = bytes(range(256)) * 16384  # 4 MiB
    exchange(serve(handler), recorder, body=body)
    assert handler.requests[0].endswith(b"\r\n\r\n" + body)


def test_an_early_refusal_is_read_although_sending_failed(serve, recorder):
    def handler(connection):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

    result, _ = exchange(serve(handler), recorder, body=bytes(32_000_000))
    assert result.status == 413


def test_interim_answers_are_recorded_but_not_the_answer(serve, recorder):
    server = serve(answering(b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK))
    result, _ = exchange(server, recorder)
    assert result.status == 200
    received = lines(recorder.finish(Outcome.COMPLETED), Direction.RECEIVED)
    assert received[:3] == ["HTTP/1.1 103 Early Hints", "Link: a", "HTTP/1.1 200 OK"]


@pytest.mark.parametrize(
    ("octets", "status", "body"),
    [
        (b"HTTP/1.1 204 \r\n\r\n", 204, b""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, b"ok"),
        (b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", 500, b""),
        (
            b"HTTP/1.1 302 Go\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
            302,
            b"",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", 200, b"\xff\xfe"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(b"packed", mtime=0),
            200,
            b"packed",
        ),
    ],
)
def test_answers_that_are_all_right(serve, recorder, octets, status, body):
    result, _ = exchange(serve(answering(octets)), recorder)
    assert (result.status, result.response_body) == (status, body)


def test_a_header_that_is_not_utf_8_is_made_visible(serve, recorder):
    octets = b"HTTP/1.1 200 \xfcber\r\nX: \xff\r\nContent-Length: 0\r\n\r\n"
    result, _ = exchange(serve(answering(octets)), recorder)
    assert (result.reason, result.response_headers[0]) == ("\\xfcber", ("X", "\\xff"))


def test_surplus_octets_are_remarked_on(serve, recorder):
    server = serve(answering(OK + b"surplus"))
    result, _ = exchange(server, recorder)
    assert result.response_body == b"ok"
    errors = recorder.finish(Outcome.COMPLETED).with_direction(Direction.ERROR, Layer.HTTP)
    assert [error.text for error in errors if "7 octets more" in error.text]


def repeated(octets):
    def handler(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(octets)

    return handler


def interim_answers(connection):
    read_request(connection)
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" * 100)


@pytest.mark.parametrize(
    ("handler", "stage", "kind"),
    [
        (answering(b""), Stage.WAIT, "lost"),
        (answering(b"220 mx.example ESMTP\r\n"), Stage.RECEIVE, "http_malformed"),
        (answering(b"\x15\x03\x01\x00\x02\x02\x28"), Stage.RECEIVE, "http_malformed"),
        (answering(b"HTTP/1.1 2000 What\r\n\r\n"), Stage.RECEIVE, "http_malformed"),
        (answering(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), Stage.RECEIVE, "http_malformed"),
        (
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            Stage.RECEIVE,
            "http_malformed",
        ),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Le"), Stage.RECEIVE, "lost"),
        (
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
            Stage.RECEIVE,
            "http_truncated",
        ),
        (
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok"),
            Stage.RECEIVE,
            "http_truncated",
        ),
        (
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok"),
            Stage.RECEIVE,
            "http_malformed",
        ),
        (
            answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"),
            Stage.RECEIVE,
            "http_encoding",
        ),
        (repeated(b"X-A: " + b"a" * 1000 + b"\r\n"), Stage.RECEIVE, "http_malformed"),
        (repeated(b"a" * 65536), Stage.RECEIVE, "http_malformed"),
        (repeated(b"\r\n" + bytes(65536)), Stage.RECEIVE, "http_too_large"),
        (interim_answers, Stage.RECEIVE, "http_too_large"),
    ],
)
def test_answers_that_are_not(serve, recorder, handler, stage, kind):
    fault = fault_of(serve(handler), recorder, max_body=100_000)
    assert (fault.stage, fault.kind) == (stage, kind)
    assert recorder.finish(Outcome.FAILED).phases[-1].failed


def test_a_gzip_bomb(serve, recorder):
    bomb = gzip.compress(bytes(10_000_000), mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    fault = fault_of(serve(answering(head + bomb)), recorder, max_body=100_000)
    assert fault.kind == "http_too_large"


@pytest.mark.parametrize(
    ("first", "stage", "words"),
    [
        (b"", Stage.WAIT, "did not answer within"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Stage.RECEIVE, "had not ended after"),
    ],
)
def test_silence_ends_in_time(serve, recorder, first, stage, words):
    done = threading.Event()

    def handler(connection):
        read_request(connection)
        connection.sendall(first)
        done.wait()

    try:
        fault = fault_of(serve(handler), recorder, timeout=0.2)
    finally:
        done.set()
    assert (fault.stage, fault.kind) == (stage, "timed_out")
    assert words in fault.sentence


def test_a_slow_drip_ends_in_time(serve, recorder):
    done = threading.Event()

    def handler(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not done.wait(0.01):
            connection.sendall(b".")

    try:
        fault = fault_of(serve(handler), recorder, timeout=0.3)
    finally:
        done.set()
    assert (fault.stage, fault.kind) == (Stage.RECEIVE, "timed_out")


def test_a_server_that_takes_nothing_ends_in_time(serve, recorder):
    done = threading.Event()
    try:
        fault = fault_of(
            serve(lambda c: done.wait()), recorder, body=bytes(64_000_000), timeout=0.3
        )
    finally:
        done.set()
    assert (fault.stage, fault.kind) == (Stage.SEND, "timed_out")


def test_cancelling_ends_the_request_and_the_phase(serve, recorder):
    asked = threading.Event()
    done = threading.Event()

    def handler(connection):
        read_request(connection)
        asked.set()
        done.wait()

    server = serve(handler)

    async def main():
        async with HttpClient() as client:
            url = f"http://127.0.0.1:{server.port}/"
            task = asyncio.ensure_future(client.request("GET", url, [], recorder=recorder))
            await asyncio.to_thread(asked.wait)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return task.cancelled()

    try:
        assert asyncio.run(main())
    finally:
        done.set()
    assert recorder.finish(Outcome.CANCELLED).phases[-1].failed


def test_a_refused_connection(recorder, unused_port):
    async def main():
        async with HttpClient() as client:
            await client.request("GET", f"http://127.0.0.1:{unused_port}/", [], recorder=recorder)

    with pytest.raises(NetworkFault) as caught:
        asyncio.run(main())
    assert (caught.value.stage, caught.value.kind) == (Stage.CONNECT, "refused")


def moved(location):
    return b"HTTP/1.1 307 Moved\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"


def test_redirects_are_followed_only_when_asked(serve, recorder):
    server = serve(answering(moved(b"/v2/send"), OK))
    assert exchange(server, recorder)[0].status == 307
    result, _ = exchange(server, Recorder(Kind.HTTP), follow_redirects=True)
    assert (result.status, result.url) == (200, f"http://localhost:{server.port}/v2/send")


def test_redirects_elsewhere_are_never_followed(serve, recorder):
    other = serve(answering(OK))
    server = serve(answering(moved(b"http://localhost:%d/" % other.port)))
    fault = fault_of(server, recorder, follow_redirects=True)
    assert fault.kind == "http_redirect"
    assert other.accepted == 0


def test_redirects_in_circles_end(serve, recorder):
    server = serve(answering(*[moved(b"/v1/send")] * 10))
    assert fault_of(server, recorder, follow_redirects=True).kind == "http_redirect"


# HTTP/2


def http2_server(*, reset=False):
    """A small HTTP/2 server: answers each request with its path and the size of its body."""

    def handler(connection):
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        state.initiate_connection()
        connection.sendall(state.data_to_send())
        paths, sizes = {}, {}
        while octets := connection.recv(65536):
            for event in state.receive_data(octets):
                if isinstance(event, h2.events.RequestReceived):
                    paths[event.stream_id] = dict(event.headers)[b":path"]
                elif isinstance(event, h2.events.DataReceived):
                    sizes[event.stream_id] = sizes.get(event.stream_id, 0) + len(event.data)
                    state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    number = event.stream_id
                    if reset:
                        state.reset_stream(number)
                        continue
                    state.send_headers(number, [(":status", "202"), ("x-id", "7")])
                    text = b"%s %d" % (paths[number], sizes.get(number, 0))
                    state.send_data(number, text, end_stream=True)
            connection.sendall(state.data_to_send())

    return handler


@pytest.fixture(scope="module")
def http2_tls(ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    return context


def test_http2_is_recorded_as_decoded(serve, http2_tls, ca_file, recorder):
    server = serve(http2_server(), http2_tls)
    body = bytes(200_000)
    result, tls = exchange(server, recorder, scheme="https", body=body, ca_file=ca_file, http2=True)
    assert (result.http_version, result.status) == ("HTTP/2", 202)
    assert result.response_body == b"/v1/send 200000"
    assert tls.alpn == "h2"
    transcript = recorder.finish(Outcome.COMPLETED)
    sent = lines(transcript, Direction.SENT)
    assert sent[:4] == [
        ":method: POST",
        f":authority: localhost:{server.port}",
        ":scheme: https",
        ":path: /v1/send",
    ]
    assert lines(transcript, Direction.RECEIVED) == [":status: 202", "x-id: 7"]
    lengths = [(e.direction, e.data_length) for e in transcript.events if e.data_length]
    assert lengths == [(Direction.SENT, 200_000), (Direction.RECEIVED, 15)]
    names = [phase.name for phase in transcript.phases]
    assert names == ["dns", "connect", "tls", "send", "wait", "receive"]


def test_http2_requests_share_a_connection_and_mix_nothing_up(serve, http2_tls, ca_file):
    server = serve(http2_server(), http2_tls)
    recorders = [Recorder(Kind.HTTP) for _ in range(5)]

    async def main():
        async with HttpClient(HttpSettings(ca_file=ca_file, http2=True)) as client:
            url = f"https://localhost:{server.port}"
            warm = Recorder(Kind.HTTP)
            await client.request("GET", url, [], recorder=warm)
            async with asyncio.TaskGroup() as group:
                return [
                    group.create_task(client.request("GET", f"{url}/{i}", [], recorder=r))
                    for i, r in enumerate(recorders)
                ]

    results = [task.result().response_body for task in asyncio.run(main())]
    assert results == [b"/%d 0" % i for i in range(5)]
    assert server.accepted == 1
    for index, recorder in enumerate(recorders):
        transcript = recorder.finish(Outcome.COMPLETED)
        assert f":path: /{index}" in lines(transcript, Direction.SENT)
        assert transcript.phases[0].note == "reused"


def test_an_http2_stream_that_is_reset(serve, http2_tls, ca_file, recorder):
    server = serve(http2_server(reset=True), http2_tls)
    fault = fault_of(server, recorder, scheme="https", ca_file=ca_file, http2=True)
    assert fault.kind == "http_malformed"
