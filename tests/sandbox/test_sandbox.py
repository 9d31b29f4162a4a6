import asyncio
import contextlib
import gc
import socket
import stat
import threading
from collections.abc import Callable

import pytest

from mailgui.sandbox.mailbox import Mailbox
from mailgui.sandbox.sandbox import Sandbox, SandboxStopped

Drive = Callable[..., None]


def test_it_starts_once_and_again() -> None:
    async def main() -> None:
        sandbox = Sandbox()
        assert not sandbox.running
        await asyncio.gather(*(sandbox.start() for _ in range(5)))
        first = (sandbox.smtp, sandbox.http, sandbox.dns, sandbox.password, sandbox.api_key)
        await sandbox.start("127.0.0.1:1")
        assert (sandbox.smtp, sandbox.http, sandbox.dns) == first[:3]
        ca = sandbox.ca_pem_path
        assert stat.S_IMODE(ca.stat().st_mode) == 0o600
        assert ca.read_text().startswith("-----BEGIN CERTIFICATE-----")
        await sandbox.stop()
        await sandbox.stop()
        assert not ca.parent.exists()
        await sandbox.start()
        assert sandbox.password not in first
        assert sandbox.api_key not in first
        await sandbox.stop()

    asyncio.run(main())


def test_it_belongs_to_no_loop_while_it_is_stopped() -> None:
    sandbox = Sandbox()

    async def once() -> None:
        await asyncio.gather(sandbox.start(), sandbox.start())
        await sandbox.stop()

    asyncio.run(once())
    asyncio.run(once())


def test_what_only_a_running_one_has() -> None:
    sandbox = Sandbox()
    for name in ("smtp", "http", "dns", "ca_pem_path"):
        with pytest.raises(SandboxStopped, match="start it first"):
            getattr(sandbox, name)
    assert (sandbox.username, sandbox.password, sandbox.api_key) == ("sandbox-user", "", "")
    assert repr(sandbox) == "<Sandbox stopped>"


def test_no_repr_shows_a_secret(drive: Drive) -> None:
    def work(sandbox: Sandbox) -> None:
        assert repr(sandbox) == "<Sandbox running>"
        assert sandbox._smtp is not None
        assert sandbox.password not in repr(sandbox._smtp._handler._account)

    drive(work)


def test_chosen_addresses() -> None:
    async def main() -> None:
        sandbox = Sandbox()
        await sandbox.start(smtp="127.0.0.2:0", http="[::1]:0", dns="localhost:0")
        assert (sandbox.smtp.host, sandbox.http.host, sandbox.dns.host) == (
            "127.0.0.2",
            "::1",
            "127.0.0.1",
        )
        assert sandbox.base_url("resend") == f"http://[::1]:{sandbox.http.port}/resend"
        await sandbox.stop()

    asyncio.run(main())


@pytest.mark.parametrize("which", ["smtp", "http", "dns"])
def test_addresses_open_to_a_network_are_refused(which: str) -> None:
    async def main() -> None:
        sandbox = Sandbox()
        with pytest.raises(ValueError, match="this machine only"):
            await sandbox.start(**{which: "0.0.0.0:0"})
        assert not sandbox.running

    asyncio.run(main())


@pytest.mark.parametrize("which", ["smtp", "http", "dns"])
def test_a_taken_port_leaves_nothing_running(which: str) -> None:
    async def main() -> None:
        sandbox = Sandbox()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(OSError, match="in use"):
                await sandbox.start(**{which: f"127.0.0.1:{port}"})
            assert not sandbox.running
            assert asyncio.all_tasks() == {asyncio.current_task()}
        await sandbox.start(**{which: f"127.0.0.1:{port}"})
        assert getattr(sandbox, which).port == port
        await sandbox.stop()
        gc.collect()

    asyncio.run(main())


def test_cancelling_a_start_leaves_nothing_running() -> None:
    async def main() -> None:
        for turns in range(6):
            sandbox = Sandbox()
            task = asyncio.ensure_future(sandbox.start())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
            assert not sandbox.running
        gc.collect()

    asyncio.run(main())


def test_it_stops_in_the_middle_of_anything(drive: Drive) -> None:
    """Connections in every state, and answers that would take an hour, do not hold it up."""
    clients: list[socket.socket] = []

    def work(sandbox: Sandbox) -> None:
        hello = b"EHLO x\r\nMAIL FROM:<a@x.example>\r\n"
        talk: list[tuple[object, bytes]] = [
            (sandbox.smtp, b""),
            (sandbox.smtp, hello),
            (sandbox.smtp, hello + b"RCPT TO:<slow@x.example>\r\n"),
            (sandbox.smtp, hello + b"RCPT TO:<b@x.example>\r\nDATA\r\nhalf"),
            (sandbox.smtp, b"EHLO x\r\nSTARTTLS\r\n"),
            (sandbox.smtp, b"EHLO x\r\nAUTH LOGIN\r\n"),
            (sandbox.http, b""),
            (sandbox.http, b"POST /emails HT"),
            (sandbox.http, _request(sandbox, b'{"half', 100)),
            (sandbox.http, _request(sandbox, _slow_body())),
            (sandbox.dns, b""),
            (sandbox.dns, b"\0\x40half"),
        ]
        for endpoint, octets in talk:
            client = socket.create_connection((endpoint.host, endpoint.port), timeout=20)  # type: ignore[attr-defined]
            client.sendall(octets)
            clients.append(client)
            if endpoint is sandbox.smtp:
                assert client.recv(100)

    try:
        drive(work, delay=3600)
    finally:
        for client in clients:
            with client, contextlib.suppress(ConnectionError):
                while client.recv(1000):
                    pass


def _slow_body() -> bytes:
    return b'{"from":"a@x.example","to":"slow@x.example","subject":"s","text":"x"}'


def _request(sandbox: Sandbox, body: bytes, length: int | None = None) -> bytes:
    head = (
        f"POST /emails HTTP/1.1\r\nHost: {sandbox.http}\r\n"
        f"Authorization: Bearer {sandbox.api_key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length or len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_the_mailbox_outlives_a_stop(drive: Drive) -> None:
    mailbox = Mailbox()
    assert Sandbox(mailbox=mailbox).mailbox is mailbox


def test_no_thread_stays(drive: Drive) -> None:
    before = {thread.name for thread in threading.enumerate()}
    drive(lambda _: None)
    assert {thread.name for thread in threading.enumerate()} <= before
