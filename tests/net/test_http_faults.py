"""Answers that are no proper HTTP: one sentence each, in which nothing of Python shows."""

import asyncio

import pytest

from mailgui.net.errors import NetworkFault
from mailgui.net.http import HttpClient, HttpSettings
from mailgui.transcript import Kind, Masker, Recorder

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ANSWERS = [
    (CHUNKED + b"ZZ\r\nabc", "a piece of its body does not say how long it is (“ZZ”)"),
    (
        CHUNKED + b"F" * 40 + b"\r\n",
        "a piece of its body does not say how long it is (“" + "F" * 40 + "”)",
    ),
    (CHUNKED + b"2\r\nabcd\r\n", "a piece of its body is longer than it says (“"),
    (OK + b"Content-Length: -5\r\n\r\n", "its Content-Length is no number"),
    (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "it names two lengths that differ"),
    (OK + b"Transfer-Encoding: gzip\r\n\r\n", "its Transfer-Encoding is none that HTTP knows"),
    (OK + b"X: a\x00b\r\n\r\n", "a header line is malformed (“X: a\\x00b”)"),
    (OK + b" folded: a\r\n\r\n", "its headers begin in the middle of one"),
    (b"HTTP/2 200\r\n\r\n", "its first line is no status (“HTTP/2 200”)"),
    (b"HTTP/1.1 000 X\r\n\r\n", "its status is out of range"),
    (
        b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n",
        "it switches to another protocol, which nobody asked",
    ),
    (OK + b"X: " + b"y" * 300_000, "a line of it has no end"),
    (CHUNKED + b"5;" + b"y" * 300_000, "a line of it has no end"),
]


def sentence_of(serve, answer, *secrets):
    def handler(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        connection.sendall(answer)
        connection.recv(1)

    port = serve(handler).port

    async def main():
        recorder = Recorder(Kind.HTTP, masker=Masker(secrets))
        async with HttpClient(HttpSettings(timeout=5)) as client:
            with pytest.raises(NetworkFault) as caught:
                await client.request("GET", f"http://127.0.0.1:{port}/", [], recorder=recorder)
        return caught.value.sentence

    return asyncio.run(main())


@pytest.mark.parametrize(("answer", "said"), ANSWERS, ids=range(len(ANSWERS)))
def test_what_is_wrong_is_said_plainly(serve, answer, said):
    sentence = sentence_of(serve, answer)
    assert f"did not answer in proper HTTP: {said}" in sentence
    assert sentence.endswith(".")
    for word in ("bytearray", "b'", "_SWITCH", "Response", "event", "\\r"):
        assert word not in sentence


def test_a_secret_in_it_does_not_show(serve):
    sentence = sentence_of(serve, CHUNKED + b"s3cret-k3y\r\n", "s3cret-k3y")
    assert "s3cret" not in sentence
    assert "does not say how long it is" in sentence
