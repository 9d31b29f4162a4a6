"""Real servers on loopback, each connection in a thread of its own, and a CA of our own."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from mailgui.net.stream import Endpoint
from mailgui.transcript import Kind, Recorder

Handler = Callable[[socket.socket], None]


class LoopbackServer:
    """Accepts connections and gives each to ``handler``; faults of TLS and sockets end it quietly.

    ``handshaken`` counts completed handshakes, ``errors`` holds what ended the others.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._handler = handler
        self._tls = tls
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self.endpoint = Endpoint(*self._listener.getsockname()[:2])
        self.port = self.endpoint.port
        self.accepted = 0
        self.errors: list[Exception] = []
        self._threads[0].start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            mirror = connection.dup()
            self._open.append(mirror)
            thread = threading.Thread(target=self._serve, args=(connection, mirror))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, mirror: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._handler(connection)
        except OSError as error:  # ssl.SSLError is one
            self.errors.append(error)
        finally:
            connection.close()
            mirror.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., LoopbackServer]]:
    """Start a server: ``serve(handler, tls=None, host="127.0.0.1")``."""
    servers: list[LoopbackServer] = []

    def start(
        handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> LoopbackServer:
        servers.append(LoopbackServer(handler, tls, host))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def server_tls(ca: trustme.CA) -> ssl.SSLContext:
    """A server's context with a good certificate for localhost, 127.0.0.1 and ::1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(Kind.SMTP)


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that refuses: bound, so nobody else gets it, but never listening."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path is short enough for a UNIX socket."""
    return tmp_path_factory.mktemp("s")
