"""The embedded servers against a program of this machine that means them ill."""

import base64
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable

import pytest

from mailgui.sandbox import budget, http_server
from mailgui.sandbox.mailbox import summarise_headers
from mailgui.sandbox.sandbox import Sandbox
from tests.support.effort import bounded_effort

Drive = Callable[..., None]
BODY = {"from": "a@b.example", "to": ["c@d.example"], "subject": "s", "text": "t"}


def connect(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection((sandbox.http.host, sandbox.http.port), timeout=20)


def head(sandbox: Sandbox, path: str, kind: str, length: int, *more: str) -> bytes:
    pair = base64.b64encode(f"api:{sandbox.api_key}".encode()).decode()
    key = f"Basic {pair}" if path.startswith("/mailgun") else f"Bearer {sandbox.api_key}"
    lines = [f"POST {path} HTTP/1.1", f"Host: {sandbox.http}", f"Authorization: {key}"]
    lines += [f"Content-Type: {kind}", f"Content-Length: {length}", "Connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def call(
    sandbox: Sandbox, path: str, content: bytes, kind: str = "application/json", *more: str
) -> tuple[int, bytes]:
    with connect(sandbox) as connection, connection.makefile("rb") as answer:
        connection.sendall(head(sandbox, path, kind, len(content), *more) + content)
        octets = answer.read()
    return int(octets.split()[1]), octets.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "address", ["(" * 100_000 + "a@b.example", "a:" * 100_000, "a@b.example," * 100_000]
)
@pytest.mark.parametrize("name", ["from", "to"])
def test_addresses_that_go_on(drive: Drive, name: str, address: str) -> None:
    def work(sandbox: Sandbox) -> None:
        value = [address] if name == "to" else address
        status, body = call(sandbox, "/resend/emails", json.dumps(BODY | {name: value}).encode())
        assert status == 422
        assert json.loads(body)["name"]

    drive(work)


def test_a_form_of_parts_without_end(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        content = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n" * 100_000
        status, body = call(
            sandbox, "/mailgun/v3/x.example/messages", content, "multipart/form-data; boundary=b"
        )
        assert status == 400
        assert b"could not be read" in body

    with bounded_effort():
        drive(work)


def test_two_origins_are_none(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        own = f"Origin: http://{sandbox.http}"
        evil = "Origin: https://evil.example"
        content = json.dumps(BODY).encode()
        for lines in (
            (own, evil),
            (evil, own),
            ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none"),
        ):
            assert call(sandbox, "/resend/emails", content, "application/json", *lines)[0] == 403
        assert not sandbox.mailbox.list()

    drive(work)


def test_connections_without_number(drive: Drive) -> None:
    """Only so many are held at once; when they are gone, there is room again."""

    def work(sandbox: Sandbox) -> None:
        with contextlib.ExitStack() as held:
            for _ in range(http_server.MAX_CONNECTIONS + 50):
                held.enter_context(connect(sandbox))
            extra = held.enter_context(connect(sandbox))
            assert extra.recv(1) == b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, IndexError):
                if call(sandbox, "/resend/emails", json.dumps(BODY).encode())[0] == 200:
                    return
        pytest.fail("There was no room again.")

    drive(work)


def test_bodies_share_one_bound(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many clients that send big messages at once do not fill the memory."""
    monkeypatch.setattr(budget, "MAX_WAITING", 300_000)
    waiting, take = threading.Event(), budget.Share.take

    def watched(share: budget.Share, octets: int) -> bool:
        taken = take(share, octets)
        if share._held >= 200_000:
            waiting.set()
        return taken

    monkeypatch.setattr(budget.Share, "take", watched)

    def work(sandbox: Sandbox) -> None:
        small = json.dumps(BODY).encode()
        with connect(sandbox) as first:
            first.sendall(head(sandbox, "/resend/emails", "application/json", 200_001))
            first.sendall(b" " * 200_000)
            assert waiting.wait(20)
            smtp = socket.create_connection((sandbox.smtp.host, sandbox.smtp.port), timeout=20)
            with smtp, smtp.makefile("rb") as replies:
                replies.readline()
                smtp.sendall(
                    b"HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
                )
                for _ in range(4):
                    replies.readline()
                smtp.sendall(b"x\r\n" * 100_000 + b".\r\n")
                assert replies.readline().startswith(b"452 4.3.1")
                smtp.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
                for _ in range(3):
                    replies.readline()
                smtp.sendall(b"x\r\n.\r\n")
                assert replies.readline().startswith(b"250")
            assert call(sandbox, "/resend/emails", b" " * 200_000 + small)[0] == 503
            assert call(sandbox, "/resend/emails", small)[0] == 200
            first.sendall(b"1")
            assert b" 422 " in first.recv(65536)
        assert call(sandbox, "/resend/emails", b" " * 200_000 + small)[0] == 200

    drive(work)


@pytest.mark.parametrize("unit", ["=?", "=?a?q?", "=?utf-8?b?=?=", "=?utf-8?q?a?= ", "é"])
def test_summaries_of_headers_that_cost(unit: str) -> None:
    with bounded_effort():
        summarise_headers(f"Subject: {unit * (64_000 // len(unit))}\r\n\r\n".encode())
