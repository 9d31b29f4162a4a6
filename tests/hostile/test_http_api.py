"""An e-mail API that misbehaves: a clear end within bounds, and no key anywhere in what is left."""

import asyncio
import gzip
import json

import pytest

from mailgui.api.settings import ApiSettings
from mailgui.jobs.accounts import Account
from mailgui.jobs.send import send_by_api
from mailgui.message.draft import Address, Draft
from mailgui.transcript import Outcome
from mailgui.transcript.codec import encode
from mailgui.transcript.export_har import to_har

KEY = "re_CANARY_0123456789"
DRAFT = Draft(
    sender=Address("a@good.example"), to=(Address("b@good.example"),), subject="Hi", text="Hello"
)
OK = b'{"id":"1"}'


def answer(status, body, *headers, length=None, kind="application/json"):
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {size}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def drip(writer, _key):
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
    )
    while True:  # an octet at a time, for ever
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def echo(writer, key):
    body = json.dumps({"statusCode": 401, "name": "invalid_api_key", "message": f"Bad {key}"})
    writer.write(answer(401, body.encode(), f"X-Echo: {key}"))


def send(octets, *, timeout=1.0):
    """Send to a server that gives these octets, or does as the function says."""
    reached = []

    async def elsewhere(reader, writer):
        reached.append(await reader.read(65536))
        writer.close()

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        try:
            if callable(octets):
                await octets(writer, KEY)
            else:
                writer.write(octets.replace(b"{elsewhere}", f"127.0.0.1:{other}".encode()))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def main():
        nonlocal other
        second = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        other = second.sockets[0].getsockname()[1]
        port = server.sockets[0].getsockname()[1]
        settings = ApiSettings("resend", base_url=f"http://127.0.0.1:{port}", timeout=timeout)
        try:
            return await send_by_api(Account("Here", settings, {"key": KEY}), DRAFT)
        finally:
            server.close()
            second.close()

    other = 0
    return asyncio.run(main()), reached


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
CASES = {
    "truncated body": (answer(200, OK, length=500), "unknown", "before the answer was complete"),
    "body longer than it says": (answer(200, OK + b"surplus", length=len(OK)), "accepted", ""),
    "length that is none": (answer(200, OK, length="many"), "unknown", "proper HTTP"),
    "two lengths": (answer(200, OK, "Content-Length: 3"), "unknown", "proper HTTP"),
    "gzip bomb": (
        answer(200, gzip.compress(bytes(64 << 20)), "Content-Encoding: gzip"),
        "unknown",
        "larger than",
    ),
    "gzip that is none": (answer(200, OK, "Content-Encoding: gzip"), "unknown", ""),
    "redirect to another host": (
        answer(307, b"", "Location: http://{elsewhere}/steal"),
        "failed",
        "not followed",
    ),
    "slow drip": (drip, "unknown", "had not ended after"),
    "invalid UTF-8": (answer(200, b'{"id":"\xff\xfe"}'), "unknown", "not UTF-8"),
    "huge header": (
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        "unknown",
        "",
    ),
    "endless headers": (
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000,
        "unknown",
        "",
    ),
    "HTML error page": (answer(502, PAGE, kind="text/html"), "unknown", "HTML page"),
    "HTML in a 200": (answer(200, PAGE, kind="text/html"), "failed", "not its API"),
    "deep JSON": (answer(200, DEEP), "unknown", "nested too deeply"),
    "empty answer": (b"", "unknown", "without an answer"),
    "not HTTP": (b"220 mail.example ESMTP\r\n", "unknown", "not in HTTP"),
    "status that is none": (b"HTTP/1.1 999999 X\r\n\r\n", "unknown", ""),
    "control characters": (
        answer(422, b'{"name":"validation_error","message":"\\u001b[31mred\\u0007"}'),
        "refused",
        "refused",
    ),
    "the key echoed": (echo, "refused", "refused the API key"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_ends_clearly_and_nothing_is_told_on(name):
    octets, outcome, words = CASES[name]
    report, reached = send(octets)
    transcript = report.transcript
    assert transcript.outcome is Outcome(outcome), transcript.summary
    assert words in transcript.summary
    assert transcript.summary.isprintable()
    assert len(transcript.summary) < 600
    assert reached == []
    left = encode(transcript).decode("utf-8", "replace") + json.dumps(to_har(transcript))
    left += json.dumps(report.to_json_dict()) + repr(report)
    assert KEY not in left


def test_what_is_kept_of_an_endless_answer_is_bounded():
    report, _ = send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (40 << 20))
    assert "larger than" in report.transcript.summary
    assert len(encode(report.transcript)) < 1 << 20
