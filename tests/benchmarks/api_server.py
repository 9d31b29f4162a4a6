"""An e-mail API that answers at once, in a process of its own: its speed is nobody's but its own.

``python -m tests.benchmarks.api_server FOLDER``: plain HTTP/1.1 in a few lines of asyncio, and
HTTP/2 over TLS by Hypercorn, whose CA is left in FOLDER. Prints both ports on one line.
"""

import asyncio
import json
import re
import sys
from pathlib import Path

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config, Sockets

_ONE = b'{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}'
_HEADERS = (
    (b"content-type", b"application/json"),
    (b"ratelimit-limit", b"2"),
    (b"ratelimit-remaining", b"1"),
    (b"ratelimit-reset", b"1"),
)
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")


def answer_to(path: bytes, body: bytes) -> bytes:
    """Return the answer: one id for a message, one for each of a batch."""
    if not path.endswith(b"/batch"):
        return _ONE
    return json.dumps({"data": [{"id": str(n)} for n, _ in enumerate(json.loads(body))]}).encode()


class Plain(asyncio.Protocol):
    """HTTP/1.1 as far as the contenders speak it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head = self._pending[:end]
            whole = end + 4 + int(_LENGTH.search(head)[1])
            if len(self._pending) < whole:
                return
            body, self._pending = self._pending[end + 4 : whole], self._pending[whole:]
            answer = answer_to(head.split(b" ")[1], body)
            lines = [b"HTTP/1.1 200 OK", *(b": ".join(pair) for pair in _HEADERS)]
            lines += [b"content-length: %d" % len(answer), b"", answer]
            self._transport.write(b"\r\n".join(lines))


async def app(scope, receive, send) -> None:
    """The same as an ASGI application."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answer = answer_to(scope["path"].encode(), body)
    headers = [*_HEADERS, (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def main(folder: Path) -> None:
    """Serve until killed."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    config = Config()
    config.bind = ["localhost:0"]
    config.certfile, config.keyfile = str(folder / "cert.pem"), str(folder / "key.pem")
    config.alpn_protocols = ["h2", "http/1.1"]
    config.accesslog = config.errorlog = None
    config.keep_alive_max_requests = 1_000_000
    sockets = config.create_sockets()
    config.create_sockets = lambda: Sockets(sockets.secure_sockets, [], [])
    plain = await asyncio.get_running_loop().create_server(Plain, "127.0.0.1", 0)
    ports = plain.sockets[0].getsockname()[1], sockets.secure_sockets[0].getsockname()[1]
    sys.stdout.write(f"{ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await serve(app, config)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
