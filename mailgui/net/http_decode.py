"""Undoing an answer's compression, never beyond a bound."""

import zlib

from mailgui.net.errors import NetworkFault
from mailgui.transcript import Stage

_GZIP = 16 + zlib.MAX_WBITS


def _has_zlib_header(octets: bytes) -> bool:
    """Tell zlib's wrapper (RFC 1950, section 2.2) from bare deflate, which some servers send."""
    return octets[0] & 0x0F == 8 and int.from_bytes(octets[:2], "big") % 31 == 0


class BodyDecoder:
    """Takes a body in pieces and gives it back decoded.

    ``encoding`` is the Content-Encoding header; one that is not known here leaves the body as it
    is (``unknown``). ``limit`` bounds the octets before and after decoding. ``peer`` names the
    server in sentences.
    """

    def __init__(self, encoding: str, limit: int, peer: str) -> None:
        self._encoding = encoding.strip().lower()
        self._limit = limit
        self._peer = peer
        self._decoded = bytearray()
        self._taken = 0
        self._head: bytes | None = b""  # of deflate, until it shows which kind it is
        self._inflater = self._new_inflater()
        self.unknown = self._inflater is None and self._encoding not in ("", "identity")

    def feed(self, chunk: bytes) -> None:
        """Take one more piece. Raises NetworkFault: too large, or not what it says it is."""
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise self._too_large()
        if self._inflater is None:
            self._decoded += chunk
            return
        try:
            self._inflate(chunk)
        except zlib.error:
            sentence = f"The answer of {self._peer} is not compressed as it says it is."
            raise NetworkFault(Stage.RECEIVE, "http_encoding", sentence) from None

    def finish(self) -> bytes:
        """Return the whole body. Raises NetworkFault if the compression ends too early."""
        if self._inflater is not None and self._taken and not self._inflater.eof:
            sentence = f"The compressed answer of {self._peer} ends too early."
            raise NetworkFault(Stage.RECEIVE, "http_truncated", sentence)
        return bytes(self._decoded)

    def _new_inflater(self) -> "zlib._Decompress | None":
        if self._encoding in ("gzip", "x-gzip"):
            return zlib.decompressobj(_GZIP)
        if self._encoding == "deflate":
            return zlib.decompressobj()
        return None

    def _inflate(self, chunk: bytes) -> None:
        if self._encoding == "deflate" and self._head is not None:
            self._head += chunk
            if len(self._head) < 2:
                return
            chunk, self._head = self._head, None
            if not _has_zlib_header(chunk):
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        while chunk and self._inflater is not None:
            room = self._limit - len(self._decoded)
            self._decoded += self._inflater.decompress(chunk, room + 1)
            if len(self._decoded) > self._limit:
                raise self._too_large()
            chunk = self._inflater.unused_data
            if not chunk or self._encoding == "deflate":
                return
            self._inflater = self._new_inflater()  # a gzip body may have several members

    def _too_large(self) -> NetworkFault:
        sentence = f"The answer of {self._peer} is larger than {self._limit:,} octets."
        return NetworkFault(Stage.RECEIVE, "http_too_large", sentence)
