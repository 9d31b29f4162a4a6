"""An HTTPS server on loopback that serves files from memory, in a thread of its own."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class File(NamedTuple):
    """What is served under one path."""

    body: bytes
    media_type: str = "text/plain"
    status: int = 200
    location: str = ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    files: Mapping[str, File] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is no fault of the test's."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        file = server.files.get(self.path, File(b"", status=404))
        self.send_response(file.status)
        self.send_header("Content-Type", file.media_type)
        if file.location:
            self.send_header("Location", file.location)
        self.send_header("Content-Length", str(len(file.body)))
        self.end_headers()
        self.wfile.write(file.body)

    def log_message(self, *args: object) -> None: ...  # type: ignore[override]


@contextmanager
def https_files(files: Mapping[str, File], certificate: str, key: str) -> Iterator[int]:
    """Serve ``files`` by their paths; yield the port on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.files = files
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
