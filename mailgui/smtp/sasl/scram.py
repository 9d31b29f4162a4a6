"""SCRAM (RFC 5802, 7677): both sides prove that they know the password, and it does not travel.

The -PLUS forms also bind the proof to the TLS connection (RFC 5929), so that nobody in between
can pass it on.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import ClassVar

from mailgui.smtp.sasl.base import Credentials, Mechanism, SaslFault
from mailgui.smtp.sasl.saslprep import saslprep

MAX_ITERATIONS = 2_000_000  # more would let a server keep this machine busy for seconds


class Scram(Mechanism):
    """One SCRAM exchange. ``binding_offered``: the server lists the -PLUS form too."""

    hash_name: ClassVar[str]
    plus: ClassVar[bool] = False
    busy = True

    def __init__(
        self,
        credentials: Credentials,
        *,
        binding_offered: bool = False,
        make_nonce: Callable[[], str] = lambda: secrets.token_urlsafe(24),
    ) -> None:
        super().__init__(credentials)
        self._gs2 = self._gs2_header(binding_offered)
        self._nonce = make_nonce()
        username = saslprep(credentials.username, "user name")
        escaped = username.replace("=", "=3D").replace(",", "=2C")
        self._first_bare = f"n={escaped},r={self._nonce}".encode()
        self._server_signature: bytes | None = None
        self._proven = False

    def initial(self) -> bytes:
        return self._gs2 + self._first_bare

    def respond(self, challenge: bytes) -> bytes:
        if self._server_signature is None:
            return self._final(challenge)
        if self._proven:
            raise SaslFault("auth_endless", f"The server kept asking after {self.name} was over.")
        self._check_server(challenge)
        return b""

    def objection(self) -> SaslFault | None:
        if self._proven:
            return None
        return SaslFault(
            "scram_server_unproven",
            f"The server said yes to {self.name} without proving that it knows the password; it "
            "may not be the server it claims to be.",
        )

    def _gs2_header(self, binding_offered: bool) -> bytes:
        if self.plus:
            if self.credentials.binding is None:
                raise SaslFault(
                    "channel_binding_unavailable",
                    f"{self.name} needs channel binding, which this connection cannot give; "
                    "choose it over TLS, or take the form without -PLUS.",
                )
            return f"p={self.credentials.binding_type},,".encode()
        # "y": this side could bind and saw no -PLUS; a server that does offer it learns that
        # someone in between took it off the list.
        can_bind = self.credentials.binding is not None and not binding_offered
        return b"y,," if can_bind else b"n,,"

    def _final(self, challenge: bytes) -> bytes:
        fields = _fields(challenge)
        nonce = fields.get(b"r", b"")
        if b"m" in fields or not nonce.startswith(self._nonce.encode()):
            raise SaslFault(
                "scram_malformed", f"The server's answer in {self.name} does not fit the question."
            )
        salt, iterations = _salt_and_iterations(fields, self.name)
        password = saslprep(self.credentials.secret).encode()
        salted = hashlib.pbkdf2_hmac(self.hash_name, password, salt, iterations)
        bound = self._gs2 + (self.credentials.binding or b"" if self.plus else b"")
        without_proof = b"c=%s,r=%s" % (base64.b64encode(bound), nonce)
        auth_message = b",".join((self._first_bare, challenge, without_proof))

        client_key = self._hmac(salted, b"Client Key")
        stored_key = hashlib.new(self.hash_name, client_key).digest()
        signature = self._hmac(stored_key, auth_message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._server_signature = self._hmac(self._hmac(salted, b"Server Key"), auth_message)
        encoded = base64.b64encode(proof)
        answer = b"%s,p=%s" % (without_proof, encoded)
        self.secrets += [password, salted, client_key, proof, encoded, answer]
        return answer

    def _check_server(self, challenge: bytes) -> None:
        fields = _fields(challenge)
        if b"e" in fields:
            # Section 5.1: the server says what is wrong; its refusal follows the empty answer.
            self.diagnosis = fields[b"e"].decode("ascii", "backslashreplace")
            return
        try:
            signature = base64.b64decode(fields.get(b"v", b""), validate=True)
        except binascii.Error:
            signature = b""
        if not hmac.compare_digest(signature, self._server_signature or b""):
            raise SaslFault(
                "scram_server_wrong",
                "The server could not prove that it knows the password: it is not the server it "
                "claims to be, or keeps another password.",
            )
        self._proven = True

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self.hash_name).digest()


class ScramSha1(Scram):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = "SCRAM-SHA-1"
    hash_name = "sha1"


class ScramSha1Plus(ScramSha1):
    """SCRAM-SHA-1 bound to the TLS connection."""

    name = "SCRAM-SHA-1-PLUS"
    plus = True


class ScramSha256(Scram):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = "SCRAM-SHA-256"
    hash_name = "sha256"


class ScramSha256Plus(ScramSha256):
    """SCRAM-SHA-256 bound to the TLS connection."""

    name = "SCRAM-SHA-256-PLUS"
    plus = True


def _fields(message: bytes) -> dict[bytes, bytes]:
    pairs = (part.partition(b"=") for part in message.split(b","))
    return {name: value for name, equals, value in pairs if equals}


def _salt_and_iterations(fields: dict[bytes, bytes], name: str) -> tuple[bytes, int]:
    count = fields.get(b"i", b"")
    try:
        salt = base64.b64decode(fields[b"s"], validate=True)
        iterations = int(count[:12]) if count.isdigit() else 0
    except (KeyError, binascii.Error):
        salt, iterations = b"", 0
    if not salt or iterations < 1:
        raise SaslFault("scram_malformed", f"The server's answer in {name} cannot be read.")
    if iterations > MAX_ITERATIONS:
        raise SaslFault(
            "scram_too_costly",
            f"The server asks for {iterations:,} rounds of hashing, more than MailGUI will do.",
        )
    return salt, iterations
