"""What only the handshake's own messages tell: by which key exchange both sides agreed on a key.

OpenSSL knows it and Python does not ask it. The server's side of it travels unencrypted: in the
ServerHello of TLS 1.3 (RFC 8446, sections 4.1.3 and 4.2.8), in the ServerKeyExchange of older
versions (RFC 8422, section 5.4).
"""

_HANDSHAKE = 22
_SERVER_HELLO, _SERVER_KEY_EXCHANGE = 2, 12
_KEY_SHARE = 51
_NAMED_CURVE = 3
_MOST = 64 * 1024  # octets that are looked at; certificates may fill some ten thousand

# IANA, TLS Supported Groups.
_GROUPS = {
    0x0017: "secp256r1",
    0x0018: "secp384r1",
    0x0019: "secp521r1",
    0x001A: "brainpoolP256r1",
    0x001B: "brainpoolP384r1",
    0x001C: "brainpoolP512r1",
    0x001D: "X25519",
    0x001E: "X448",
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x0103: "ffdhe6144",
    0x0104: "ffdhe8192",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    0x11EB: "SecP256r1MLKEM768",
    0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
}


class HelloReader:
    """Is fed what the server sends during a handshake, and remembers the key exchange.

    It never raises: what it cannot read it leaves alone.
    """

    def __init__(self) -> None:
        self._octets = b""

    def feed(self, octets: bytes) -> None:
        """Take octets as they came from the server."""
        if len(self._octets) < _MOST:
            self._octets += octets

    def key_exchange(self, cipher: str) -> str | None:
        """Return the key exchange by name, such as ``X25519`` or ``ECDHE secp256r1``.

        ``cipher`` is OpenSSL's name of the cipher suite, which tells the rest up to TLS 1.2.
        """
        for kind, body in _messages(self._octets):
            try:
                group = _group(kind, body)
            except IndexError:
                return None
            if group is not None:
                prefix = "" if kind == _SERVER_HELLO else "ECDHE "
                return prefix + _GROUPS.get(group, f"group 0x{group:04x}")
        if cipher.startswith("TLS_"):
            return None  # TLS 1.3 by a pre-shared key alone
        if cipher.startswith("DHE-"):
            return "DHE"
        return None if cipher.startswith("ECDHE-") else "RSA, without forward secrecy"


def _messages(octets: bytes) -> list[tuple[int, bytes]]:
    """Return the plaintext handshake messages: their kinds and bodies."""
    stream = b""
    at = 0
    while at + 5 <= len(octets) and octets[at] == _HANDSHAKE:
        length = int.from_bytes(octets[at + 3 : at + 5], "big")
        stream += octets[at + 5 : at + 5 + length]
        at += 5 + length
    found = []
    at = 0
    while at + 4 <= len(stream):
        length = int.from_bytes(stream[at + 1 : at + 4], "big")
        if at + 4 + length > len(stream):
            break
        found.append((stream[at], stream[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def _group(kind: int, body: bytes) -> int | None:
    if kind == _SERVER_KEY_EXCHANGE:
        return int.from_bytes(body[1:3], "big") if body[0] == _NAMED_CURVE else None
    if kind != _SERVER_HELLO:
        return None
    at = 2 + 32  # version and random
    at += 1 + body[at]  # session id
    at += 2 + 1  # cipher suite, compression
    at += 2  # length of the extensions
    while at + 4 <= len(body):
        number, length = (int.from_bytes(body[at + n : at + n + 2], "big") for n in (0, 2))
        if number == _KEY_SHARE and length >= 2:
            return int.from_bytes(body[at + 4 : at + 6], "big")
        at += 4 + length
    return None
